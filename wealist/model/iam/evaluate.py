"""Evaluate IAM policies: may an action be done on a resource, in a request context?

statements of a policy ─► {Grant} ─ Rights ─ allows(action, resource, context) ─► True or False

An explicit deny overrides every allow. A condition fails where its key is missing in the request context.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Any, Final, NamedTuple

from wealist.model.values import as_list

Conditions = Mapping[str, Mapping[str, Any]]
"""A condition block: operator → key → value or values."""
_ARN_PARTS: Final = 6


class Grant(NamedTuple):
    """One action on one resource, allowed or denied by a statement.

    Attributes:
        action: `service:Action`, with the wildcards `*` and `?` of the policy.
        resource: An ARN pattern, or `*`.
        condition: The statement's condition block as JSON with sorted keys; empty without one.
        effect: `Allow` or `Deny`.
        principal: `Service: ec2.amazonaws.com`; set by the review of plans only.
    """

    action: str
    resource: str
    condition: str = ""
    effect: str = "Allow"
    principal: str = ""

    @property
    def conditions(self) -> Conditions:
        """Return the condition block, parsed."""
        return _parsed(self.condition)

    def applies_to(self, action: str, resource: str) -> bool:
        """Return whether the patterns match an action and a resource; conditions are not evaluated."""
        return matches_action(self.action, action) and matches_pattern(resource, self.resource)


def allows(grants: Iterable[Grant], action: str, resource: str, context: Mapping[str, str]) -> bool:
    """Return whether IAM allows an action: an allow applies, and no deny does.

    Args:
        grants: All grants of the principal.
        action: `service:Action`.
        resource: An ARN.
        context: Condition keys and their values in the request.
    """
    effects = {
        grant.effect
        for grant in grants
        if grant.applies_to(action, resource) and meets_conditions(grant.conditions, context)
    }
    return effects == {"Allow"}


class Rights:
    """All grants of a principal, indexed by action.

    Attributes:
        grants: Allowed and denied ones.
    """

    def __init__(self, grants: Iterable[Grant]) -> None:
        self.grants = frozenset(grants)
        self._exact: dict[str, list[Grant]] = defaultdict(list)
        self._patterns: list[Grant] = []
        self._by_action: dict[str, list[Grant]] = {}
        for grant in self.grants:
            is_exact = "*" not in grant.action and "?" not in grant.action
            (self._exact[grant.action.lower()] if is_exact else self._patterns).append(grant)

    @cached_property
    def allowed(self) -> list[Grant]:
        """Return the allowed grants, sorted; a deny may override some of them."""
        return sorted(grant for grant in self.grants if grant.effect == "Allow")

    def grants_for(self, action: str) -> list[Grant]:
        """Return the grants that match an action."""
        if action not in self._by_action:
            patterns = (grant for grant in self._patterns if matches_action(grant.action, action))
            self._by_action[action] = [*self._exact[action.lower()], *patterns]
        return self._by_action[action]

    def allows(self, action: str, resource: str, context: Mapping[str, str] | None = None) -> bool:
        """Return whether IAM allows an action.

        Args:
            action: `service:Action`.
            resource: An ARN.
            context: Condition keys and their values. Defaults to any context that meets the conditions of a grant.
        """
        grants = self.grants_for(action)
        if context is not None:
            return allows(grants, action, resource, context)
        applying = [grant for grant in grants if grant.applies_to(action, resource)]
        contexts = [matching_context(grant) for grant in applying if grant.effect == "Allow"]
        return any(allows(applying, action, resource, each) for each in contexts)


def matching_context(grant: Grant) -> dict[str, str]:
    """Return a request context that meets the conditions of a grant."""
    return {
        key: as_list(values)[0].replace("*", "x")
        for block in grant.conditions.values()
        for key, values in block.items()
    }


def condition_values(conditions: Conditions, key: str, *operators: str) -> list[str]:
    """Return the values that a condition block requires of a key.

    Args:
        conditions: The condition block.
        key: A condition key, in any case.
        operators: Only the conditions with these operators. Defaults to all.
    """
    return [
        value
        for operator, keys in conditions.items()
        for name, values in keys.items()
        if name.lower() == key.lower() and (not operators or operator in operators)
        for value in as_list(values)
    ]


@lru_cache(maxsize=8192)
def matches_action(pattern: str, action: str) -> bool:
    """Return whether an action matches the action pattern of a policy; both are case-insensitive."""
    return matches_pattern(action.lower(), pattern.lower())


def meets_conditions(conditions: Conditions, context: Mapping[str, str]) -> bool:
    """Return whether a request context meets a condition block.

    Raises:
        ValueError: an operator is not one of `OPERATORS`.
    """
    known = {key.lower(): value for key, value in context.items()}
    for operator, keys in conditions.items():
        if operator not in OPERATORS:
            raise ValueError(f"the condition operator {operator} is not supported; known: {', '.join(OPERATORS)}")
        for key, wanted in keys.items():
            value = known.get(key.lower())
            if value is None or not any(OPERATORS[operator](value, each) for each in as_list(wanted)):
                return False
    return True


@lru_cache(maxsize=8192)
def matches_pattern(value: str, pattern: str) -> bool:
    """Return whether a value matches an IAM pattern: `*` is any characters, `?` any single one."""
    first = pattern.find("*")
    if "?" not in pattern and first in {-1, len(pattern) - 1}:
        return value == pattern if first < 0 else value.startswith(pattern[:-1])
    return _compiled(pattern).fullmatch(value) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(each) or re.escape(each) for each in pattern), re.DOTALL)


def arn_like(value: str, pattern: str) -> bool:
    """Evaluate `ArnLike`: compare the six parts of an ARN one by one, so that no `*` spans one of the first colons."""
    parts, patterns = value.split(":", _ARN_PARTS - 1), pattern.split(":", _ARN_PARTS - 1)
    return len(parts) == len(patterns) and all(map(matches_pattern, parts, patterns))


@lru_cache(maxsize=1024)
def _parsed(condition: str) -> Conditions:
    block: Conditions = json.loads(condition) if condition else {}
    return block


OPERATORS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
    "Bool": lambda value, wanted: value.lower() == wanted.lower(),
    "StringEquals": lambda value, wanted: value == wanted,
    "StringLike": matches_pattern,
}
"""Supported condition operators. Each holds where the key is present and one of the values matches.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""
