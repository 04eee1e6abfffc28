"""What a rule is: one control, the types it is about, and a small function that says what is wrong.

resource ─ check(resource, scope) ─► None: as it must be │ what was found instead
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from wealist.model.stack import Resource, StackJson
from wealist.spec.environment import Environment


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
    def lasts(self) -> bool:
        """Whether nothing stateful of it may be destroyed: so is everything that is no environment."""
        return self.environment is None or not self.environment.may_be_destroyed

    def pointing_at(self, resource: Resource, kind: str, argument: str) -> list[Resource]:
        """Every resource of a type whose argument, or an element of it, is a reference to a resource."""
        index = self._pointing.get((kind, argument))
        if index is None:
            index = self._pointing[kind, argument] = {}
            for each in self.stack.all(kind):
                for target in filter(None, map(self.stack.target, several(each.get(argument)))):
                    index.setdefault(target.address, []).append(each)
        return index.get(resource.address, [])


Check = Callable[[Resource, Scope], str | None]


@dataclass(frozen=True)
class Rule:
    """One control.

    Attributes:
        control: Its id: AWS's where Security Hub has one, else ours.
        types: The resource types that it is about.
        check: Says what is wrong with a resource, or None.
        remedy: What to do, as an instruction.
        applies: Whether it is about a resource of these types at all.
    """

    control: str
    types: tuple[str, ...]
    check: Check
    remedy: str
    applies: Callable[[Resource, Scope], bool] = lambda _resource, _scope: True


def where_it_lasts(_: Resource, scope: Scope) -> bool:
    """For rules about environments that may not be destroyed."""
    return scope.lasts


NEVER: Final = "is not given"


def unlike(resource: Resource, name: str, *, accepts: tuple[object, ...]) -> str | None:
    """What is wrong with an argument that is none of the values accepted. cdktf writes some booleans as strings."""
    found = resource.get(name)
    return None if plain(found) in accepts else said(name, found)


def said(name: str, found: object) -> str:
    """`deletion_protection is False`, or that it is not given."""
    return f"{name} {NEVER}" if found is None else f"{name} is {found!r}"


def plain(value: object) -> object:
    """A value with `"true"` and `"false"` as what they mean."""
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def statements(resource: Resource, name: str = "policy") -> Iterator[Mapping[str, Any]] | None:
    """The statements of a policy document, or None where it cannot be read: no literal JSON, or no policy."""
    try:
        found = json.loads(resource.get(name) or "")["Statement"]
    except (ValueError, TypeError, KeyError):
        return None
    several = found if isinstance(found, list) else [found]
    return iter(several) if all(isinstance(each, Mapping) for each in several) else None


def several(value: object) -> list[Any]:
    """What a policy gives as one or as a list of them."""
    return value if isinstance(value, list) else [] if value is None else [value]
