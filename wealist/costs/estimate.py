"""Estimate the monthly costs of a stack, by resource, from its synthesized JSON.

cdk.tf.json ─ StackJson ─ meters.toml ─ prices.toml ─ Assumptions ─► Estimate: rows, unknown, total
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wealist.costs.assumptions import Assumptions
from wealist.costs.meters import OTHER_SECTION, Charge, charges, is_known, section_of, table
from wealist.costs.prices import Price, Prices, price_of, prices
from wealist.model.stack import Resource, StackJson
from wealist.model.values import Values
from wealist.spec.account import REGION


@dataclass(frozen=True)
class Row:
    """One charge for a resource.

    Attributes:
        address: Address of the resource.
        section: Section of the architecture: a key of `sections` in meters.toml.
        what: What is billed: `NAT gateways`.
        quantity: Units a month; None if unknown.
        unit: Unit of the price; empty if there is no price.
        price: US dollars for one unit; None if unknown.
        price_id: Id of the price in prices.toml, which may lack it.
        reason: Why the costs are unknown; empty if they are known.
    """

    address: str
    section: str
    what: str
    quantity: float | None = None
    unit: str = ""
    price: float | None = None
    price_id: str = ""
    reason: str = ""

    @property
    def usd(self) -> float | None:
        """US dollars a month; None, not 0, if unknown."""
        return None if self.quantity is None or self.price is None else self.quantity * self.price


@dataclass(frozen=True)
class Estimate:
    """The monthly costs of a stack.

    Attributes:
        stack: Name of the stack.
        rows: Known charges, by section, the most expensive first.
        unknown: Charges without a price, or with a quantity that only AWS knows.
        assumptions: The assumed usage.
        free: Type in the stack → why it is free of charge.
    """

    stack: str
    rows: tuple[Row, ...]
    unknown: tuple[Row, ...]
    assumptions: Assumptions
    free: Mapping[str, str] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """The sum of the known charges, in US dollars a month."""
        return sum(row.usd or 0 for row in self.rows)

    def by_section(self) -> dict[str, tuple[Row, ...]]:
        """Return section → rows, in the architecture's order, without empty sections."""
        found: dict[str, tuple[Row, ...]] = {}
        for row in self.rows:  # sorted by section
            found[row.section] = (*found.get(row.section, ()), row)
        return found


def estimate(
    stack: StackJson, assumptions: Assumptions | None = None, table_of_prices: Prices | None = None
) -> Estimate:
    """Return the monthly costs of a stack.

    Args:
        stack: The synthesized stack.
        assumptions: The assumed usage. Defaults to `Assumptions()`.
        table_of_prices: The prices. Defaults to the committed ones.
    """
    assumed = assumptions or Assumptions()
    known = prices() if table_of_prices is None else table_of_prices
    charged = {
        address: charges(each.type, each.values, _InStack(each, stack), assumed)
        for address, each in sorted(stack.resources.items())
    }
    shared = Counter(id(charge.meter) for each in charged.values() for charge in each)
    rows = [
        _row(stack.resources[address], charge, shared[id(charge.meter)], _region(stack, address), known)
        for address, each in charged.items()
        for charge in each
    ]
    unlisted = [_unlisted(each) for _, each in sorted(stack.resources.items()) if not is_known(each.type)]
    order = [*table().sections, OTHER_SECTION]
    ranked = sorted(rows, key=lambda row: (order.index(row.section), -(row.usd or 0), row.address))
    held = {each.type for each in stack.resources.values()}
    return Estimate(
        stack=stack.name,
        rows=tuple(row for row in ranked if row.usd is not None),
        unknown=(*(row for row in ranked if row.usd is None), *unlisted),
        assumptions=assumed,
        free={kind: reason for kind, reason in table().free.items() if kind in held},
    )


@dataclass(frozen=True)
class _InStack:
    """The references of a resource in a synthesized stack."""

    resource: Resource
    stack: StackJson

    def target(self, path: str) -> Values | None:
        targets = (self.stack.target(value) for value in self.resource.at(path))
        return next((each.values for each in targets if each), None)

    def number(self, _: str) -> float | None:
        return None


def _row(resource: Resource, charge: Charge, sharing: int, region: str, known: Prices) -> Row:
    price_id, price = price_of(known, charge.price or charge.meter.price, region)
    quantity = charge.quantity
    if quantity is not None and charge.meter.usage:
        quantity /= sharing
    return Row(
        address=resource.address,
        section=section_of(resource.address),
        what=charge.meter.what,
        quantity=quantity,
        unit=price.unit if price else "",
        price=price.usd if price else None,
        price_id=price_id,
        reason=_why_unknown(price, price_id, quantity),
    )


def _why_unknown(price: Price | None, price_id: str, quantity: float | None) -> str:
    """Return why the costs of a row are unknown; empty if they are known."""
    if price is None:
        return f"no price {price_id} in wealist/costs/prices.toml"
    return "its number is known only in AWS" if quantity is None else ""


def _unlisted(resource: Resource) -> Row:
    reason = f"wealist/costs/meters.toml does not say what {resource.type} costs"
    return Row(resource.address, section_of(resource.address), resource.type, reason=reason)


def _region(stack: StackJson, address: str) -> str:
    alias = str(stack.resources[address].get("provider", "")).partition(".")[2]
    providers: list[Any] = stack.document.get("provider", {}).get("aws", [])
    return next((str(each.get("region")) for each in providers if each.get("alias", "") == alias), REGION)
