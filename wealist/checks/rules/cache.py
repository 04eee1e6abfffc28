"""Redis.

https://docs.aws.amazon.com/securityhub/latest/userguide/elasticache-controls.html
"""

from typing import Final

from wealist.checks.hardening.rule import Rule, Scope, said, unlike
from wealist.model.stack import Resource


def data_is_encrypted(group: Resource, _: Scope) -> str | None:
    """At rest, snapshots too."""
    return unlike(group, "at_rest_encryption_enabled", accepts=(True,))


def traffic_is_encrypted(group: Resource, _: Scope) -> str | None:
    """Plain connections are refused: `preferred` would take them."""
    wrong = unlike(group, "transit_encryption_enabled", accepts=(True,))
    return wrong or unlike(group, "transit_encryption_mode", accepts=(None, "required"))


def clients_give_a_token(group: Resource, _: Scope) -> str | None:
    """AUTH: who reaches the port is not in yet. A reference; a literal would stand in the JSON."""
    token = group.get("auth_token")
    return None if isinstance(token, str) and token.startswith("${") else "auth_token is not a reference to one"


def snapshots_are_kept(group: Resource, _: Scope) -> str | None:
    """Sessions survive a mistake."""
    days = group.get("snapshot_retention_limit")
    return None if isinstance(days, int) and days > 0 else said("snapshot_retention_limit", days)


def minor_versions_come_by_themselves(group: Resource, _: Scope) -> str | None:
    """Security fixes wait for nobody."""
    return unlike(group, "auto_minor_version_upgrade", accepts=(True,))


def failover_is_decided(group: Resource, _: Scope) -> str | None:
    """Both are said, and agree: one without the other is refused by AWS, or brings no second zone."""
    failover, zones = group.get("automatic_failover_enabled"), group.get("multi_az_enabled")
    if not isinstance(failover, bool) or not isinstance(zones, bool):
        return f"{said('automatic_failover_enabled', failover)}, {said('multi_az_enabled', zones)}"
    return None if failover is zones else f"automatic_failover_enabled is {failover}, multi_az_enabled {zones}"


_REDIS: Final = ("aws_elasticache_replication_group",)
RULES: Final = (
    Rule("ElastiCache.4", _REDIS, data_is_encrypted, "set at_rest_encryption_enabled to true"),
    Rule("ElastiCache.5", _REDIS, traffic_is_encrypted, "set transit_encryption_enabled, and its mode to required"),
    Rule("ElastiCache.6", _REDIS, clients_give_a_token, "take auth_token from the parameter that holds it"),
    Rule("ElastiCache.1", _REDIS, snapshots_are_kept, "keep snapshots for a day at the least"),
    Rule("ElastiCache.2", _REDIS, minor_versions_come_by_themselves, "set auto_minor_version_upgrade to true"),
    Rule("elasticache.failover", _REDIS, failover_is_decided, "set both from enable_multi_az"),
)
