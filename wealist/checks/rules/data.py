"""What needs more than a comparison of stores of data: Redis' failover, expiring images, and how long logs last."""

import json
from collections.abc import Mapping
from typing import Final

from wealist.checks.rules.rule import Scope, Values, described, of_stack, of_values
from wealist.model.stack import Resource

_UNTAGGED_DAYS: Final = 7
_KEPT_IMAGES: Final = 30
_SHARED_LOG_DAYS: Final = 365
"""Of log groups outside environments."""


@of_values
def failover_and_zones_agree(group: Values) -> str | None:
    """Both are set, and agree: AWS refuses one of them alone, or places no node in a second zone."""
    failover, zones = group.get("automatic_failover_enabled"), group.get("multi_az_enabled")
    problems = [
        described(name, value)
        for name, value in (("automatic_failover_enabled", failover), ("multi_az_enabled", zones))
        if value is None or isinstance(value, str)
    ]
    if problems:
        return ", ".join(problems)
    return None if failover == zones else f"automatic_failover_enabled is {failover}, multi_az_enabled {zones}"


@of_values
def running_images_stay(lifecycle: Values) -> str | None:
    """Untagged images go after a week; of all others the newest stay."""
    policy = lifecycle.get("policy")
    if not isinstance(policy, str):
        return None if policy is not None else described("policy", policy)
    selections = [rule["selection"] for rule in json.loads(policy)["rules"]]
    wrong = [each for each in selections if not _keeps(each)]
    return described("selection", wrong[0]) if wrong else None


def _keeps(selection: Mapping[str, object]) -> bool:
    number = selection.get("countNumber")
    if not isinstance(number, int):
        return False
    if selection.get("countType") == "imageCountMoreThan":
        return number >= _KEPT_IMAGES
    return selection.get("tagStatus") == "untagged" and number >= _UNTAGGED_DAYS


@of_stack
def logs_last_as_described(group: Resource, scope: Scope) -> str | None:
    """Log groups keep what they hold as long as `log_retention_days` says; a year outside environments."""
    days = group.get("retention_in_days")
    least = scope.environment.log_retention_days if scope.environment else _SHARED_LOG_DAYS
    return f"retention_in_days is {days}, less than {least}" if isinstance(days, int) and 0 < days < least else None
