"""Return the IAM actions and resources of an HTTP request to AWS."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs, urlsplit

from tests.integration.between import Request
from wealist.spec.account import ACCOUNT_ID, REGION

_PREFIXES: Final = {"monitoring": "cloudwatch"}
"""Signing name of a service → its prefix in IAM, if they differ."""
_PARAMETER: Final = f"arn:aws:ssm:{REGION}:{ACCOUNT_ID}:parameter"


def authorized(request: Request) -> list[tuple[str, str]]:
    """Return the actions that a request needs, each with its resource, or `*` if policies here name no resource.

    Returns nothing for services with REST protocols, except for deletions in S3.
    """
    service = _PREFIXES.get(request.service, request.service)
    if service == "s3":
        return _of_s3(request)
    target = request.headers.get("X-Amz-Target") or request.headers.get("x-amz-target")
    if target:
        operation = target.rpartition(".")[2]
        return [(f"{service}:{operation}", arn) for arn in _parameters(service, request)]
    form = {name: values[0] for name, values in parse_qs(request.body.decode(errors="replace")).items()}
    return [(f"{service}:{form['Action']}", _of_iam(form) if service == "iam" else "*")] if "Action" in form else []


def _parameters(service: str, request: Request) -> list[str]:
    found = re.findall(r'"(/wealist/[^"]+)"', request.body.decode(errors="replace")) if service == "ssm" else []
    return [f"{_PARAMETER}{each}" for each in found] or ["*"]


def _of_iam(form: Mapping[str, str]) -> str:
    """Return the resource of an IAM call: a profile rather than its role, a role rather than its policy."""
    for name, kind in (("InstanceProfileName", "instance-profile"), ("RoleName", "role")):
        if name in form:
            return f"arn:aws:iam::{ACCOUNT_ID}:{kind}/{form[name]}"
    return form.get("PolicyArn", "*")


def _of_s3(request: Request) -> list[tuple[str, str]]:
    """Return the deletions of objects, single or in bulk, in a request with a path-style URL."""
    place = urlsplit(request.path)
    bucket, _, key = place.path.lstrip("/").partition("/")
    if request.method == "DELETE" and key:
        action = "s3:DeleteObjectVersion" if "versionId" in place.query else "s3:DeleteObject"
        return [(action, f"arn:aws:s3:::{bucket}/{key}")]
    if request.method == "POST" and "delete" in parse_qs(place.query, keep_blank_values=True):
        action = "s3:DeleteObjectVersion" if b"<VersionId>" in request.body else "s3:DeleteObject"
        keys = re.findall(r"<Key>([^<]+)</Key>", request.body.decode())
        return [(action, f"arn:aws:s3:::{bucket}/{each}") for each in keys]
    return []
