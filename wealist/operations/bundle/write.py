"""Writes the bundle of one service, and says how it is deployed.

spec/environments/prod.py → contents → archive → .wealist/bundles/wealist-prod-user-service.zip
                                                    └─► aws s3 cp → aws deploy create-deployment → wait
"""

import hashlib
import os
import re
import shlex
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from wealist.operations.bundle.archive import pack
from wealist.operations.bundle.contents import contents
from wealist.operations.environment import named
from wealist.operations.errors import BAD_INPUT, OperatorError, unknown
from wealist.operations.project import WORK
from wealist.spec.account import REGION
from wealist.spec.environment import Environment
from wealist.spec.services import Service

LATEST: Final = "latest"
_TAG: Final = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"
"""https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html#ECR-PutImage-request-imageTag"""
_DIGEST_LENGTH: Final = 12


class Bundle(NamedTuple):
    """A bundle as written.

    Attributes:
        path: the zip.
        commands: a shell script that uploads it, deploys it, and waits; it fails where the deployment does.
    """

    path: Path
    commands: str


def write_bundle(environment: str, service: str, *, image_tag: str = LATEST, out: Path | None = None) -> Bundle:
    """Writes the bundle of a service, in place of an earlier one.

    Args:
        environment: the name of an environment, such as `prod`.
        service: the full name of one of its services, such as `user-service`.
        image_tag: of the image in the service's repository.
        out: the zip; without it, a file below `.wealist/bundles`.

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
    path = out or WORK / "bundles" / f"{config.names(found.full_name)}.zip"
    _replace(path, packed)
    key = f"{found.full_name}/{image_tag}-{hashlib.sha256(packed).hexdigest()[:_DIGEST_LENGTH]}.zip"
    return Bundle(path, _commands(config, found, path, key))


def _service(config: Environment, name: str) -> Service:
    known = {service.full_name: service for service in config.services}
    if name not in known:
        raise unknown("service", name, known)
    return known[name]


def _replace(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        remedy = "name another file with --out"
        raise OperatorError(f"cannot write {path}: {error.strerror}", remedy=remedy, exit_code=BAD_INPUT) from error


def _commands(config: Environment, service: Service, path: Path, key: str) -> str:
    """The deployment, as `aws deploy push` and the console would do it, with GitHub's or an operator's rights."""
    names = config.names
    bucket = names.codedeploy_artifacts_bucket
    application = names(service.full_name)
    group = names(f"{service.full_name}-group")
    return f"""\
# {service.full_name} of {config.name}: uploads the bundle, deploys it, and waits.
set -eu
export AWS_REGION={REGION} AWS_DEFAULT_REGION={REGION}
aws s3 cp {shlex.quote(str(path))} s3://{bucket}/{key}
# A version whose ApplicationStop is broken must not keep the next one away: BeforeInstall stops it as well.
deployment=$(aws deploy create-deployment \\
  --application-name {application} \\
  --deployment-group-name {group} \\
  --s3-location bucket={bucket},key={key},bundleType=zip \\
  --ignore-application-stop-failures \\
  --query deploymentId --output text)
echo "deployment $deployment"
if ! aws deploy wait deployment-successful --deployment-id "$deployment"; then
  aws deploy get-deployment --deployment-id "$deployment" \\
    --query 'deploymentInfo.[status, errorInformation.code, errorInformation.message]' --output text >&2
  exit 1
fi
"""
