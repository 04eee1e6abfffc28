"""A complete review as one HTML page with drawings, without external resources.

Review ─► verdict, gates, risks │ drawings before and after │ every change │ notes, outputs, drift

The review holds no secrets, and the template escapes everything.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from wealist.diagram.figure import figures, script, style
from wealist.diagram.svg import Picture
from wealist.errors import OperatorError
from wealist.review.changes import attribute_lines
from wealist.review.difference import Line, visible_line
from wealist.review.drawings import PlanDrawings, plan_drawings
from wealist.review.finding import Code, Words
from wealist.review.formatting import change_title, cost_words, unjudged_words
from wealist.review.gates import short_form
from wealist.review.layout import group_findings
from wealist.review.markdown import NEUTRAL, SIGNS, change_groups, is_acknowledged
from wealist.review.values import truncate, visible
from wealist.review.verdict import Review

HERE: Final = Path(__file__).parent
LANGUAGE: Final = "en"
NAMED: Final = 40
"""Maximum number of addresses without a drawing that are listed."""
_SIDES: Final = ("before", "after")


class Part(NamedTuple):
    """A part of a sentence."""

    text: str
    is_code: bool


class Drawn(NamedTuple):
    """The drawings of a page, or the reason why there are none.

    Attributes:
        sides: `before` or `after`, and the figure.
    """

    sides: Sequence[tuple[str, Markup]]
    undrawn: Sequence[str]
    problem: str = ""


def page(review: Review) -> str:
    """Render the page. For drawings, the plan must be read by `read_plan(…, with_unchanged=True)`."""
    risks, notes = group_findings(review)
    drawn = _drawn(plan_drawings(review.plan)) if review.plan.changes else Drawn((), ())
    return _template().render(
        review=review,
        stopped=[(stop.name, short_form(stop.name)) for stop in review.gate_result.stopped],
        risks=risks,
        notes=notes,
        sign=NEUTRAL if review.is_neutral else SIGNS[review.severity],
        counts=[(number, name) for name, number in review.plan.counts.items() if number],
        costs=list(cost_words(review.costs)),
        unjudged=list(unjudged_words(review.unjudged, review.plan.unread)),
        groups=[(title, changes) for title, _, changes in change_groups(review)],
        drawn=drawn,
        named=NAMED,
        style=Markup(style()),  # noqa: S704 -- a file of ours
        script=Markup(script()),  # noqa: S704 -- a file of ours
    )


def refusal(stack: str, message: str, remedy: str) -> str:
    """Render the page on a plan that cannot be reviewed."""
    return _template("refusal.html.jinja").render(stack=stack, message=message, remedy=remedy)


def _drawn(found: PlanDrawings) -> Drawn:
    """Return the figures of both sides, or the problem if drawing fails; a review works without drawings."""
    pictures = [
        (side, Picture(drawing, found.marks, f"{pair.name}-{side}"))
        for pair in found.pairs
        for side, drawing in zip(_SIDES, (pair.before, pair.after), strict=True)
        if drawing
    ]
    try:
        made = figures([picture for _, picture in pictures], language=LANGUAGE)
    except OperatorError as error:
        return Drawn((), found.undrawn, f"Nothing is drawn: {error.message}. Remedy: {error.remedy}.")
    sides = [(side, figure) for (side, _), figure in zip(pictures, made, strict=True)]
    return Drawn(sides, found.undrawn)


@cache
def _template(name: str = "page.html.jinja") -> Template:
    loader = FileSystemLoader(HERE)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "words": _words,
        "shown": _shown,
        "difference": _difference,
        "title": lambda change: _words(change_title(change)),
    }
    environment.filters["attributes"] = lambda change: _difference(attribute_lines(change))
    environment.filters["acknowledged"] = is_acknowledged
    return environment.get_template(name)


def _shown(text: object) -> str:
    return truncate(visible(str(text)))


def _words(words: Words) -> list[Part]:
    """Split a sentence into parts: words from the plan and texts between backticks are code."""
    return [
        part
        for word in words
        for part in ([Part(_shown(word), is_code=True)] if isinstance(word, Code) else _split_code(word))
    ]


def _split_code(text: str) -> Iterator[Part]:
    for place, piece in enumerate(text.split("`")):
        if piece:
            yield Part(piece, is_code=bool(place % 2))


def _difference(lines: Iterable[Line]) -> list[tuple[str, str]]:
    """Return the CSS class and text of each line."""
    kinds = {"+": "gained", "-": "lost", "~": "remark"}
    return [(kinds.get(line.sign, "same"), visible_line(line)) for line in lines]
