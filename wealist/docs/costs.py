"""What an environment costs a month: by section and resource, what is unknown, what was assumed, and each toggle.

Toggles and the document's own figures need further syntheses, which take seconds: the site has them, and the committed
pages name the command that prints them.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

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

_MANY: Final = 100


@dataclass(frozen=True)
class Variants:
    """What costs otherwise when a setting is in its other position.

    Attributes:
        toggles: Environment → its toggles.
        figures: The architecture document's own figures beside ours.
    """

    toggles: Mapping[str, Sequence[Toggle]]
    figures: Sequence[Compared]


def variants(environments: Sequence[Environment]) -> Variants:
    """Synthesize each environment with each setting that costs in its other position, and what the document prices."""
    with ThreadPoolExecutor() as pool:
        others, own = pool.submit(toggles, *environments), pool.submit(_figures, environments[0])
    return Variants(others.result(), own.result())


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


def costs(view: View, others: Variants | None) -> Iterator[str]:
    """The page of one environment."""
    found, say = estimate(view.stack), view.say
    yield from charged(say, found)
    yield f"## {say('costs.toggles')}"
    yield from _toggles(view, others)
    if others is not None:
        yield f"## {say('costs.figures')}"
        yield table(say.columns("what", "says", "ours", "why"), map(_figure, others.figures))
    yield f"## {say('costs.assumptions')}"
    assumed = [(code(name), _number(value), say.word("assumed", what)) for name, value, what in Assumptions().stated()]
    yield table(say.columns("assumption", "value", "means"), assumed)
    yield f"## {say('costs.prices')}"
    yield table(say.columns("price", "unit", "usd", "source", "seen"), _prices(say, found))


def charged(say: Messages, found: Estimate) -> Iterator[str]:
    """What a stack costs a month: by section, by resource, and what is unknown."""
    yield say("costs.intro", total=code(_usd(found.total)))
    yield f"## {say('costs.sections')}"
    yield table(say.columns("section", "usd"), _sections(say, found))
    yield f"## {say('costs.rows')}"
    headings = say.columns("address", "what", "quantity", "price", "usd")
    for section, rows in found.by_section().items():
        yield f"### {say.word('cost_section', section)}"
        yield table(headings, [_row(say, each) for each in rows])
    yield f"## {say('costs.unknown')}"
    unknown = [
        (code(each.address), say.word("priced", each.what), say.sentence("unknown_cost", each.reason))
        for each in found.unknown
    ]
    yield table(say.columns("address", "what", "why"), unknown) or say("costs.nothing_unknown")


def _figure(each: Compared) -> tuple[str, ...]:
    return text(each.figure.what), f"~{each.figure.says}", _usd(each.ours), text(each.figure.reason)


def _sections(say: Messages, found: Estimate) -> Iterator[tuple[str, str]]:
    for section, rows in found.by_section().items():
        name = say.word("cost_section", section)
        yield name, _usd(sum(row.usd or 0 for row in rows))
    yield f"**{say('costs.total')}**", f"**{_usd(found.total)}**"


def _row(say: Messages, row: Row) -> tuple[str, ...]:
    price = f"{_number(row.price)} / {say.word('unit', row.unit)}"
    return code(row.address), say.word("priced", row.what), _quantity(row.quantity or 0), price, _usd(row.usd)


def _toggles(view: View, others: Variants | None) -> Iterator[str]:
    if others is None:
        yield view.say("costs.by_command")
        return
    rows = [
        (
            code(each.setting),
            code(each.now),
            code(each.other),
            _usd(each.difference.usd, sign=True),
            _why(view.say, each),
        )
        for each in others.toggles[view.environment.name]
    ]
    yield table(view.say.columns("setting", "now", "other", "usd", "why"), rows)


def _why(say: Messages, toggle: Toggle) -> str:
    """What has its share in a toggle's difference, and what of it is unknown."""
    parts = [f"{say.word('priced', each.what)} {_usd(each.usd, sign=True)}" for each in toggle.difference.parts]
    unknown = [f"{code(each)}: {say('costs.not_known')}" for each in toggle.difference.unknown]
    return "<br>".join([*parts, *unknown]) or NONE


def _prices(say: Messages, found: Estimate) -> Iterator[tuple[str, ...]]:
    used = {row.price_id for row in found.rows}
    for name, price in sorted(prices().items()):
        if name in used:
            yield code(name), say.word("unit", price.unit), _number(price.usd), text(price.source), text(price.seen)


def _usd(amount: float | None, *, sign: bool = False) -> str:
    if amount is None:
        return NONE
    return text(signed_usd(amount) if sign else f"{amount:,.2f}")


def _quantity(number: float) -> str:
    """Two decimals, and none of a hundred and more."""
    return _number(round(number, 2 if number < _MANY else 0))


def _number(number: float | None) -> str:
    """All digits that count."""
    return NONE if number is None else f"{number:,.10f}".rstrip("0").rstrip(".")
