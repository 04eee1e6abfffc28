"""Reduce a plan to the parts that reviews read, and replace random values.

Removed: `prior_state` and `planned_values`, which repeat `resource_changes`; `checks`, which pass; attributes of
unchanged resources except ids (in a refreshed plan, types that reviews need are kept); the configuration except
providers, variables, and the arguments and references of each resource.

Replaced: random ids, addresses, tokens and times, by values of the same format with a running number, in the order of
their first appearance in the sorted plan. Equal values stay equal.
"""

import json
import re
from typing import Any

from wealist.review.changes import CROSS_RESOURCE_TYPES
from wealist.review.configuration import references

KEPT_OF_UNCHANGED = ("id", "arn", "name", "bucket")

RANDOM = re.compile(
    r"(?P<uuid>\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)"
    r"|(?P<ec2>(?<![0-9a-f])(?:[a-z]+-)+(?:[0-9a-f]{17}|[0-9a-f]{8}(?!-[0-9a-f]{4}-))\b)"
    r"|(?P<address>\b(?:[0-9]{1,3}[.-]){3}[0-9]{1,3}\b(?!/))"
    r"|(?P<time>\b20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(?:Z|\+00:00| \+0000 UTC))"
    r"|(?P<hex>(?<![A-Za-z0-9])[0-9a-f]{16,64}(?![A-Za-z0-9]))"
    r"|(?P<upper>(?<![A-Za-z0-9])(?:db-)?[A-Z0-9]{13,26}(?![A-Za-z0-9]))"
    r"|(?P<mixed>(?<![\w/+=-])(?=\w*[0-9])(?=\w*[A-Z])(?=\w*[a-z])[A-Za-z0-9]{16,64}(?![\w/+=-]))"
    r"|(?P<lower>(?<![\w/+=.-])(?=[a-z]*[0-9])[a-z0-9]{13,20}(?![\w/+=-]))"
    r"|(?P<suffix>(?<=-)[A-Za-z0-9]{6}(?=\"|$)|(?<=-redis\.)[a-z0-9]{6}(?=\.))"
)
"""Values that AWS generates: UUIDs, ids such as `vpc-…`, addresses, times, hashes, `E2QWRUHAPOMQZL`, tokens."""

AWS_OWN = frozenset({"658327ea-f89d-4fab-a63d-7e88639e58f6", "67f7725c-6f97-4210-82d7-5512b31e9d03"})
"""Ids that are equal in every account: CloudFront's managed policies for caching and for security headers."""

ID = re.compile(r"[a-z-]+-[0-9a-f]{8,17}")


class Repeatable:
    """Replaces random values by numbered ones."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __call__(self, content: str) -> str:
        return RANDOM.sub(self._replaced, content)

    def _replaced(self, found: re.Match[str]) -> str:
        random, kind = found[0], str(found.lastgroup)
        if random in AWS_OWN:
            return random
        if kind == "suffix" and not re.search("[A-Z].*[a-z]|[a-z].*[A-Z]|[0-9]", random):
            return random  # a word of a name
        if kind == "upper" and not (re.search("[A-Z]", random) and re.search("[0-9]", random)):
            return random  # a number or a word
        if kind == "address" and random in {"0.0.0.0", "127.0.0.1"}:  # noqa: S104 -- nothing listens there
            return random
        return self._known.setdefault(random, self._made(kind, random, len(self._known) + 1))

    def _made(self, kind: str, random: str, number: int) -> str:
        match kind:
            case "uuid":
                return f"00000000-0000-4000-8000-{number:012x}"
            case "ec2":
                prefix, _, digits = random.rpartition("-")
                return f"{prefix}-{number:0{len(digits)}x}"
            case "address":
                separator = "-" if "-" in random else "."
                return separator.join(["10", "99", str(number // 250), str(number % 250 + 1)])
            case "time":
                return "2026-01-01T00:00:00Z"
            case _:
                return f"{number:0{len(random)}d}" if random.isascii() else random


def reduced(plan: dict[str, Any]) -> dict[str, Any]:
    """Return the reduced plan."""
    kept = {key: value for key, value in plan.items() if key not in {"prior_state", "planned_values", "checks"}}
    whole = CROSS_RESOURCE_TYPES if kept.get("resource_drift") else frozenset()
    kept["resource_changes"] = [_reduced(change, whole) for change in kept.get("resource_changes", [])]
    kept["configuration"] = {
        "provider_config": plan["configuration"]["provider_config"],
        "root_module": _module(plan["configuration"]["root_module"]),
    }
    for part in ("resource_changes", "resource_drift", "relevant_attributes"):
        if part in kept:
            kept[part] = sorted(kept[part], key=lambda each: json.dumps(each.get("address") or each, sort_keys=True))
    repeatable = Repeatable()
    for change in kept["resource_changes"]:
        # Number the resources' own ids first, in the order of their addresses, which is not random.
        before = change["change"].get("before") or {}
        repeatable(json.dumps([before.get(name) for name in KEPT_OF_UNCHANGED]))
    found: dict[str, Any] = _in_order(json.loads(repeatable(json.dumps(kept, sort_keys=True))))
    return found


def _in_order(value: Any) -> Any:
    """Sort lists of ids by their new numbers: AWS and Terraform sorted them by the random ids."""
    if isinstance(value, dict):
        return {key: _in_order(each) for key, each in value.items()}
    if not isinstance(value, list):
        return value
    if all(isinstance(each, str) and ID.fullmatch(each.rpartition("/")[2]) for each in value):
        return sorted(value)
    return [_in_order(each) for each in value]


def _reduced(change: dict[str, Any], whole: frozenset[str]) -> dict[str, Any]:
    if change["change"]["actions"] != ["no-op"] or change["type"] in whole:
        return change
    ids = {name: value for name, value in change["change"]["before"].items() if name in KEPT_OF_UNCHANGED}
    return change | {"change": {"actions": ["no-op"], "before": ids, "after": ids}}


def _module(module: dict[str, Any]) -> dict[str, Any]:
    resources = [
        {
            "address": resource["address"],
            "expressions": {
                name: expression if isinstance(expression, dict) and "references" in expression else _block(expression)
                for name, expression in resource.get("expressions", {}).items()
            },
        }
        for resource in module.get("resources", [])
    ]
    calls = {name: {"module": _module(call["module"])} for name, call in module.get("module_calls", {}).items()}
    return {"resources": resources, "variables": module.get("variables", {}), "module_calls": calls}


def _block(expression: Any) -> dict[str, Any]:
    """Return the references of a block as an expression."""
    names = list(references(expression))
    return {"references": names} if names else {}
