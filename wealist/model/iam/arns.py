"""ARNs and names of a stack's resources, and the ARNs that references in a policy stand for.

`${aws_kms_key.encryption_key.arn}`  ─►  arn:aws:kms:<region>:<account>:key/aws_kms_key.encryption_key
`${aws_sqs_queue.jobs_queue.arn}`    ─►  arn:aws:sqs:<region>:<account>:wealist-prod-jobs

The ARN format is the first of the column `arns` in the type's row of types.toml. Where AWS generates the id, the
address of the resource takes its place.
"""

import re
from typing import Any, Final

from wealist.model.stack import Resource, StackJson
from wealist.model.types import row
from wealist.spec.account import ACCOUNT_ID, CDN_CERTIFICATE_REGION, REGION

_PROVIDER: Final = "aws_iam_openid_connect_provider"
_ARN_REFERENCE: Final = re.compile(r"\$\{(?:data\.)?[a-z][a-z0-9_]*\.[a-z][a-z0-9_-]*\.arn\}")


def resource_name(resource: Resource) -> str | None:
    """Return the literal name of a resource; None where AWS generates it, or where it is a reference."""
    known = row(resource.type)
    by = known.lookup.by if known and known.lookup else None
    name = resource.get(by or "name") or resource.get("name")
    return name if isinstance(name, str) and "${" not in name else None


def resource_arn(resource: Resource) -> str | None:
    """Return the ARN of a resource; None where types.toml has no ARN format for its type."""
    if resource.type == _PROVIDER:
        return f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{str(resource.get('url')).removeprefix('https://')}"
    known = row(resource.type)
    if known is None or not known.arns:
        return None
    name = resource_name(resource) or resource.address
    arn_format = known.arns[0]
    # The name of a KMS alias starts with `alias/`, which is part of the ARN format, too.
    prefix = arn_format.partition("{name}")[0].rpartition(":")[2]
    name = name.removeprefix(prefix)
    # CloudFront's provider is the only one for another region; wealist/checks/stack/arguments.py rejects others.
    region = CDN_CERTIFICATE_REGION if resource.get("provider") else REGION
    return arn_format.format(region=region, account=ACCOUNT_ID, id=resource.address, name=name, path=name)


def resolve_references(stack: StackJson, value: Any) -> tuple[Any, list[str]]:  # noqa: ANN401  JSON is of any type
    """Replace the references in a JSON value with ARNs.

    Returns:
        The value, with None for each reference whose ARN is unknown, and those references.
    """
    unknown: list[str] = []

    def resolve(item: Any) -> Any:  # noqa: ANN401
        if isinstance(item, dict):
            return {key: resolve(each) for key, each in item.items()}
        if isinstance(item, list):
            return [resolve(each) for each in item]
        if not isinstance(item, str) or "${" not in item:
            return item
        target = stack.target(item) if _ARN_REFERENCE.fullmatch(item) else None
        arn = resource_arn(target) if target else None
        if arn is None:
            unknown.append(item)
        return arn

    return resolve(value), unknown
