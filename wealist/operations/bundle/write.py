"""Write the bundle of one service, and the shell commands that deploy it.

spec/environments/prod.py → contents → pack → .wealist/bundles/wealist-prod-user-service-v42-0123456789ab.zip
                     SHA-256 unchanged? ─► templates/deploy.sh: upload, deploy, wait, check the instances
"""

import hashlib
import re
import shlex
from pathlib import Path
from typing import Final, NamedTuple

from wealist.errors import BAD_INPUT, OperatorError, from_os_error, unknown_name
from wealist.files import write_atomically
from wealist.operations.bundle.contents import contents, pack
from wealist.project import WORK, load_environment
from wealist.spec.account import REGION
from wealist.spec.environment import Environment
from wealist.spec.services import Service

LATEST: Final = "latest"
_TAG: Final = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"
"""https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html#ECR-PutImage-request-imageTag"""
_DIGEST_LENGTH: Final = 12
_HEAD, _, _BODY = (Path(__file__).parent / "templates" / "deploy.sh").read_text(encoding="utf-8").partition("set -eu\n")
_TRAFFIC_SECONDS: Final = 300
"""Time for an instance to leave its target group, to become healthy in it again, and to poll CodeDeploy."""


class Bundle(NamedTuple):
    """A written bundle.

    Attributes:
        path: The zip.
        commands: A shell script that uploads and deploys the zip, and waits. It refuses a zip that was changed. Its
            header lists its exit codes.
    """

    path: Path
    commands: str


def write_bundle(environment: str, service: str, *, image_tag: str = LATEST, out: Path | None = None) -> Bundle:
    """Write the bundle of a service.

    Args:
        environment: The environment: `prod`.
        service: The full name of one of its services: `user-service`.
        image_tag: The tag of the image in the service's repository.
        out: The zip to write or replace. Defaults to a file in `.wealist/bundles` that is named after the environment,
            the service, the tag and the content.

    Raises:
        OperatorError: The environment, the service or the tag is invalid, or the file is not writable.
    """
    config = load_environment(environment)
    found = _service(config, service)
    if not re.fullmatch(_TAG, image_tag):
        raise OperatorError(
            f"{image_tag!r} is not a valid image tag",
            remedy="use at most 128 letters, digits and . _ - such as a commit's id",
            exit_code=BAD_INPUT,
        )
    packed = pack(contents(config, found, image_tag))
    digest = hashlib.sha256(packed).hexdigest()
    version = f"{image_tag}-{digest[:_DIGEST_LENGTH]}"
    path = out or WORK / "bundles" / f"{config.names(found.full_name)}-{version}.zip"
    _write(path, packed)
    again = ["python", "-m", "wealist", "bundle", config.name, found.full_name, "--image-tag", image_tag]
    check = _check(path, digest, shlex.join(again + (["--out", str(out)] if out else [])))
    return Bundle(path, _commands(config, found, check, f"{found.full_name}/{version}.zip"))


def _service(config: Environment, name: str) -> Service:
    known = {service.full_name: service for service in config.services}
    if name not in known:
        raise unknown_name("service", name, known)
    return known[name]


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
    except OSError as error:
        message, code = f"cannot write {path}: {error.strerror}", from_os_error(error).exit_code
        raise OperatorError(message, remedy="name another file with --out", exit_code=code) from error


def _check(path: Path, digest: str, again: str) -> str:
    """Return the commands that refuse a changed bundle. They set the variable `bundle` to its path.

    GNU has sha256sum, macOS shasum. Both read stdin, because a file name could change their output.

    Args:
        path: The bundle.
        digest: Its SHA-256 in hexadecimal digits.
        again: The command that wrote it.
    """
    remedy = f"remedy: write the bundle again, and run the commands that this prints: {again}"
    return f"""\
bundle={shlex.quote(str(path))}
digest=$({{ sha256sum || shasum -a 256; }} 2>/dev/null < "$bundle") || digest=
if [ "${{digest%% *}}" != {digest} ]; then
  echo "error: $bundle was changed or removed after it was written; nothing was uploaded" >&2
  echo {shlex.quote(remedy)} >&2
  exit {BAD_INPUT}
fi
"""


def _commands(config: Environment, service: Service, check: str, key: str) -> str:
    """Return the deployment script: the settings of one service, then the part that is the same for all."""
    names = config.names
    values = {
        "region": REGION,
        "bucket": names.codedeploy_artifacts_bucket,
        "key": key,
        "application": names(service.full_name),
        "group": names(f"{service.full_name}-group"),
        # All services: the deployments of an environment run one at a time.
        "applications": " ".join(names(each.full_name) for each in config.services),
        # Blue/green deployments replace the group with copies.
        "scaling_group": names("backend-asg") if config.deployment == "in_place" else "",
        "instance_seconds": str(service.deployment_seconds + _TRAFFIC_SECONDS),
        "longest": str(
            config.backend.max_size * max(each.deployment_seconds + _TRAFFIC_SECONDS for each in config.services)
        ),
    }
    settings = "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items())
    title = f"# {service.full_name} of {config.name}: uploads the bundle, deploys it, and waits.\n"
    return f"{title}{_HEAD}set -eu\n{check}{settings}{_BODY}"
