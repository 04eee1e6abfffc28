"""Names and ARNs of a stack's resources, and the ARNs in the place of references.

`${aws_kms_key.encryption_key.arn}`  ─►  arn:aws:kms:<region>:<account>:key/aws_kms_key.encryption_key
`${aws_sqs_queue.jobs_queue.arn}`    ─►  arn:aws:sqs:<region>:<account>:wealist-prod-jobs

The address stands for an id that AWS chooses. The form of an ARN is the first of the type's row in types.toml.
"""

import re
from typing import Any, Final

from wealist.model.stack import Resource, StackJson
from wealist.model.types import row
from wealist.spec.account import ACCOUNT_ID, CDN_CERTIFICATE_REGION, REGION

_PROVIDER: Final = "aws_iam_openid_connect_provider"
_WHOLE: Final = re.compile(r"\$\{(?:data\.)?[a-z][a-z0-9_]*\.[a-z][a-z0-9_-]*\.arn\}")


def name_of(resource: Resource) -> str | None:
    """The literal name by which AWS knows a resource; None where AWS chooses it, or a reference stands there."""
    known = row(resource.type)
    by = known.lookup.by if known and known.lookup else None
    name = resource.get(by or "name") or resource.get("name")
    return name if isinstance(name, str) and "${" not in name else None


def arn_of(resource: Resource) -> str | None:
    """The ARN of a resource; None where types.toml has no form of it."""
    if resource.type == _PROVIDER:
        return f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{str(resource.get('url')).removeprefix('https://')}"
    known = row(resource.type)
    if known is None or not known.arns:
        return None
    name = name_of(resource) or resource.address
    form = known.arns[0]
    before = form.partition("{name}")[0].rpartition(":")[2]  # a key's alias has it in its name
    name = name.removeprefix(before)
    # The one provider of another region is CloudFront's: wealist/checks/stack/arguments.py refuses others.
    region = CDN_CERTIFICATE_REGION if resource.get("provider") else REGION
    return form.format(region=region, account=ACCOUNT_ID, id=resource.address, name=name, path=name)


def resolved(stack: StackJson, value: Any) -> tuple[Any, list[str]]:  # noqa: ANN401  JSON is of any type
    """A JSON value with ARNs in the place of references, and the references whose ARN is unknown."""
    unknown: list[str] = []

    def resolve(item: Any) -> Any:  # noqa: ANN401
        if isinstance(item, dict):
            return {key: resolve(each) for key, each in item.items()}
        if isinstance(item, list):
            return [resolve(each) for each in item]
        if not isinstance(item, str) or "${" not in item:
            return item
        target = stack.target(item) if _WHOLE.fullmatch(item) else None
        arn = arn_of(target) if target else None
        if arn is None:
            unknown.append(item)
        return arn

    return resolve(value), unknown
