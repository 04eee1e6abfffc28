"""S3 buckets, and what belongs to each.

https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html
"""

from collections.abc import Mapping
from typing import Any, Final

from wealist.checks.hardening.rule import Rule, Scope, said, several, statements, unlike, where_it_lasts
from wealist.model.stack import Resource
from wealist.spec.account import PLANS_BUCKET, STATE_BUCKET

_SWITCHES: Final = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
_ABORT_DAYS: Final = 7
_VERSIONS_DAYS: Final = 90
_PLANS_DAYS: Final = 30
_ALGORITHMS: Final = {"AES256", "aws:kms", "aws:kms:dsse"}


def public_access_is_blocked(bucket: Resource, scope: Scope) -> str | None:
    """All four ways to the public are closed."""
    block = _of(bucket, scope, "public_access_block")
    if block is None:
        return "it has no aws_s3_bucket_public_access_block"
    opened = [name for name in _SWITCHES if block.get(name) is not True]
    return f"{', '.join(opened)} of {block.address} {'is' if len(opened) == 1 else 'are'} not true" if opened else None


def nobody_grants_by_acl(bucket: Resource, scope: Scope) -> str | None:
    """Objects belong to the bucket's owner, and ACLs mean nothing."""
    ownership = _of(bucket, scope, "ownership_controls")
    found = ownership.block("rule").get("object_ownership") if ownership else None
    return None if found == "BucketOwnerEnforced" else said("object_ownership", found)


def plain_http_is_refused(bucket: Resource, scope: Scope) -> str | None:
    """A statement denies everybody everything without TLS."""
    policy = _of(bucket, scope, "policy")
    found = statements(policy) if policy else None
    if found is None:
        return "it has no policy that can be read"
    arn = f"arn:aws:s3:::{bucket.get('bucket')}"
    if any(_asks_for_tls(statement, {arn, f"{arn}/*"}) for statement in found):
        return None
    return f"no statement denies plain HTTP for {arn} and {arn}/*"


def _asks_for_tls(statement: Mapping[str, Any], resources: set[str]) -> bool:
    return (
        statement.get("Effect") == "Deny"
        and statement.get("Principal") in ("*", {"AWS": "*"})
        and several(statement.get("Action")) == ["s3:*"]
        and set(several(statement.get("Resource"))) == resources
        and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
    )


def objects_are_encrypted(bucket: Resource, scope: Scope) -> str | None:
    """By S3's key or by one of ours."""
    found = _of(bucket, scope, "server_side_encryption_configuration")
    default = found.block("rule").get("apply_server_side_encryption_by_default") if found else None
    default = default[0] if isinstance(default, list) and default else default
    algorithm = default.get("sse_algorithm") if isinstance(default, Mapping) else None
    return None if algorithm in _ALGORITHMS else said("sse_algorithm", algorithm)


def something_is_cleaned_up(bucket: Resource, scope: Scope) -> str | None:
    """It has a lifecycle that is on."""
    return None if _rules(bucket, scope) else "no lifecycle rule is enabled"


def unfinished_uploads_go(bucket: Resource, scope: Scope) -> str | None:
    """Parts that nobody sees cost money for good."""
    aborts = [each for rule in _rules(bucket, scope) for each in _blocks(rule, "abort_incomplete_multipart_upload")]
    days = [each.get("days_after_initiation") for each in aborts]
    return None if _ABORT_DAYS in days else said("days_after_initiation", days or None)


def old_versions_are_kept(bucket: Resource, scope: Scope) -> str | None:
    """What is overwritten or deleted can be had back."""
    versioning = _of(bucket, scope, "versioning")
    status = versioning.block("versioning_configuration").get("status") if versioning else None
    return None if status == "Enabled" else said("versioning status", status)


def objects_stop_its_destruction(bucket: Resource, _: Scope) -> str | None:
    """A bucket that holds something is not emptied to be destroyed."""
    return unlike(bucket, "force_destroy", accepts=(None, False))


