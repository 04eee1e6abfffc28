"""A plan as large as one may be, made up: `python -m tests.plans.large > plan.json`, for measuring a review of it."""

import json
import sys
from typing import Any

CHANGES = 5_000
TYPES = (
    "aws_iam_policy",
    "aws_db_instance",
    "aws_vpc_security_group_ingress_rule",
    "aws_launch_template",
    "aws_s3_bucket",
    "aws_lb_target_group",
)
ACTIONS = (["update"], ["delete", "create"], ["create"], ["delete"], ["update"])


def large(changes: int = CHANGES) -> dict[str, Any]:
    """Some 2 KB for each change. Each has a policy and a secret, so that nothing is easy."""
    made = [change(number, TYPES[number % len(TYPES)], ACTIONS[number % len(ACTIONS)]) for number in range(changes)]
    return {"format_version": "1.2", "complete": True, "errored": False, "resource_changes": made}


def change(number: int, kind: str, actions: list[str]) -> dict[str, Any]:
    before, after = values(number, number), values(number, number + 1)
    body = {
        "actions": actions,
        "before": None if actions == ["create"] else before,
        "after": None if actions == ["delete"] else after,
        "before_sensitive": {},
        "after_sensitive": {"value": True},
        "replace_paths": [["name"]] if len(actions) > 1 else [],
    }
    return {"address": f"{kind}.r{number}", "type": kind, "mode": "managed", "change": body}


def values(number: int, version: int) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Action": [f"s3:Get{each}" for each in range(12)],
        "Resource": [f"arn:aws:s3:::bucket-{version}-{each}/*" for each in range(6)],
    }
    return {
        "id": f"id-{number:08d}",
        "name": f"name-{version}",
        "policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        "value": f"only-for-tests-{version:08d}",
        "tags": {"Name": f"n{number}"},
        "description": "described in some words " * 8,
        "rule": [{"port": each, "description": "text " * 4} for each in range(5)],
    }


if __name__ == "__main__":
    json.dump(large(), sys.stdout)
