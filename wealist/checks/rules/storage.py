"""What needs more than a comparison of S3: the policy that refuses plain HTTP, and what lifecycle rules delete."""

from collections.abc import Mapping
from typing import Any, Final

from wealist.checks.rules.operators import values_at
from wealist.checks.rules.rule import Scope, described, of_stack, several, statements
from wealist.model.stack import Resource
from wealist.spec.account import PLANS_BUCKET

_VERSIONS_DAYS: Final = 90
_PLANS_DAYS: Final = 30


@of_stack
def policy_denies_plain_http(policy: Resource, scope: Scope) -> str | None:
    """A statement denies everybody everything without TLS, for the bucket and its objects."""
    found = statements(policy.values)
    if found is None:
        return "policy is no literal policy document"
    bucket = scope.stack.target(policy.get("bucket"))
    arn = f"arn:aws:s3:::{bucket.get('bucket') if bucket else None}"
    if any(_demands_tls(statement, {arn, f"{arn}/*"}) for statement in found):
        return None
    return f"no statement denies plain HTTP for {arn} and {arn}/*"


def _demands_tls(statement: Mapping[str, Any], resources: set[str]) -> bool:
    return (
        statement.get("Effect") == "Deny"
        and statement.get("Principal") in ("*", {"AWS": "*"})
        and several(statement.get("Action")) == ["s3:*"]
        and set(several(statement.get("Resource"))) == resources
        and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
    )


@of_stack
def objects_stay_as_described(lifecycle: Resource, scope: Scope) -> str | None:
    """Lifecycle rules delete nothing but old logs and plans, and replaced versions after 90 days."""
    described_days = _described_days(scope.stack.target(lifecycle.get("bucket")), scope)
    for expiration in values_at(lifecycle.values, "rule.expiration"):
        for each in several(expiration):
            if each.get("days") != described_days or each.get("date"):
                return described("expiration", each)
    for days in values_at(lifecycle.values, "rule.noncurrent_version_expiration.noncurrent_days"):
        if not _is_long(days):
            return described("noncurrent_days", days)
    return None


def _described_days(bucket: Resource | None, scope: Scope) -> int | None:
    """How long the objects of a bucket are kept: logs as the settings say, plans for a month, all else for good."""
    name = bucket.get("bucket") if bucket else None
    if scope.environment and name == scope.environment.names.access_logs_bucket:
        return scope.environment.log_retention_days
    return _PLANS_DAYS if name == PLANS_BUCKET else None


def _is_long(days: object) -> bool:
    """Whether replaced versions are kept long enough."""
    return days is None or (isinstance(days, int) and days >= _VERSIONS_DAYS)
