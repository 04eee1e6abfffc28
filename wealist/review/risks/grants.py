"""Grants of a policy, and which of them a changed policy gains or loses.

document → `Grant`s: each action, resource and principal, with effect and condition
new grants that the old ones do not cover → gained; old grants that the new ones do not cover → lost

A pattern covers another if it matches everything that the other one matches: `s3:GetObject` after `s3:*` is no gain. If
this is uncertain, it counts as a gain.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Final

from wealist.model.iam.evaluate import Grant, matches_pattern
from wealist.model.values import MASK, Value, as_list
from wealist.review.difference import one_line
from wealist.review.values import JsonText

ALLOW: Final = "Allow"
DENY: Final = "Deny"
ALL_BUT: Final = "all but "
"""Prefix of the pattern for `NotAction`, `NotResource` and `NotPrincipal`."""
_FIXED: Final = re.compile(r"[^*?]*")
"""The beginning of a pattern, up to its first wildcard."""


def is_policy(value: Value) -> bool:
    """Return whether a value is a policy document."""
    return isinstance(value, JsonText) and isinstance(value.value, dict) and "Statement" in value.value


def grants(value: Value) -> tuple[Grant, ...]:
    """Return all grants of a policy document; none for other values."""
    return tuple(dict.fromkeys(_grants(value))) if is_policy(value) else ()


def is_grant_masked(grant: Grant) -> bool:
    """Return whether a grant cannot be judged. A resource pattern may be masked in part."""
    whole = MASK in grant.resource and not grant.resource.replace(MASK, "")
    return whole or MASK in grant.principal + grant.action + grant.condition


def uncovered(granted: tuple[Grant, ...], others: tuple[Grant, ...]) -> tuple[Grant, ...]:
    """Return the grants that none of `others` covers.

    A grant covers another with the same principal or `*`, and with the same condition or none.
    """
    same = set(others)
    new = [each for each in granted if each not in same]
    resources = _Patterns({each.resource for each in others})
    covered = {each: resources.covering(each) for each in {grant.resource for grant in new}}
    if not any(covered.values()):
        return tuple(new)
    there = {(each.action.lower(), *each[1:]) for each in others}
    actions = _Patterns({each[0] for each in there})
    return tuple(
        each
        for each in new
        if not any(
            (action, resource, condition, each.effect, principal) in there
            for resource in covered[each.resource]
            for action in actions.covering(each.action.lower())
            for principal in {each.principal, "*"}
            for condition in {each.condition, ""}
        )
    )


class _Patterns:
    """Index of a policy's patterns by what they cover."""

    def __init__(self, patterns: set[str]) -> None:
        self._all = patterns
        wild = (each for each in patterns if not each.startswith(ALL_BUT))
        self._wild = [(found[0], each) for each in wild if (found := _FIXED.match(each)) and found.end() < len(each)]
        self._known: dict[str, list[str]] = {}

    def covering(self, other: str) -> list[str]:
        """Return the patterns that certainly cover another one."""
        if other not in self._known:
            near = [each for fixed, each in self._wild if other.startswith(fixed)]
            wild = [each for each in near if each != other and pattern_covers(each, other)]
            self._known[other] = [*wild, *([other] if other in self._all else [])]
        return self._known[other]


def describe_grants(granted: tuple[Grant, ...]) -> Iterator[str]:
    """Describe grants, with the actions on one resource together: `s3:GetObject, s3:PutObject on arn:aws:s3:::a/*`."""
    together: dict[tuple[str, ...], list[str]] = {}
    for each in granted:
        together.setdefault(each[1:], []).append(each.action)
    for (resource, condition, effect, principal), actions in together.items():
        parts = ["denied: " if effect == DENY else "", ", ".join(actions)]
        parts += [f" on {resource}" if resource else "", f" by {principal}" if principal else ""]
        parts += [f" if {one_line(json.loads(condition))}" if condition else ""]
        yield "".join(parts)


def _grants(value: Value) -> Iterator[Grant]:
    for statement in as_list(value.value["Statement"]):
        if not isinstance(statement, dict):
            continue
        condition, effect = _condition(statement.get("Condition")), str(statement.get("Effect"))
        actions, resources = _patterns(statement, "Action"), _patterns(statement, "Resource")
        for principal, action, resource in product(_principals(statement), actions, resources):
            yield Grant(action, resource, condition, effect, principal)


def _condition(value: Value) -> str:
    """Return a condition as JSON; empty if there is none that IAM accepts."""
    blocks = value if isinstance(value, dict) else {}
    found = {operator: keys for operator, keys in blocks.items() if isinstance(keys, dict)}
    return json.dumps(found, default=str, sort_keys=True) if found else ""


def _patterns(statement: dict[str, Value], name: str) -> list[str]:
    if f"Not{name}" in statement:
        return [f"{ALL_BUT}{' and '.join(sorted(_word(each) for each in as_list(statement[f'Not{name}'])))}"]
    return [_word(each) for each in as_list(statement.get(name))] or [""]


def _principals(statement: dict[str, Value]) -> list[str]:
    if "NotPrincipal" in statement:
        return [f"{ALL_BUT}{one_line(statement['NotPrincipal'])}"]
    principal = statement.get("Principal")
    if isinstance(principal, dict):
        return [f"{kind}: {_word(each)}" for kind, names in principal.items() for each in as_list(names)]
    return [_word(each) for each in as_list(principal)] or [""]


def _word(value: Value) -> str:
    return value if isinstance(value, str) else one_line(value)


def pattern_covers(pattern: str, other: str) -> bool:
    """Return whether a pattern certainly matches everything that another one does. `?` does not match `*`."""
    if pattern == "*":
        return True
    return not other.startswith(ALL_BUT) and not ("?" in pattern and "*" in other) and matches_pattern(other, pattern)
