"""What a policy of a plan grants, and what a changed one grants more or less.

document → `Grant`s: each action, resource and principal, with effect and condition
after without what `before` covers → gained; before without what `after` covers → lost

A pattern covers another when it matches all that the other one matches: `s3:GetObject` after `s3:*` is no gain. What is
not certainly covered is a gain.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Final

from wealist.model.iam.evaluate import Grant, like
from wealist.model.plan_values import MASK, Value
from wealist.model.values import several
from wealist.review.difference import one_line
from wealist.review.values import JsonText

ALLOW: Final = "Allow"
DENY: Final = "Deny"
ALL_BUT: Final = "all but "
"""What the pattern of `NotAction`, `NotResource` and `NotPrincipal` begins with."""
_FIXED: Final = re.compile(r"[^*?]*")
"""What a pattern begins with, up to its first wildcard."""


def is_policy(value: Value) -> bool:
    """Whether a value is a policy document."""
    return isinstance(value, JsonText) and isinstance(value.value, dict) and "Statement" in value.value


def grants(value: Value) -> tuple[Grant, ...]:
    """Everything that a policy allows or denies; nothing where there is none."""
    return tuple(dict.fromkeys(_grants(value))) if is_policy(value) else ()


def is_grant_masked(grant: Grant) -> bool:
    """Whether it cannot be judged: of a resource, a part may be masked."""
    whole = MASK in grant.resource and not grant.resource.replace(MASK, "")
    return whole or MASK in grant.principal + grant.action + grant.condition


def uncovered(granted: tuple[Grant, ...], others: tuple[Grant, ...]) -> tuple[Grant, ...]:
    """What no grant of `others` covers: none for the same or for everyone, with the same condition or without one."""
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
    """The patterns of a policy, asked which of them cover another one."""

    def __init__(self, patterns: set[str]) -> None:
        self._all = patterns
        wild = (each for each in patterns if not each.startswith(ALL_BUT))
        self._wild = [(found[0], each) for each in wild if (found := _FIXED.match(each)) and found.end() < len(each)]
        self._known: dict[str, list[str]] = {}

    def covering(self, other: str) -> list[str]:
        """The patterns that match all that another one does; never one too many."""
        if other not in self._known:
            near = [each for fixed, each in self._wild if other.startswith(fixed)]
            wild = [each for each in near if each != other and pattern_covers(each, other)]
            self._known[other] = [*wild, *([other] if other in self._all else [])]
        return self._known[other]


def describe_grants(granted: tuple[Grant, ...]) -> Iterator[str]:
    """Grants in words, those of the same resource in one: `s3:GetObject, s3:PutObject on arn:aws:s3:::bucket/*`."""
    together: dict[tuple[str, ...], list[str]] = {}
    for each in granted:
        together.setdefault(each[1:], []).append(each.action)
    for (resource, condition, effect, principal), actions in together.items():
        parts = ["denied: " if effect == DENY else "", ", ".join(actions)]
        parts += [f" on {resource}" if resource else "", f" by {principal}" if principal else ""]
        parts += [f" if {one_line(json.loads(condition))}" if condition else ""]
        yield "".join(parts)


def _grants(value: Value) -> Iterator[Grant]:
    for statement in several(value.value["Statement"]):
        if not isinstance(statement, dict):
            continue
        condition, effect = _condition(statement.get("Condition")), str(statement.get("Effect"))
        actions, resources = _patterns(statement, "Action"), _patterns(statement, "Resource")
        for principal, action, resource in product(_principals(statement), actions, resources):
            yield Grant(action, resource, condition, effect, principal)


def _condition(value: Value) -> str:
    """A condition as JSON; empty where there is none, or none that IAM would take."""
    blocks = value if isinstance(value, dict) else {}
    found = {operator: keys for operator, keys in blocks.items() if isinstance(keys, dict)}
    return json.dumps(found, default=str, sort_keys=True) if found else ""


def _patterns(statement: dict[str, Value], name: str) -> list[str]:
    if f"Not{name}" in statement:
        return [f"{ALL_BUT}{' and '.join(sorted(_word(each) for each in several(statement[f'Not{name}'])))}"]
    return [_word(each) for each in several(statement.get(name))] or [""]


def _principals(statement: dict[str, Value]) -> list[str]:
    if "NotPrincipal" in statement:
        return [f"{ALL_BUT}{one_line(statement['NotPrincipal'])}"]
    principal = statement.get("Principal")
    if isinstance(principal, dict):
        return [f"{kind}: {_word(each)}" for kind, names in principal.items() for each in several(names)]
    return [_word(each) for each in several(principal)] or [""]


def _word(value: Value) -> str:
    return value if isinstance(value, str) else one_line(value)


def pattern_covers(pattern: str, other: str) -> bool:
    """Whether a pattern matches all that another one does; never a false yes: `?` matches no `*` of the other one."""
    if pattern == "*":
        return True
    return not other.startswith(ALL_BUT) and not ("?" in pattern and "*" in other) and like(other, pattern)
