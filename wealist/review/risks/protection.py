"""Settings that keep data and evidence, turned down."""

from collections.abc import Callable, Iterator
from typing import Final

from wealist.review.changes import Action, Change, Plan
from wealist.review.difference import difference
from wealist.review.finding import Finding, Kind, Severity, code
from wealist.review.values import Value, first

Weaker = Callable[[Value, Value], bool]
"""Whether the second value protects less than the first."""


def _off(before: Value, after: Value) -> bool:
    return before in (True, "true", "Enabled") and after in (None, False, "false", "Suspended", "Disabled", "")


def _on(before: Value, after: Value) -> bool:
    return before in (None, False) and after is True


def _fewer(before: Value, after: Value) -> bool:
    return isinstance(before, int) and isinstance(after, int) and after < before


def _shorter(before: Value, after: Value) -> bool:
    """Of a retention in days, where 0 is for ever."""
    return _fewer(before, after) if after else False


def _gone(before: Value, after: Value) -> bool:
    return bool(before) and after in (None, "")


SETTINGS: Final[dict[str, tuple[tuple[tuple[str, ...], Weaker], ...]]] = {
    "aws_db_instance": (
        (("deletion_protection",), _off),
        (("skip_final_snapshot",), _on),
        (("backup_retention_period",), _fewer),
        (("delete_automated_backups",), _on),
        (("storage_encrypted",), _off),
        (("enabled_cloudwatch_logs_exports",), lambda before, after: bool(before) and not after),
    ),
    "aws_elasticache_replication_group": (
        (("snapshot_retention_limit",), _fewer),
        (("at_rest_encryption_enabled",), _off),
        (("automatic_failover_enabled",), _off),
    ),
    "aws_lb": ((("enable_deletion_protection",), _off), (("access_logs", "enabled"), _off)),
    "aws_s3_bucket": ((("force_destroy",), _on),),
    "aws_s3_bucket_versioning": ((("versioning_configuration", "status"), _off),),
    "aws_ecr_repository": ((("force_delete",), _on),),
    "aws_kms_key": ((("is_enabled",), _off), (("enable_key_rotation",), _off), (("deletion_window_in_days",), _fewer)),
    "aws_cloudwatch_log_group": ((("retention_in_days",), _shorter),),
    "aws_iam_role": ((("permissions_boundary",), _gone),),
    "aws_launch_template": (
        (("metadata_options", "http_tokens"), lambda before, after: before == "required" and after != "required"),
        (("block_device_mappings", "ebs", "encrypted"), _off),
    ),
    "aws_cloudfront_distribution": ((("default_cache_behavior", "response_headers_policy_id"), _gone),),
}
"""Type → settings, each with what makes it weaker."""

_GRAVE: Final[dict[tuple[str, ...], str]] = {("is_enabled",): ": nothing that it has encrypted can be read"}
"""Settings that take more than a protection away."""


def find(change: Change, _plan: Plan) -> Iterator[Finding]:
    """The settings of a resource that protect less than before."""
    if change.action not in {Action.UPDATE, Action.REPLACE}:
        return
    for path, weaker in SETTINGS.get(change.type, ()):
        before, after = first(change.before, *path), first(change.after, *path)
        if _comparable(before) and _comparable(after) and weaker(before, after):
            name = ".".join(path)
            lines = tuple(difference(before, after, name))
            severity = Severity.DANGER if path in _GRAVE else Severity.CAUTION
            words = ("weakens ", code(name), _GRAVE.get(path, ""))
            yield Finding(severity, Kind.PROTECTION, change.address, words, lines)


def _comparable(value: Value) -> bool:
    return value is None or isinstance(value, bool | int | str | list)
