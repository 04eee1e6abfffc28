"""What a policy grants, and what a changed one grants more or less.

document → statements: each principal, action and resource, with effect and condition
after without what `before` covers → gained; before without what `after` covers → lost

A pattern covers another when it matches all that the other one matches: `s3:GetObject` after `s3:*` is no gain. What
cannot be told for sure is a gain.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import functools
import json
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from wealist.review.difference import shown
from wealist.review.secrets import MASK
from wealist.review.values import JsonText, Value

ALLOW: Final = "Allow"
DENY: Final = "Deny"
ALL_BUT: Final = "all but "


class Grant(NamedTuple):
    """One action on one resource, allowed or denied.

    Attributes:
        effect: `ALLOW` or `DENY`.
        principal: who, where the policy says so: `Service: ec2.amazonaws.com`.
        action: a pattern; of `NotAction`, `ALL_BUT` and its patterns.
        resource: a pattern; of `NotResource`, `ALL_BUT` and its patterns.
        condition: as JSON; empty without one.
    """

    effect: str
    principal: str
    action: str
    resource: str
    condition: str

    @property
    def is_masked(self) -> bool:
        """Whether it cannot be judged: of a resource, a part may be masked."""
        whole = MASK in self.resource and not self.resource.replace(MASK, "")
        return whole or any(MASK in each for each in (self.principal, self.action, self.condition))

    @property
    def conditions(self) -> Iterator[tuple[str, str, list[Value]]]:
        """The condition: each operator, key in lower case, and values."""
        block = json.loads(self.condition) if self.condition else {}
        for operator, keys in block.items() if isinstance(block, dict) else ():
            for key, values in keys.items() if isinstance(keys, dict) else ():
                yield operator, key.lower(), _list(values)


def is_policy(value: Value) -> bool:
    """Whether a value is a policy document."""
    return isinstance(value, JsonText) and isinstance(value.value, dict) and "Statement" in value.value


def grants(value: Value) -> tuple[Grant, ...]:
    """Everything that a policy allows or denies; nothing where there is none."""
    return tuple(dict.fromkeys(_grants(value))) if is_policy(value) else ()


def without(granted: tuple[Grant, ...], others: tuple[Grant, ...]) -> tuple[Grant, ...]:
    """What no grant of `others` covers: none for the same or for everyone, with the same condition or without one."""
    same = set(others)
    new = [each for each in granted if each not in same]
    resources = _Patterns({each.resource for each in others})
    covered = {each: resources.covering(each) for each in {grant.resource for grant in new}}
    if not any(covered.values()):
        return tuple(new)
    there = {Grant(each.effect, each.principal, each.action.lower(), each.resource, each.condition) for each in others}
    actions = _Patterns({each.action for each in there})
    return tuple(
        each
        for each in new
        if not any(
            Grant(each.effect, principal, action, resource, condition) in there
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
        self._wild = [each for each in patterns if ("*" in each or "?" in each) and not each.startswith(ALL_BUT)]
        self._known: dict[str, list[str]] = {}

    def covering(self, other: str) -> list[str]:
        """The patterns that match all that another one does; never one too many."""
        if other not in self._known:
            wild = [each for each in self._wild if each != other and _covers(each, other)]
            self._known[other] = [*wild, *([other] if other in self._all else [])]
        return self._known[other]


def told(granted: tuple[Grant, ...]) -> Iterator[str]:
    """Grants in words, those of the same resource in one: `s3:GetObject, s3:PutObject on arn:aws:s3:::bucket/*`."""
    together: dict[tuple[str, str, str, str], list[str]] = {}
    for each in granted:
        together.setdefault((each.effect, each.principal, each.resource, each.condition), []).append(each.action)
    for (effect, principal, resource, condition), actions in together.items():
        parts = ["denied: " if effect == DENY else "", ", ".join(actions)]
        parts += [f" on {resource}" if resource else "", f" by {principal}" if principal else ""]
        parts += [f" if {shown(json.loads(condition))}" if condition else ""]
        yield "".join(parts)


def _grants(value: Value) -> Iterator[Grant]:
    for statement in _list(value.value["Statement"]):
        if not isinstance(statement, dict):
            continue
        condition = json.dumps(statement["Condition"], default=str) if statement.get("Condition") else ""
        for principal in _principals(statement):
            for action in _patterns(statement, "Action"):
                for resource in _patterns(statement, "Resource"):
                    yield Grant(str(statement.get("Effect")), principal, action, resource, condition)


def _patterns(statement: dict[str, Value], name: str) -> list[str]:
    if f"Not{name}" in statement:
        return [f"{ALL_BUT}{' and '.join(sorted(_word(each) for each in _list(statement[f'Not{name}'])))}"]
    return [_word(each) for each in _list(statement.get(name))] or [""]


def _principals(statement: dict[str, Value]) -> list[str]:
    if "NotPrincipal" in statement:
        return [f"{ALL_BUT}{shown(statement['NotPrincipal'])}"]
    found = statement.get("Principal")
    if isinstance(found, dict):
        return [f"{kind}: {_word(each)}" for kind, names in found.items() for each in _list(names)]
    return [_word(each) for each in _list(found)] or [""]


def _word(value: Value) -> str:
    return value if isinstance(value, str) else shown(value)


def _list(value: Value) -> list[Value]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _covers(pattern: str, other: str) -> bool:
    """Whether a pattern with `*` and `?` matches all that another one does; never a false yes."""
    if pattern == "*":
        return True
    if other.startswith(ALL_BUT):
        return False
    beginning = pattern[:-1]
    if pattern.endswith("*") and "*" not in beginning and "?" not in beginning:
        return other.startswith(beginning)
    return _compiled(pattern).fullmatch(other) is not None


@functools.lru_cache(maxsize=4_096)
def _compiled(pattern: str) -> re.Pattern[str]:
    # A wildcard of the other pattern stands for itself, and only `*` may match it: `?` matches no `*`.
    parts = (
        ".*" if each == "*" else "[^*]" if each == "?" else re.escape(each) for each in re.sub(r"\*+", "*", pattern)
    )
    return re.compile("".join(parts), re.DOTALL)
