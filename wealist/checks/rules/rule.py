"""The parts of a rule: conditions on an argument with their operators, and functions for everything else.

row of a TOML file ─► Rule ─┬─ path, operator, value    a comparison of one argument
                            └─ check                    the name of a function of functions.py

{"ebs": [{"encrypted": "true"}]} ─ values_at "ebs.encrypted" ─► [True] ─ equals true ─► met
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

from wealist.model.stack import Resource, StackJson
from wealist.model.values import Values, as_list, is_unknown, values_at
from wealist.spec.environment import Environment

Severity = Literal["danger", "caution", "note"]
Where = Literal["anywhere", "protected", "environment", "bootstrap"]
EMPTY: Final[tuple[object, ...]] = (None, "", [], {})
"""Values that Terraform treats like an argument that is not set."""


@dataclass(frozen=True)
class Scope:
    """The stack of a resource.

    Attributes:
        stack: The stack.
        environment: The environment's description; None for a stack that is not an environment.
    """

    stack: StackJson
    environment: Environment | None
    _referring: dict[tuple[str, str], dict[str, list[Resource]]] = field(default_factory=dict, repr=False)

    @property
    def protected(self) -> bool:
        """Return whether data must be protected: everywhere but in destroyable environments."""
        return self.environment is None or not self.environment.may_be_destroyed

    def is_at(self, where: Where) -> bool:
        """Return whether a rule with this `where` applies to the stack."""
        match where:
            case "protected":
                return self.protected
            case "environment":
                return self.environment is not None
            case "bootstrap":
                return self.stack.name == "bootstrap"
            case "anywhere":
                return True

    def referring_to(self, resource: Resource, kind: str, argument: str) -> list[Resource]:
        """Return the resources of a type whose argument, or an element of it, refers to a resource."""
        index = self._referring.get((kind, argument))
        if index is None:
            index = self._referring[kind, argument] = {}
            for each in self.stack.all(kind):
                for target in filter(None, map(self.stack.target, as_list(each.get(argument)))):
                    index.setdefault(target.address, []).append(each)
        return index.get(resource.address, [])


@dataclass(frozen=True)
class Condition:
    """A comparison of one argument.

    Attributes:
        path: The argument, as `wealist.model.values.values_at` reads it; of several blocks, each one is compared.
        operator: One of `OPERATORS`; in a rule also `refers_to`, `referenced_by` or `forbidden`.
        value: The value to compare with.
        optional: Whether the argument may be left out.
        some: Whether one block that meets the condition is enough.
    """

    path: str = ""
    operator: str = ""
    value: Any = None
    optional: bool = False
    some: bool = False

    def problem(self, values: Values) -> str | None:
        """Return the first value that does not meet the condition, as a message. Unknown values meet it.

        Raises:
            ValueError: the path leads through a value that is not a block.
        """
        found = values_at(values, self.path)
        wrong = [each for each in found if not self.is_met_by(each)]
        if not wrong or (self.some and len(wrong) < len(found)):
            return None
        return describe_value(self.path, wrong[0])

    def is_certainly_met(self, values: Values) -> bool:
        """Return whether all values meet the condition. Unknown values do not; raises as `problem` does."""
        return all(not is_unknown(each) and self.is_met_by(each) for each in values_at(values, self.path))

    def is_met_by(self, value: object) -> bool:
        """Return whether one value meets the condition, or is unknown."""
        if is_unknown(value) or (self.optional and value in EMPTY):
            return True
        return OPERATORS[self.operator](value, self.value)


@dataclass(frozen=True)
class Rule:
    """One requirement of a control.

    Attributes:
        control: The control's id: AWS's where Security Hub has one, else ours.
        types: The resource types that it applies to.
        demand: The condition on an argument; empty where a function checks.
        severity: The severity of a violation.
        remedy: An instruction that removes a violation.
        when: Limits the rule to resources that meet this condition.
        where: Limits the rule to these stacks.
        check: The name of the function that checks, instead of `demand`.
        written: Whether only the configuration is checked, because a plan lacks the value or shows AWS's default.
        why: The consequence of a violation, as a sentence; may be empty.
        file: The name of the file with the row.
        source: The documentation of the control.
    """

    control: str
    types: tuple[str, ...]
    demand: Condition
    severity: Severity
    remedy: str
    when: Condition | None = None
    where: Where = "anywhere"
    check: str = ""
    written: bool = False
    why: str = ""
    file: str = ""
    source: str = ""

    @property
    def path(self) -> str:
        """Return the argument that is compared; empty for a rule about the whole resource."""
        return self.demand.path

    @property
    def operator(self) -> str:
        """Return the operator; empty where a function checks."""
        return self.demand.operator

    @property
    def value(self) -> Any:  # noqa: ANN401  a value of TOML
        """Return the value that the argument is compared with."""
        return self.demand.value

    @cached_property
    def needs_stack(self) -> bool:
        """Return whether a plan's values do not suffice: the rule follows references, or is `written`."""
        return self.written or self.check in STACK_CHECKS or self.operator in STACK_OPERATORS


STACK_OPERATORS: Final = frozenset({"refers_to", "referenced_by"})
"""Operators that follow references."""

ValuesCheck = Callable[[Values], str | None]
StackCheck = Callable[[Resource, Scope], str | None]
VALUES_CHECKS: Final[dict[str, ValuesCheck]] = {}
"""Functions of a resource's values, by name; each returns the problem, or None."""
STACK_CHECKS: Final[dict[str, StackCheck]] = {}
"""Functions of a resource and its stack, by name; each returns the problem, or None."""


def values_check(function: ValuesCheck) -> ValuesCheck:
    """Register a function of a resource's values under its name."""
    VALUES_CHECKS[function.__name__] = function
    return function


def stack_check(function: StackCheck) -> StackCheck:
    """Register a function of a resource and its stack under its name."""
    STACK_CHECKS[function.__name__] = function
    return function


def describe_value(name: str, value: object) -> str:
    """Return `deletion_protection is False`, or `deletion_protection is not set`."""
    return f"{name} is not set" if value is None else f"{name} is {value!r}"


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
"""Operator → whether a value meets it, given the value of the rule.

For lists: `contains` requires at least these elements, `within` no others, `excludes` none of them.
"""
