"""The cost page of an environment: monthly costs by section and resource, unknown costs, assumptions, alternatives.

Alternative settings and the figures of the architecture document need further syntheses, which take seconds. Only the
site has them. The committed pages say so.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from wealist import project
from wealist.costs.assumptions import Assumptions
from wealist.costs.difference import signed_usd
from wealist.costs.document import Compared, compare_figures
from wealist.costs.estimate import Estimate, Row, estimate
from wealist.costs.prices import prices
from wealist.costs.toggles import Toggle, toggles
from wealist.docs.markdown import NONE, code, table, text
from wealist.docs.messages import Messages
from wealist.docs.view import View
from wealist.model.stack import read
from wealist.spec.environment import Environment, ManagedDatabase


@dataclass(frozen=True)
class Variants:
    """The costs of alternative settings.

    Attributes:
        toggles: Environment → the settings that change its costs.
        figures: The figures of the architecture document, beside our estimates.
    """

    toggles: Mapping[str, Sequence[Toggle]]
    figures: Sequence[Compared]


def variants(environments: Sequence[Environment]) -> Variants:
    """Synthesize each environment with each alternative setting, and what the architecture document prices."""
    with ThreadPoolExecutor() as pool:
        alternatives, figures = pool.submit(toggles, *environments), pool.submit(_figures, environments[0])
    return Variants(alternatives.result(), figures.result())


def _figures(environment: Environment) -> list[Compared]:
    managed = [
        environment.model_copy(update={"database": ManagedDatabase(), "enable_multi_az": position})
        for position in (False, True)
    ]
    with TemporaryDirectory(prefix="wealist-costs-") as folder:
        out = [Path(folder, name) for name in ("single", "multi-az")]
        project.synthesize_variants([each.model_dump_json() for each in managed], out)
        single, multi = (estimate(read(each / "stacks" / environment.name / "cdk.tf.json")) for each in out)
    return compare_figures(single, multi)


def costs(view: View, variants_: Variants | None) -> Iterator[str]:
    """Yield the cost page of an environment. Without variants, it names the command that computes them."""
    found, say = estimate(view.stack), view.say
    yield from monthly_costs(say, found)
    yield f"## {say('costs.toggles')}"
    yield from _toggles(view, variants_)
    if variants_ is not None:
        yield f"## {say('costs.figures')}"
        yield table(say.columns("what", "says", "ours", "why"), map(_figure, variants_.figures))
    yield f"## {say('costs.assumptions')}"
    assumed = [
        (code(name), _number(value), say.translate("assumed", what)) for name, value, what in Assumptions().stated()
    ]
    yield table(say.columns("assumption", "value", "means"), assumed)
    yield f"## {say('costs.prices')}"
    yield table(say.columns("price", "unit", "usd", "source", "seen"), _prices(say, found))


def monthly_costs(say: Messages, found: Estimate) -> Iterator[str]:
    """Yield the monthly costs of a stack by section and resource, and its unknown costs."""
    yield say("costs.intro", total=code(_usd(found.total)))
    yield f"## {say('costs.sections')}"
    yield table(say.columns("section", "usd"), _sections(say, found))
    yield f"## {say('costs.rows')}"
    headings = say.columns("address", "what", "quantity", "price", "usd")
    for section, rows in found.by_section().items():
        yield f"### {say(f'cost_section.{section}')}"
        yield table(headings, [_row(say, each) for each in rows])
    yield f"## {say('costs.unknown')}"
    unknown = [
        (code(each.address), say.translate("priced", each.what), say.translate("unknown_cost", each.reason))
        for each in found.unknown
    ]
    yield table(say.columns("address", "what", "why"), unknown) or say("costs.nothing_unknown")


def _figure(each: Compared) -> tuple[str, ...]:
    return text(each.figure.what), f"~{each.figure.says}", _usd(each.ours), text(each.figure.reason)


def _sections(say: Messages, found: Estimate) -> Iterator[tuple[str, str]]:
    for section, rows in found.by_section().items():
        name = say(f"cost_section.{section}")
        yield name, _usd(sum(row.usd or 0 for row in rows))
    yield f"**{say('costs.total')}**", f"**{_usd(found.total)}**"


def _row(say: Messages, row: Row) -> tuple[str, ...]:
    price = f"{_number(row.price)} / {say.translate('unit', row.unit)}"
    return code(row.address), say.translate("priced", row.what), _quantity(row.quantity or 0), price, _usd(row.usd)


def _toggles(view: View, variants_: Variants | None) -> Iterator[str]:
    if variants_ is None:
        yield view.say("costs.by_command")
        return
    rows = [_toggle(view.say, each) for each in variants_.toggles[view.environment.name]]
    yield table(view.say.columns("setting", "now", "other", "usd", "why"), rows)


def _toggle(say: Messages, each: Toggle) -> tuple[str, ...]:
    usd = _usd(each.difference.usd, sign=True)
    return code(each.setting), code(each.now), code(each.other), usd, _why(say, each)


def _why(say: Messages, toggle: Toggle) -> str:
    """Return the priced parts of a difference, and the unknown ones."""
    parts = [f"{say.translate('priced', each.what)} {_usd(each.usd, sign=True)}" for each in toggle.difference.parts]
    unknown = [f"{code(each)}: {say('costs.not_known')}" for each in toggle.difference.unknown]
    return "<br>".join([*parts, *unknown]) or NONE


def _prices(say: Messages, found: Estimate) -> Iterator[tuple[str, ...]]:
    used = {row.price_id for row in found.rows}
    for name, price in sorted(prices().items()):
        if name in used:
            yield (
                code(name),
                say.translate("unit", price.unit),
                _number(price.usd),
                text(price.source),
                text(price.seen),
            )


def _usd(amount: float | None, *, sign: bool = False) -> str:
    if amount is None:
        return NONE
    return text(signed_usd(amount) if sign else f"{amount:,.2f}")


def _quantity(number: float) -> str:
    """Return a number with two decimals if it is below 100, else without decimals."""
    return _number(round(number, 2 if number < 100 else 0))  # noqa: PLR2004 -- see above


def _number(number: float | None) -> str:
    """Return a number with all its decimals, up to ten."""
    return NONE if number is None else f"{number:,.10f}".rstrip("0").rstrip(".")
