"""Billed quantities of each type (meters.toml), calculated from a resource's arguments.

meters.toml ─► Table ─ type ─► Meter ─ arguments, target, assumptions ─► Charge: price id, quantity
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

from wealist.costs.assumptions import Assumptions
from wealist.model.values import Values, is_unknown, values_at

METERS: Final = Path(__file__).with_name("meters.toml")
OTHER_SECTION: Final = "other"
_TARGET: Final = "target:"
_PLACE: Final = re.compile(r"\{([^}]+)\}")
_ABSENT: Final = frozenset({None, "", False, "false"})
_STRICT: Final = ConfigDict(extra="forbid")


class References(Protocol):
    """The references in the arguments of one resource."""

    def target(self, path: str) -> Values | None:
        """Return the arguments of the resource that an argument refers to; None if unknown."""
        ...

    def number(self, path: str) -> float | None:
        """Return the number of resources that an argument with an unknown value refers to; None if unknown."""
        ...


@dataclass(frozen=True, config=_STRICT)
class Factor:
    """A factor of a quantity; exactly one column is set."""

    assumption: str | None = None
    argument: str | None = None
    target: str | None = None
    count: str | None = None
    number: float | None = None


@dataclass(frozen=True, config=_STRICT)
class Meter:
    """A row of `meters` in meters.toml, which describes the columns."""

    type: str
    what: str
    price: str
    times: tuple[Factor, ...]
    target: str | None = None
    when: Mapping[str, str] | None = None
    usage: bool = False


@dataclass(frozen=True, config=_STRICT)
class Table:
    """The content of meters.toml.

    Attributes:
        sections: Section of the architecture → first words of its resources' names.
        meters: All meters.
        free: Type → why it is free of charge.
    """

    sections: Mapping[str, tuple[str, ...]]
    meters: tuple[Meter, ...]
    free: Mapping[str, str]


@dataclass(frozen=True)
class Charge:
    """A charge for a resource.

    Attributes:
        meter: The meter.
        price: Id of the price; None if it depends on an unknown argument.
        quantity: Units a month, for usage those of the whole stack; None if unknown.
    """

    meter: Meter
    price: str | None
    quantity: float | None


@cache
def table() -> Table:
    """Return the content of meters.toml."""
    return TypeAdapter(Table).validate_python(tomllib.loads(METERS.read_text(encoding="utf-8")))


@cache
def meters() -> Mapping[str, tuple[Meter, ...]]:
    """Return type → meters."""
    found: dict[str, tuple[Meter, ...]] = {}
    for meter in table().meters:
        found[meter.type] = (*found.get(meter.type, ()), meter)
    return found


def is_known(kind: str) -> bool:
    """Return whether a type has meters or is free of charge."""
    return kind in meters() or kind in table().free


def section_of(address: str) -> str:
    """Return the section of the architecture of an address, by the first word of its name."""
    word = address.partition("[")[0].rpartition(".")[2].partition("_")[0]
    return _sections().get(word, OTHER_SECTION)


@cache
def _sections() -> Mapping[str, str]:
    return {word: section for section, words in table().sections.items() for word in words}


def charges(kind: str, values: Values, references: References, assumptions: Assumptions) -> list[Charge]:
    """Return the charges for a resource.

    Args:
        kind: Its type.
        values: Its arguments.
        references: The references in its arguments.
        assumptions: The assumed usage.
    """
    return [
        Charge(
            meter=meter,
            price=_price(meter, values, references),
            quantity=_quantity(meter, values, references, assumptions),
        )
        for meter in meters().get(kind, ())
        if _applies(meter, values, references)
    ]


def _applies(meter: Meter, values: Values, references: References) -> bool:
    return all(_matches(_value(path, meter, values, references), wanted) for path, wanted in (meter.when or {}).items())


def _matches(value: object, wanted: str) -> bool:
    if wanted in _ABSENT:
        return value in _ABSENT if isinstance(value, str | bool | None) else not value
    return not is_unknown(value) and str(value).lower() == wanted.lower()


def _price(meter: Meter, values: Values, references: References) -> str | None:
    price = meter.price
    for path in _PLACE.findall(meter.price):
        value = _value(path, meter, values, references)
        if not isinstance(value, str):
            return None
        price = price.replace(f"{{{path}}}", value)
    return price


def _quantity(meter: Meter, values: Values, references: References, assumptions: Assumptions) -> float | None:
    quantity = 1.0
    for factor in meter.times:
        number = _number(factor, meter, values, references, assumptions)
        if number is None:
            return None
        quantity *= number
    return quantity


def _number(
    factor: Factor, meter: Meter, values: Values, references: References, assumptions: Assumptions
) -> float | None:
    if factor.number is not None:
        return factor.number
    if factor.assumption:
        return float(getattr(assumptions, factor.assumption))
    if factor.count:
        return _counted(values, factor.count, references)
    path = factor.argument or f"{_TARGET}{factor.target}"
    return _float(_value(path, meter, values, references))


def _counted(values: Values, path: str, references: References) -> float | None:
    found = _at(values, path)
    if any(map(is_unknown, found)):
        return references.number(path)
    return float(sum(len(each) if isinstance(each, list) else each is not None for each in found))


def _float(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, str | int | float) else None
    except ValueError:
        return None


def _value(path: str, meter: Meter, values: Values, references: References) -> Any:  # noqa: ANN401  JSON is of any type
    """Return the first value at a path of the resource, or of its target: `target:instance_type`."""
    if path.startswith(_TARGET):
        target = references.target(meter.target or "")
        return None if target is None else _at(target, path.removeprefix(_TARGET))[0]
    return _at(values, path)[0]


def _at(values: Values, path: str) -> list[Any]:
    try:
        return values_at(values, path) or [None]
    except ValueError:
        return [None]
