"""Writes the bundle of one service, and says how it is deployed.

spec/environments/prod.py → contents → archive → .wealist/bundles/wealist-prod-user-service-v42-0123456789ab.zip
                       SHA-256 as written? ─► templates/deploy.sh: upload, deploy, wait, look at the instances
"""

import hashlib
import re
import shlex
from pathlib import Path
from typing import Final, NamedTuple

from wealist.errors import BAD_INPUT, OperatorError, of_system, unknown
from wealist.operations.bundle.archive import pack
from wealist.operations.bundle.contents import contents
from wealist.operations.environment import named
from wealist.project import WORK
from wealist.spec.account import REGION
from wealist.spec.environment import Environment
from wealist.spec.services import Service
from wealist.whole import write_whole

LATEST: Final = "latest"
_TAG: Final = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"
"""https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html#ECR-PutImage-request-imageTag"""
_DIGEST_LENGTH: Final = 12
_HEAD, _, _BODY = (Path(__file__).parent / "templates" / "deploy.sh").read_text(encoding="utf-8").partition("set -eu\n")
_TRAFFIC_SECONDS: Final = 300
"""How long an instance may take to leave its target group, to be healthy in it again, and to ask for its orders."""


class Bundle(NamedTuple):
    """A bundle as written.

    Attributes:
        path: the zip.
        commands: a shell script that uploads it, deploys it, and waits; its head says what its exit codes mean. It
            uploads nothing where the zip is not the one that was written.
    """

    path: Path
    commands: str


def write_bundle(environment: str, service: str, *, image_tag: str = LATEST, out: Path | None = None) -> Bundle:
    """Writes the bundle of a service, beside those of other images and contents.

    Args:
        environment: the name of an environment, such as `prod`.
        service: the full name of one of its services, such as `user-service`.
        image_tag: of the image in the service's repository.
        out: the zip, which replaces an earlier one; without it, a file below `.wealist/bundles` that is named after the
            environment, the service, the tag and the content.

    Raises:
        OperatorError: the environment, the service or the tag cannot be, or the file cannot be written.
    """
    config = named(environment)
    found = _service(config, service)
    if not re.fullmatch(_TAG, image_tag):
        raise OperatorError(
            f"{image_tag!r} is no image tag",
            remedy="give letters, digits and . _ - only, 128 at most, such as a commit's id",
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
        raise unknown("service", name, known)
    return known[name]


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    except OSError as error:
        message, code = f"cannot write {path}: {error.strerror}", of_system(error).exit_code
        raise OperatorError(message, remedy="name another file with --out", exit_code=code) from error


def _check(path: Path, digest: str, again: str) -> str:
    """The commands that refuse any other file than the one that was written: `bundle` is its path from then on.

    GNU has sha256sum, macOS shasum. Both read their input, so that no file name changes what they print.

    Args:
        path: the bundle.
        digest: its SHA-256, in hexadecimal digits.
        again: the command that writes it, and prints these commands.
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
    """The deployment, as an operator or a workflow runs it: what it is of, then the script that is the same for all."""
    names = config.names
    values = {
        "region": REGION,
        "bucket": names.codedeploy_artifacts_bucket,
        "key": key,
        "application": names(service.full_name),
        "group": names(f"{service.full_name}-group"),
        # Of every service: their deployments wait for each other.
        "applications": " ".join(names(each.full_name) for each in config.services),
        # Blue/green deployments move on to copies of it.
        "scaling_group": names("backend-asg") if config.deployment == "in_place" else "",
        "instance_seconds": str(service.deployment_seconds + _TRAFFIC_SECONDS),
        "longest": str(
            config.backend.max_size * max(each.deployment_seconds + _TRAFFIC_SECONDS for each in config.services)
        ),
    }
    settings = "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items())
    title = f"# {service.full_name} of {config.name}: uploads the bundle, deploys it, and waits.\n"
    return f"{title}{_HEAD}set -eu\n{check}{settings}{_BODY}"
