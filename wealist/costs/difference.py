"""Cost difference between two estimates, and cost difference of a plan.

A plan does not show usage such as traffic, so only charges by the hour, by size or by number count.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from wealist.costs.assumptions import Assumptions
from wealist.costs.estimate import Estimate
from wealist.costs.meters import Charge, charges, is_known, meters
from wealist.costs.prices import prices
from wealist.model.stack import without_index
from wealist.model.values import Values, is_unknown, values_at

_CENT: Final = 0.005
_SHOWN: Final = 3


@dataclass(frozen=True)
class CostPart:
    """One part of a difference: what is billed (`NAT gateways`), and US dollars a month."""

    what: str
    usd: float


@dataclass(frozen=True)
class CostDifference:
    """The change of monthly costs.

    Attributes:
        parts: All parts, the largest first.
        unknown: Addresses of created, changed or destroyed resources without a known price.
    """

    parts: tuple[CostPart, ...]
    unknown: tuple[str, ...] = ()

    @property
    def usd(self) -> float:
        """US dollars a month; negative if the change saves."""
        return sum(part.usd for part in self.parts)

    @property
    def summary(self) -> str:
        """`+$31.20 a month: NAT gateways +$43.07, instances -$11.87`; unknown prices are not included."""
        shown = [f"{part.what} {signed_usd(part.usd)}" for part in self.parts[:_SHOWN]]
        more = len(self.parts) - len(shown)
        listed = ", ".join([*shown, *([f"{more} more"] if more else [])])
        return f"{signed_usd(self.usd)} a month" + (f": {listed}" if listed else "")


def signed_usd(usd: float) -> str:
    """Return an amount with its sign: `+$31.20`."""
    return f"{'-' if usd < -_CENT else '+'}${abs(usd):,.2f}"


def estimate_difference(before: Estimate, after: Estimate) -> CostDifference:
    """Return the difference between two estimates of a stack."""
    found: Counter[str] = Counter()
    for sign, each in ((-1, before), (1, after)):
        for row in each.rows:
            found[row.what] += sign * (row.usd or 0)  # type: ignore[assignment]  # a Counter of floats
    known = {(row.address, row.what) for row in before.unknown}
    unknown = {row.address for row in after.unknown if (row.address, row.what) not in known}
    return CostDifference(_parts(found), tuple(sorted(unknown)))


class Change(Protocol):
    """A resource before and after a plan; None on a side where it does not exist."""

    @property
    def address(self) -> str: ...  # noqa: D102  Terraform's
    @property
    def type(self) -> str: ...  # noqa: D102  Terraform's
    @property
    def before(self) -> Any: ...  # noqa: ANN401, D102  JSON
    @property
    def after(self) -> Any: ...  # noqa: ANN401, D102  JSON


@dataclass(frozen=True)
class _Side:
    """The resources of a plan before or after the apply."""

    values: Mapping[str, Values]
    ids: Mapping[str, str]
    arguments: Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True)
class _InPlan:
    """The references of a resource: by id, or by the configuration if the id is not known yet."""

    address: str
    side: _Side

    def target(self, path: str) -> Values | None:
        value = next(iter(values_at(self.side.values[self.address], path)), None)
        if isinstance(value, str):
            return self.side.values.get(self.side.ids.get(value, ""))
        return next(iter(self._named(path)), None) if is_unknown(value) else None

    def number(self, path: str) -> float | None:
        return float(len(self._named(path))) or None

    def _named(self, path: str) -> list[Values]:
        names = self.side.arguments.get(without_index(self.address), {}).get(path.partition(".")[0], ())
        return [self.side.values[name] for name in dict.fromkeys(names) if name in self.side.values]


def plan_difference(
    changes: Sequence[Change], ids: Mapping[str, str], arguments: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> CostDifference | None:
    """Return the change of monthly costs by a plan, at the prices of the environments' region.

    Args:
        changes: Changed resources, and unchanged ones that they refer to. Forgotten resources keep their costs, so they
            are not passed.
        ids: Id in AWS → address.
        arguments: Address without its index → argument → addresses that it refers to.

    Returns:
        The difference, or None if no costs change.
    """
    before, after = (_side(changes, name, ids, arguments) for name in ("before", "after"))
    found: Counter[str] = Counter()
    unknown: set[str] = set()
    for change in (each for each in changes if each.type in meters() or not is_known(each.type)):
        was, will = _counted(change, before), _counted(change, after)
        if was == will:
            continue
        for sign, side in ((-1, was), (1, will)):
            for what, usd in side.items():
                if usd is None:
                    unknown.add(change.address)
                else:
                    found[what] += sign * usd  # type: ignore[assignment]  # a Counter of floats
    parts = _parts(found)
    return CostDifference(parts, tuple(sorted(unknown))) if parts or unknown else None


def _side(
    changes: Iterable[Change], name: str, ids: Mapping[str, str], arguments: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> _Side:
    sides = ((change.address, getattr(change, name)) for change in changes)
    return _Side({address: values for address, values in sides if isinstance(values, Mapping)}, ids, arguments)


def _counted(change: Change, side: _Side) -> dict[str, float | None]:
    """Return what is billed on one side of a change → US dollars a month, None if unknown."""
    values = side.values.get(change.address)
    if values is None:
        return {}
    if not is_known(change.type):
        return {change.type: None}
    found = charges(change.type, values, _InPlan(change.address, side), Assumptions())
    return {charge.meter.what: _usd(charge) for charge in found if not charge.meter.usage}


def _usd(charge: Charge) -> float | None:
    price = prices().get(charge.price or "")
    return None if price is None or charge.quantity is None else price.usd * charge.quantity


def _parts(found: Mapping[str, float]) -> tuple[CostPart, ...]:
    parts: Iterator[CostPart] = (CostPart(what, usd) for what, usd in found.items() if abs(usd) >= _CENT)
    return tuple(sorted(parts, key=lambda part: (-abs(part.usd), part.what)))
