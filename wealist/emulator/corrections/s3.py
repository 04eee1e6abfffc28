"""Lifecycle rules and policies of buckets.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html
"""

import json
from fnmatch import fnmatchcase
from typing import Any, Final

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

from wealist.emulator.corrections.replace import Correction, Replace
from wealist.model.values import as_list

_LOGGING: Final = "logging.s3.amazonaws.com"
_NEWER: Final = "newer_noncurrent_versions"
"""The attribute that is added to moto's rules."""


def lifecycle_rules_keep_the_number_of_noncurrent_versions(replace: Replace) -> None:
    """A rule returns the number of noncurrent versions to keep; moto drops it, and Terraform waits for it.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_NoncurrentVersionExpiration.html
    """
    keep = FakeBucket.set_lifecycle
    serialize = S3Response.serialized

    def corrected_keep(self: FakeBucket, rules: list[dict[str, Any]]) -> None:
        keep(self, rules)
        for kept, given in zip(self.rules, rules, strict=True):
            expiration = given.get("NoncurrentVersionExpiration") or {}
            vars(kept)[_NEWER] = expiration.get("NewerNoncurrentVersions")

    def corrected_serialize(self: S3Response, action_result: ActionResult) -> TYPE_RESPONSE:
        result = action_result.result
        if isinstance(result, dict) and "TransitionDefaultMinimumObjectSize" in result:
            rules = self.backend.get_bucket_lifecycle(self.bucket_name)
            for returned, kept in zip(result["Rules"], rules, strict=True):
                if newer := vars(kept)[_NEWER]:
                    returned["NoncurrentVersionExpiration"]["NewerNoncurrentVersions"] = newer
        return serialize(self, action_result)

    replace(FakeBucket, "set_lifecycle", corrected_keep)
    replace(S3Response, "serialized", corrected_serialize)


def policies_deny_only_under_their_conditions(replace: Replace) -> None:
    """A statement does not apply to calls that do not meet its conditions; moto ignores the conditions of denials.

    Calls in the embedded AWS represent HTTPS calls by the account itself. They meet none of the conditions in the
    bucket policies of the stacks (no TLS, or a call by an AWS service). Without this, states could not be read.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
    """

    def corrected(self: FakeBucket, action: str, resource: str) -> PermissionResult:
        policy = json.loads(self.policy) if self.policy else {"Statement": []}
        unconditional = [statement for statement in policy["Statement"] if "Condition" not in statement]
        return IAMPolicy(json.dumps(policy | {"Statement": unconditional})).is_action_permitted(action, resource)

    replace(FakeBucket, "get_permission", corrected)


def bucket_policies_may_allow_log_delivery(replace: Replace) -> None:
    """A bucket policy may allow log delivery in any statement; moto fails on the principal `*`, lists and patterns.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    """

    def corrected(target_bucket: FakeBucket, target_prefix: str | None) -> bool:
        policy = json.loads(target_bucket.policy) if target_bucket.policy else {"Statement": []}
        log = f"arn:aws:s3:::{target_bucket.name}/{target_prefix or ''}2026-01-01"
        return any(_allows_log_delivery(statement, log) for statement in policy["Statement"])

    replace(FakeBucket, "_log_permissions_enabled_policy", staticmethod(corrected))


def _allows_log_delivery(statement: dict[str, Any], log: str) -> bool:
    principal = statement.get("Principal")
    return (
        statement["Effect"] == "Allow"
        and isinstance(principal, dict)
        and _LOGGING in as_list(principal.get("Service"))
        and "s3:PutObject" in as_list(statement["Action"])
        and any(fnmatchcase(log, pattern) for pattern in as_list(statement["Resource"]))
    )


CORRECTIONS: tuple[Correction, ...] = (
    lifecycle_rules_keep_the_number_of_noncurrent_versions,
    policies_deny_only_under_their_conditions,
    bucket_policies_may_allow_log_delivery,
)
