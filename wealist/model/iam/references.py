"""The ARNs that references in a policy stand for: of what gets its id from AWS, with the address in the id's place.

`${aws_kms_key.encryption_key.arn}` ─► arn:aws:kms:<region>:<account>:key/aws_kms_key.encryption_key
"""

import re
from typing import Any, Final

from wealist.model.stack import StackJson
from wealist.spec.account import ACCOUNT_ID, REGION

ARNS: Final = {
    "aws_cloudfront_distribution": f"arn:aws:cloudfront::{ACCOUNT_ID}:distribution/",
    "aws_ebs_volume": f"arn:aws:ec2:{REGION}:{ACCOUNT_ID}:volume/",
    "aws_kms_key": f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/",
}
"""Type → the ARN up to the id. What bears a name of ours is written out instead."""
_PROVIDER: Final = "aws_iam_openid_connect_provider"
_WHOLE: Final = re.compile(r"\$\{((?:data\.)?[a-z][a-z0-9_]*\.[a-z][a-z0-9_-]*)\.arn\}")


def resolved(stack: StackJson, value: Any) -> tuple[Any, list[str]]:  # noqa: ANN401  JSON is of any type
    """A JSON value with ARNs in the place of references, and the references of which none can be told."""
    unknown: list[str] = []

    def resolve(item: Any) -> Any:  # noqa: ANN401
        if isinstance(item, dict):
            return {key: resolve(each) for key, each in item.items()}
        if isinstance(item, list):
            return [resolve(each) for each in item]
        if not isinstance(item, str) or "${" not in item:
            return item
        arn = _arn(stack, item)
        if arn is None:
            unknown.append(item)
        return arn

    return resolve(value), unknown


def _arn(stack: StackJson, value: str) -> str | None:
    target = stack.target(value) if _WHOLE.fullmatch(value) else None
    if target is None:
        return None
    if target.type == _PROVIDER:
        return f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{str(target.get('url')).removeprefix('https://')}"
    return f"{ARNS[target.type]}{target.address}" if target.type in ARNS else None