def what_it_holds_stays(bucket: Resource, scope: Scope) -> str | None:
    """Its lifecycle deletes nothing but old logs and plans, and replaced versions after a while."""
    if bucket.get("lifecycle_rule"):
        return said("lifecycle_rule", bucket.get("lifecycle_rule"))
    kept_for = _described_days(bucket, scope)
    for rule in _rules(bucket, scope):
        for expiration in _blocks(rule, "expiration"):
            days = expiration.get("days")
            if days != kept_for or expiration.get("date"):
                return said("expiration", expiration)
        for expiration in _blocks(rule, "noncurrent_version_expiration"):
            days = expiration.get("noncurrent_days")
            if not _is_long(days):
                return said("noncurrent_days", days)
    return None


def _described_days(bucket: Resource, scope: Scope) -> int | None:
    """How long the objects of a bucket are kept: the logs as the settings say, plans for a month, all else for good."""
    if scope.environment and bucket.get("bucket") == scope.environment.names.access_logs_bucket:
        return scope.environment.log_retention_days
    return _PLANS_DAYS if bucket.get("bucket") == PLANS_BUCKET else None


def _is_long(days: object) -> bool:
    return isinstance(days, int) and days >= _VERSIONS_DAYS


def it_holds_the_states(bucket: Resource, _: Scope) -> bool:
    """For rules about the bucket of every state."""
    return bucket.get("bucket") == STATE_BUCKET


def newest_versions_stay(bucket: Resource, scope: Scope) -> str | None:
    """Replaced versions expire, but for the newest: a state that rarely changes keeps its last good one."""
    expirations = [each for rule in _rules(bucket, scope) for each in _blocks(rule, "noncurrent_version_expiration")]
    if any(each.get("noncurrent_days") and each.get("newer_noncurrent_versions") for each in expirations):
        return None
    return "no rule expires noncurrent versions and keeps newer_noncurrent_versions"


def it_is_of_a_bucket_here(setting: Resource, scope: Scope) -> str | None:
    """What names a bucket by other means would undo a setting that is judged, or change a bucket of somebody else's."""
    target = scope.stack.target(setting.get("bucket"))
    known = target is not None and target.type == "aws_s3_bucket"
    return None if known else said("bucket", setting.get("bucket"))


def _of(bucket: Resource, scope: Scope, what: str) -> Resource | None:
    found = scope.pointing_at(bucket, f"aws_s3_bucket_{what}", "bucket")
    return found[0] if len(found) == 1 else None


def _rules(bucket: Resource, scope: Scope) -> list[Mapping[str, Any]]:
    lifecycle = _of(bucket, scope, "lifecycle_configuration")
    return [rule for rule in lifecycle.blocks("rule") if rule.get("status") == "Enabled"] if lifecycle else []


def _blocks(rule: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = rule.get(name) or []
    return found if isinstance(found, list) else [found]


_BUCKET: Final = ("aws_s3_bucket",)
_SETTINGS: Final = (
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "aws_s3_object",
)
RULES: Final = (
    Rule("S3.8", _BUCKET, public_access_is_blocked, "block all four kinds of public access"),
    Rule("S3.12", _BUCKET, nobody_grants_by_acl, "set object_ownership to BucketOwnerEnforced"),
    Rule("S3.5", _BUCKET, plain_http_is_refused, "add the statement of wealist.toolkit.policy.tls_only to its policy"),
    Rule("s3.encryption", _BUCKET, objects_are_encrypted, "encrypt by default, with AES256 or a key"),
    Rule("S3.13", _BUCKET, something_is_cleaned_up, "add a lifecycle configuration with an enabled rule"),
    Rule("s3.unfinished_uploads", _BUCKET, unfinished_uploads_go, "abort incomplete multipart uploads after 7 days"),
    Rule("S3.14", _BUCKET, old_versions_are_kept, "enable versioning"),
    Rule("s3.bucket", _SETTINGS, it_is_of_a_bucket_here, "refer to a bucket of this stack, as ${aws_s3_bucket.x.id}"),
    Rule(
        "s3.expiration",
        _BUCKET,
        what_it_holds_stays,
        f"expire logs and plans alone, as described, and replaced versions after {_VERSIONS_DAYS} days",
    ),
    Rule(
        "state_bucket.newest_versions",
        _BUCKET,
        newest_versions_stay,
        "expire noncurrent versions, and keep the newest by newer_noncurrent_versions",
        it_holds_the_states,
    ),
    Rule("s3.force_destroy", _BUCKET, objects_stop_its_destruction, "set force_destroy to false", where_it_lasts),
)
