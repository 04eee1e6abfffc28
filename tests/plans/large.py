"""Generate a large plan to measure reviews: `python -m tests.plans.large [CHANGES] > plan.json`."""

import base64
import json
import sys
from collections.abc import Callable
from typing import Any

CHANGES = 10_000
ACTIONS = (["update"], ["delete", "create"], ["create"], ["delete"], ["update"])


def large(changes: int = CHANGES) -> dict[str, Any]:
    """Return a plan with about 1.2 KB for each change. Databases have secrets; most others have documents or texts."""
    made = [change(number, ACTIONS[number % len(ACTIONS)]) for number in range(changes)]
    return {"format_version": "1.2", "complete": True, "errored": False, "resource_changes": made}


def change(number: int, actions: list[str]) -> dict[str, Any]:
    kind, parts = TYPES[number % len(TYPES)]
    before, after = (common(number, version) | parts(version) for version in (number, number + 1))
    body = {
        "actions": actions,
        "before": None if actions == ["create"] else before,
        "after": None if actions == ["delete"] else after,
        "after_unknown": {"arn": True} if actions == ["create"] else {},
        "before_sensitive": {},
        "after_sensitive": {"password": True},
        "replace_paths": [["name"]] if len(actions) > 1 else [],
    }
    return {"address": f"{kind}.r{number}", "type": kind, "mode": "managed", "change": body}


def common(number: int, version: int) -> dict[str, Any]:
    """Return common attributes: an id, a name, tags, and unset arguments."""
    unset = dict.fromkeys(("availability_zone", "description", "kms_key_id", "name_prefix", "timeouts"))
    return unset | {
        "id": f"id-{number:08d}",
        "name": f"name-{version}",
        "owner": "platform",
        "tags": {"Name": f"n{number}", "Environment": "dev"},
        "tags_all": {"Name": f"n{number}", "Environment": "dev"},
        "enabled": True,
        "force_destroy": False,
    }


def policy(version: int) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Action": [f"s3:Get{each}" for each in range(8)],
        "Resource": [f"arn:aws:s3:::bucket-{version}-{each}/*" for each in range(4)],
    }
    return {"policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}


def database(version: int) -> dict[str, Any]:
    password = f"only-for-tests-{version:08d}"
    return {"multi_az": True, "allocated_storage": 20 + version % 5, "engine": "postgres", "password": password}


def network_rule(version: int) -> dict[str, Any]:
    return {"cidr_ipv4": f"10.{version % 250}.0.0/16", "from_port": 443, "to_port": 443, "ip_protocol": "tcp"}


def script(version: int) -> dict[str, Any]:
    lines = ["#!/bin/sh", *(f"echo step {each} of version {version if each == 3 else 0}" for each in range(13))]
    return {"user_data": base64.b64encode("\n".join(lines).encode()).decode()}


def blocks(version: int) -> dict[str, Any]:
    rules = [{"port": each, "description": "text " * 5, "self": None} for each in range(5)]
    return {"rule": [*rules, {"port": version, "description": "", "self": True}]}


def text(version: int) -> dict[str, Any]:
    return {"content": "".join(f"setting{each}: value of {version if each == 7 else 0}\n" for each in range(14))}


TYPES: tuple[tuple[str, Callable[[int], dict[str, Any]]], ...] = (
    ("aws_iam_policy", policy),
    ("aws_db_instance", database),
    ("aws_vpc_security_group_ingress_rule", network_rule),
    ("aws_launch_template", script),
    ("aws_lb_target_group", blocks),
    ("aws_s3_object", text),
)


if __name__ == "__main__":
    json.dump(large(int(sys.argv[1]) if sys.argv[1:] else CHANGES), sys.stdout)
