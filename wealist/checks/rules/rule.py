"""What a rule is, where a resource stands, and how a function of a rule is registered.

row of a TOML file ─► Rule ─┬─ path, operator, value    a comparison of one argument
                            └─ check                    the name of a function of functions.py
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

from wealist.model.stack import Resource, StackJson
from wealist.model.values import Values, as_list
from wealist.spec.environment import Environment

Severity = Literal["danger", "caution", "note"]
Where = Literal["anywhere", "protected", "environment", "bootstrap"]


@dataclass(frozen=True)
class Scope:
    """Where a resource stands.

    Attributes:
        stack: Its stack.
        environment: The description of the stack, where it is an environment.
    """

    stack: StackJson
    environment: Environment | None
    _pointing: dict[tuple[str, str], dict[str, list[Resource]]] = field(default_factory=dict, repr=False)

    @property
    def protected(self) -> bool:
        """Whether nothing that holds data may be destroyed; true of every stack that is no environment."""
        return self.environment is None or not self.environment.may_be_destroyed

    def is_at(self, where: Where) -> bool:
        """Whether a rule for some place is for this one."""
        match where:
            case "protected":
                return self.protected
            case "environment":
                return self.environment is not None
            case "bootstrap":
                return self.stack.name == "bootstrap"
            case "anywhere":
                return True

    def pointing_at(self, resource: Resource, kind: str, argument: str) -> list[Resource]:
        """Every resource of a type whose argument, or an element of it, is a reference to a resource."""
        index = self._pointing.get((kind, argument))
        if index is None:
            index = self._pointing[kind, argument] = {}
            for each in self.stack.all(kind):
                for target in filter(None, map(self.stack.target, as_list(each.get(argument)))):
                    index.setdefault(target.address, []).append(each)
        return index.get(resource.address, [])


@dataclass(frozen=True)
class Condition:
    """A comparison of one argument.

    Attributes:
        path: The argument; a nested one after a dot, of every block where there are several. `parameter[x].value` is
            in the block whose name is x.
        operator: One of `operators.OPERATORS`; in a rule also `refers_to`, `referenced_by` or `forbidden`.
        value: What the argument is compared with.
        optional: Whether the argument may be left out.
        some: Whether one block that is right is enough, and the others may be wrong.
    """

    path: str = ""
    operator: str = ""
    value: Any = None
    optional: bool = False
    some: bool = False


@dataclass(frozen=True)
class Rule:
    """One requirement of a control.

    Attributes:
        control: The control's id: AWS's where Security Hub has one, else ours.
        types: The resource types that it is about.
        demand: What an argument must be; empty where a function checks.
        severity: How bad it is to break it.
        remedy: What to do, as an instruction.
        when: It holds only for resources that meet this.
        where: It holds only for stacks of this kind.
        check: The name of a function that checks, where no operator does.
        written: It is about what the configuration says. A plan does not show it, or shows there what AWS fills in.
        why: What goes wrong otherwise, as a sentence; may be empty.
        file: The name of the file that the row is in.
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
        """The argument that it is about; empty where it is about the whole resource."""
        return self.demand.path

    @property
    def operator(self) -> str:
        """How the argument is compared; empty where a function checks."""
        return self.demand.operator

    @property
    def value(self) -> Any:  # noqa: ANN401  a value of TOML
        """What the argument is compared with."""
        return self.demand.value

    @cached_property
    def needs_stack(self) -> bool:
        """Whether it cannot be judged by a resource's values in a plan: it follows references, or is `written`."""
        return self.written or self.check in OF_STACK or self.operator in STACK_OPERATORS


STACK_OPERATORS: Final = frozenset({"refers_to", "referenced_by"})
"""Operators that follow references."""

OfValues = Callable[[Values], str | None]
OfStack = Callable[[Resource, Scope], str | None]
OF_VALUES: Final[dict[str, OfValues]] = {}
"""Functions of a resource's values, by name; each returns the problem, or None."""
OF_STACK: Final[dict[str, OfStack]] = {}
"""Functions of a resource and its stack, by name; each returns the problem, or None."""


def of_values(function: OfValues) -> OfValues:
    """Register a function of a resource's values under its own name."""
    OF_VALUES[function.__name__] = function
    return function


def of_stack(function: OfStack) -> OfStack:
    """Register a function of a resource and its stack under its own name."""
    OF_STACK[function.__name__] = function
    return function


def described(name: str, value: object) -> str:
    """`deletion_protection is False`, or `deletion_protection is not set`."""
    return f"{name} is not set" if value is None else f"{name} is {value!r}"
