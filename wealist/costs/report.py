"""`wealist costs`: print the monthly costs of each stack, as tables or JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from rich.console import Console

from wealist import project
from wealist.checks.tables import Table, stdout
from wealist.costs.assumptions import Assumptions
from wealist.costs.estimate import Estimate, Row, estimate
from wealist.errors import BAD_INPUT, OperatorError
from wealist.model.stack import read

_FEW: Final = 0.25
"""US dollars below which the rows of a section are summed up."""
_WHOLE: Final = 100
"""Number from which on fractions are not printed."""
_NO_PRICE: Final = "unknown"


def report(name: str | None, settings: Sequence[str], *, as_json: bool) -> None:
    """Print the monthly costs of synthesized stacks.

    Args:
        name: Name of the stack; None for all stacks.
        settings: Assumptions that differ from the defaults: `nat_gb=200`.
        as_json: Print JSON only.

    Raises:
        OperatorError: The stack or an assumption is unknown, or no readable synthesis exists.
    """
    assumptions = Assumptions().with_settings(settings)
    found = {each: estimate(_stack(each), assumptions) for each in ([name] if name else _names())}
    if as_json:
        print(json.dumps(as_data(found), indent=2, ensure_ascii=False))  # noqa: T201  the output
        return
    console = stdout()
    for each in found.values():
        show(console, each)
    _show_assumptions(console, assumptions)


def show(console: Console, found: Estimate) -> None:
    """Print a table for each section of a stack, the unknown charges, and the total."""
    for section, rows in found.by_section().items():
        title = f"{found.stack}: {section}, ${_sum(rows):,.2f} a month"
        console.print(Table(title, ["USD", "what", "resource"], list(_lines(rows))))
    if found.unknown:
        cells = [[_NO_PRICE, row.what, row.address, row.reason] for row in found.unknown]
        title = f"{found.stack}: not known, and not counted"
        console.print(Table(title, ["USD", "what", "resource", "why"], cells, {_NO_PRICE: "yellow"}))
    unknown = f", and {len(found.unknown)} that are not known" if found.unknown else ""
    words = f"{found.stack}: ${found.total:,.2f} a month{unknown}\n"
    console.print(words, style="bold", markup=False, highlight=False)


def as_data(found: Mapping[str, Estimate]) -> dict[str, Any]:
    """Convert estimates to JSON. Unknown costs are null."""
    return {
        "total": round(sum(each.total for each in found.values()), 2),
        "assumptions": {name: value for each in found.values() for name, value, _ in each.assumptions.stated()},
        "stacks": {name: _stack_data(each) for name, each in found.items()},
    }


def _stack_data(found: Estimate) -> dict[str, Any]:
    return {
        "total": round(found.total, 2),
        "sections": {section: round(_sum(rows), 2) for section, rows in found.by_section().items()},
        "rows": [_row_data(row) for row in (*found.rows, *found.unknown)],
        "free": dict(found.free),
    }


def _row_data(row: Row) -> dict[str, Any]:
    return asdict(row) | {"usd": None if row.usd is None else round(row.usd, 4)}


def _lines(rows: Sequence[Row]) -> Iterator[list[str]]:
    large = [row for row in rows if (row.usd or 0) >= _FEW]
    for row in large:
        yield [
            _money(row.usd),
            f"{row.what}: {_number(row.quantity)} x ${_number(row.price)} per {row.unit}",
            row.address,
        ]
    if small := [row for row in rows if row not in large]:
        yield [_money(_sum(small)), f"{len(small)} of less than ${_FEW:.2f} each", ""]


def _money(usd: float | None) -> str:
    return f"{usd or 0:>8,.2f}"


def _number(number: float | None) -> str:
    """Format a number with its significant digits: `2,190`, `1.67`, `0.0000012`."""
    value = number or 0
    if value < 1:
        return f"{value:.10f}".rstrip("0").rstrip(".") or "0"
    return f"{value:,.0f}" if value >= _WHOLE else f"{value:,.2f}".removesuffix(".00")


def _sum(rows: Sequence[Row]) -> float:
    return sum(row.usd or 0 for row in rows)


def _show_assumptions(console: Console, assumptions: Assumptions) -> None:
    cells = [[_number(value), name, what] for name, value, what in assumptions.stated()]
    title = "Assumed of each stack's month; --set NAME=VALUE changes one"
    console.print(Table(title, ["value", "name", "what"], cells))
    console.print(
        "At list prices (wealist prices), without taxes, free tiers and discounts.", markup=False, highlight=False
    )


def _names() -> Iterator[str]:
    try:
        yield from project.stack_names()
    except FileNotFoundError:
        raise _nothing() from None


def _stack(name: str) -> Any:  # noqa: ANN401  a StackJson
    try:
        return read(project.stack_folder(name) / "cdk.tf.json")
    except FileNotFoundError:
        raise _nothing() from None


def _nothing() -> OperatorError:
    folder = project.display_path(project.synthesized_folder())
    return OperatorError(f"{folder} holds no synthesis", remedy="run `python main.py`", exit_code=BAD_INPUT)
