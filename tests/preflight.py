"""The IAM actions of preflight's calls; `python -m tests.preflight` writes the policy into docs/preflight.md."""

import json
import re
from collections.abc import Iterable

from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel

from wealist.operations.preflight.command import policy
from wealist.project import ROOT

PAGE = ROOT / "docs" / "preflight.md"
_BLOCK = re.compile(r"```json\n(.*?)```", re.DOTALL)
_S3_ACTIONS = {
    "s3.head_bucket": ("s3:ListBucket",),
    "s3.list_buckets": ("s3:ListAllMyBuckets",),
    # Without the second, AWS answers 403 instead of 404 for a missing object.
    "s3.get_object": ("s3:GetObject", "s3:ListBucket"),
}
"""S3 operations whose IAM actions have other names.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""
_PREFIXES = {"service-quotas": "servicequotas"}


def rights_for(operations: Iterable[str]) -> set[str]:
    """Return the IAM actions of calls, which are given as `service.operation` in boto3's names."""
    return {action for each in operations for action in _S3_ACTIONS.get(each, (_action(each),))}


def _action(operation: str) -> str:
    service, _, name = operation.partition(".")
    model = ServiceModel(Loader().load_service_model(service, "service-2"))
    (action,) = (each for each in model.operation_names if xform_name(each) == name)
    return f"{_PREFIXES.get(service, service)}:{action}"


def written() -> str:
    """Return the policy in the format of the page."""
    return json.dumps(policy(), indent=2) + "\n"


def shown() -> str:
    """Return the JSON block of the page."""
    (block,) = _BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    return str(block)


if __name__ == "__main__":
    PAGE.write_text(PAGE.read_text(encoding="utf-8").replace(shown(), written()), encoding="utf-8")
