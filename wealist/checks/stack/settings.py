"""Where a stack's state lies and which account its providers reach, exactly as `wealist/stacks/factory.py` writes it.

https://developer.hashicorp.com/terraform/language/backend/s3
https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs#argument-reference
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from wealist.checks.finding import Finding
from wealist.model.stack import StackJson
from wealist.spec.account import (
    ACCOUNT_ID,
    CDN_CERTIFICATE_REGION,
    REGION,
    STATE_BUCKET,
    STATE_STACK,
    TERRAFORM_VERSION,
    default_tags,
    state_key,
)

BACKEND: Final = "stack.backend"
PROVIDER: Final = "stack.provider"
_TERRAFORM: Final = frozenset({"backend", "required_providers", "required_version"})
_SOURCES: Final = frozenset({"aws", "hashicorp/aws"})
_VERSION: Final = re.compile(r"\d+\.\d+\.\d+")
_AS_THE_FACTORY: Final = "leave it as wealist/stacks/factory.py makes it"


def unexpected(stack: StackJson, *, is_environment: bool) -> Iterator[Finding]:
    """Return settings of Terraform and of its providers that are not the factory's."""
    for address, control, problem in (
        *(("terraform", BACKEND, problem) for problem in _of_terraform(stack)),
        *(("provider.aws", PROVIDER, problem) for problem in _of_providers(stack, is_environment=is_environment)),
    ):
        yield Finding(stack.name, address, control, problem, _AS_THE_FACTORY)


def _of_terraform(stack: StackJson) -> Iterator[str]:
    terraform = stack.document["terraform"]
    if more := sorted(terraform.keys() - _TERRAFORM):
        yield f"has {', '.join(more)}"
    if terraform.get("required_version") != TERRAFORM_VERSION:
        yield f"requires Terraform {terraform.get('required_version')!r}, not {TERRAFORM_VERSION!r}"
    made = {bucket.get("bucket") for bucket in stack.all("aws_s3_bucket")}
    if stack.name == STATE_STACK and STATE_BUCKET not in made:
        yield f"makes {', '.join(map(str, made)) or 'no bucket'}, and not {STATE_BUCKET}, in which the states lie"
    backend = {
        "bucket": STATE_BUCKET,
        "key": state_key(stack.name),
        "region": REGION,
        "encrypt": True,
        "use_lockfile": True,
    }
    found = terraform.get("backend")
    if not isinstance(found, Mapping) or list(found) != ["s3"]:
        yield f"keeps its state in {found!r}, not in s3"
    elif found["s3"] != backend:
        yield f"keeps its state with {_differences(found['s3'], backend)}"


def _of_providers(stack: StackJson, *, is_environment: bool) -> Iterator[str]:
    required = stack.document["terraform"].get("required_providers")
    aws = required.get("aws") if isinstance(required, Mapping) and list(required) == ["aws"] else None
    if (
        not isinstance(aws, Mapping)
        or aws.keys() != {"source", "version"}
        or aws["source"] not in _SOURCES
        or not _VERSION.fullmatch(str(aws["version"]))
    ):
        yield f"is not the one provider, of one version, that is required: required_providers is {required!r}"
    configured = stack.document.get("provider", {})
    if list(configured) != ["aws"] or not isinstance(configured["aws"], list):
        yield f"is not the one that is configured: {', '.join(configured) or 'none is'}"
        return
    ours = {
        "allowed_account_ids": [ACCOUNT_ID],
        "default_tags": [{"tags": default_tags(stack.name if is_environment else "account")}],
        "region": REGION,
    }
    first, *others = configured["aws"] or [{}]
    if first != ours:
        yield f"has {_differences(first, ours)}"
    cdn = ours | {"alias": "cdn", "region": CDN_CERTIFICATE_REGION}
    for other in others:
        if other != cdn:
            yield f"has an alias with {_differences(other, cdn)}"


def _differences(found: object, wanted: Mapping[str, Any]) -> str:
    """Return each argument that is not as wanted."""
    if not isinstance(found, Mapping):
        return repr(found)
    differing = sorted(name for name in found.keys() | wanted if found.get(name) != wanted.get(name))
    return ", ".join(f"{name} = {found[name]!r}" if name in found else f"no {name}" for name in differing)
