"""What IAM answers when it is asked: may this action be done on this resource, in this context?

statements of a policy ─► {Grant} ─ Rights ─ may(action, resource, context) ─► yes or no

An explicit refusal outweighs every permission, and a condition fails where its key is missing.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Any, Final, NamedTuple

from wealist.model.values import several

_ARN_PARTS: Final = 6


class Grant(NamedTuple):
    """One action on one resource, as a statement of a policy grants it, or refuses it.

    Attributes:
        action: `service:Action`, with `*` and `?` as in the policy.
        resource: an ARN pattern, or `*`.
        condition: the statement's condition block as JSON with sorted keys; empty without one.
        effect: `Allow` or `Deny`.
        principal: who, as the review reads the policies of plans: `Service: ec2.amazonaws.com`; else empty.
    """

    action: str
    resource: str
    condition: str = ""
    effect: str = "Allow"
    principal: str = ""

    @property
    def conditions(self) -> Mapping[str, Mapping[str, Any]]:
        """The condition block: operator → key → value or values."""
        return _block(self.condition)


def allows(held: Iterable[Grant], action: str, resource: str, context: Mapping[str, str]) -> bool:
    """Whether IAM would allow an action: a grant matches, and no refusal does.

    Args:
        held: all that the policies of the principal say.
        action: `service:Action`.
        resource: an ARN.
        context: condition keys → values.
    """
    effects = {
        grant.effect
        for grant in held
        if names(grant.action, action) and like(resource, grant.resource) and holds(grant.conditions, context)
    }
    return effects == {"Allow"}


def reaches(held: Iterable[Grant], action: str, resource: str) -> bool:
    """Whether IAM would allow an action in whatever context suits it best."""
    about = [grant for grant in held if names(grant.action, action) and like(resource, grant.resource)]
    return any(allows(about, action, resource, context_of(grant)) for grant in about if grant.effect == "Allow")


class Rights:
    """All that the policies of a principal say, asked by action.

    Attributes:
        grants: what they allow and what they refuse.
    """

    def __init__(self, grants: Iterable[Grant]) -> None:
        self.grants = frozenset(grants)
        self._exact: dict[str, list[Grant]] = defaultdict(list)
        self._patterns: list[Grant] = []
        self._known: dict[str, list[Grant]] = {}
        for grant in self.grants:
            is_exact = "*" not in grant.action and "?" not in grant.action
            (self._exact[grant.action.lower()] if is_exact else self._patterns).append(grant)

    @cached_property
    def allowed(self) -> list[Grant]:
        """What is allowed, refused or not, in order."""
        return sorted(grant for grant in self.grants if grant.effect == "Allow")

    def about(self, action: str) -> list[Grant]:
        """What is said of an action."""
        if action not in self._known:
            patterns = (grant for grant in self._patterns if names(grant.action, action))
            self._known[action] = [*self._exact[action.lower()], *patterns]
        return self._known[action]

    def may(self, action: str, resource: str, context: Mapping[str, str] | None = None) -> bool:
        """Whether IAM would allow an action; without a context, in the one that suits it best."""
        about = self.about(action)
        return reaches(about, action, resource) if context is None else allows(about, action, resource, context)


def context_of(grant: Grant) -> dict[str, str]:
    """A request that meets a grant's own conditions."""
    return {
        key: several(values)[0].replace("*", "x")
        for block in grant.conditions.values()
        for key, values in block.items()
    }


def asked(conditions: Mapping[str, Mapping[str, Any]], key: str, *operators: str) -> list[str]:
    """The values that a condition block asks of a key, by some operators or by any; none where it asks none."""
    return [
        value
        for operator, keys in conditions.items()
        for name, values in keys.items()
        if name.lower() == key.lower() and (not operators or operator in operators)
        for value in several(values)
    ]


@lru_cache(maxsize=8192)
def names(pattern: str, action: str) -> bool:
    """Whether an action of a policy names an action, whatever the case of letters."""
    return like(action.lower(), pattern.lower())


def holds(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    """Whether a condition block is met.

    Raises:
        ValueError: an operator holds in another way than those of `OPERATORS`.
    """
    known = {key.lower(): value for key, value in context.items()}
    for operator, keys in conditions.items():
        if operator not in OPERATORS:
            raise ValueError(f"{operator} holds in another way than this reads it; known: {', '.join(OPERATORS)}")
        for key, wanted in keys.items():
            value = known.get(key.lower())
            if value is None or not any(OPERATORS[operator](value, each) for each in several(wanted)):
                return False
    return True


@lru_cache(maxsize=8192)
def like(value: str, pattern: str) -> bool:
    """Whether a value matches a pattern as IAM reads one: `*` any characters, `?` any one, all else itself."""
    first = pattern.find("*")
    if "?" not in pattern and first in {-1, len(pattern) - 1}:
        return value == pattern if first < 0 else value.startswith(pattern[:-1])
    return _compiled(pattern).fullmatch(value) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(each) or re.escape(each) for each in pattern), re.DOTALL)


def arn_like(value: str, pattern: str) -> bool:
    """`ArnLike`: each of the six parts of an ARN by itself, so that no `*` reaches over a colon of the first five."""
    parts, patterns = value.split(":", _ARN_PARTS - 1), pattern.split(":", _ARN_PARTS - 1)
    return len(parts) == len(patterns) and all(map(like, parts, patterns))


@lru_cache(maxsize=1024)
def _block(condition: str) -> Mapping[str, Mapping[str, Any]]:
    block: Mapping[str, Mapping[str, Any]] = json.loads(condition) if condition else {}
    return block


OPERATORS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
    "Bool": lambda value, wanted: value.lower() == wanted.lower(),
    "StringEquals": lambda value, wanted: value == wanted,
    "StringLike": like,
}
"""Condition operators that hold where the key is there and one of the values matches.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""
