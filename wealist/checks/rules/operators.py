"""How one argument is compared: the operators of rules.

{"ebs": [{"encrypted": "true"}]} ─ values_at "ebs.encrypted" ─► [True] ─ equals True ─► met
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from wealist.checks.rules.rule import Condition, described
from wealist.model.values import Values, is_unknown, values_at

EMPTY: Final[tuple[object, ...]] = (None, "", [], {})
"""Values that say as little as leaving an argument out."""


def problem_with(condition: Condition, values: Values) -> str | None:
    """What is wrong with an argument: its first wrong value. Values that nobody knows yet are not wrong.

    Raises:
        ValueError: something else stands where the path has a block.
    """
    found = values_at(values, condition.path)
    wrong = [each for each in found if not is_met(condition, each)]
    if not wrong or (condition.some and len(wrong) < len(found)):
        return None
    return described(condition.path, wrong[0])


def is_met(condition: Condition, value: object) -> bool:
    """Whether one value of an argument is right, or not known yet."""
    if is_unknown(value) or (condition.optional and value in EMPTY):
        return True
    return OPERATORS[condition.operator](value, condition.value)


def _same(value: object, wanted: object) -> bool:
    return value == wanted and isinstance(value, bool) is isinstance(wanted, bool)


def _one_of(value: object, wanted: list[object]) -> bool:
    return any(_same(value, each) for each in wanted)


def _elements(value: object) -> list[object]:
    return [each for each in value if not is_unknown(each)] if isinstance(value, list) else [value]


def _number(value: object) -> float | None:
    if isinstance(value, str) and value.isdigit():
        return int(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _at_least(value: object, wanted: float) -> bool:
    number = _number(value)
    return number is not None and number >= wanted


def _at_most(value: object, wanted: float) -> bool:
    number = _number(value)
    return number is not None and number <= wanted


def _contains(value: object, wanted: list[object]) -> bool:
    unknown = isinstance(value, list) and any(map(is_unknown, value))
    return unknown or all(each in _elements(value) for each in wanted)


def _matches(value: object, wanted: str) -> bool:
    return isinstance(value, str) and re.fullmatch(wanted, value) is not None


OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "absent": lambda value, _: value in EMPTY,
    "at_least": _at_least,
    "at_most": _at_most,
    "contains": _contains,
    "equals": _same,
    "excludes": lambda value, unwanted: not any(each in unwanted for each in _elements(value)),
    "matches": _matches,
    "none_of": lambda value, wanted: value is not None and not _one_of(value, wanted),
    "one_of": _one_of,
    "present": lambda value, _: value not in EMPTY,
    "within": lambda value, wanted: value is not None and all(each in wanted for each in _elements(value)),
}
"""Operator → whether a value is as the second value asks.

Of a list, `contains`: at least these are its elements; `within`: no others are; `excludes`: none of these is.
"""
