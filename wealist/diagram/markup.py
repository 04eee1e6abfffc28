"""Elements of SVG and HTML. Every attribute and text goes through `escape` here, and nowhere else."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import markupsafe
from markupsafe import Markup

from wealist.diagram.places import Point

_INVISIBLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_EMPTY: Final = frozenset({"rect", "path", "input"})
_RADIUS: Final = 6
"""Of the corners of lines."""


def tag(name: str, *children: str, **attributes: object) -> Markup:
    """An element. What is no `Markup` is escaped; `_` in the name of an attribute stands for `-`.

    Args:
        name: Of the element.
        children: What stands in it.
        attributes: Strings, or numbers as lengths; `class_` is `class`. None is left out.
    """
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inside = joined(children)
    is_empty = not inside and name in _EMPTY
    return Markup(f"<{name}{shown}/>" if is_empty else f"<{name}{shown}>{inside}</{name}>")  # noqa: S704 -- escaped


def escape(text: str) -> Markup:
    """A text as it stands in SVG and HTML, in attributes too; characters that XML forbids are left out."""
    return text if isinstance(text, Markup) else markupsafe.escape(_INVISIBLE.sub("", text))


def joined(parts: Iterable[str]) -> Markup:
    """Elements and texts after each other."""
    return Markup().join(map(escape, parts))


def number(value: float) -> str:
    """A length with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def line(points: Sequence[Point]) -> str:
    """The path of a line whose corners are round."""
    steps = [f"M{_at(points[0])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        steps.append(f"L{_at(_towards(corner, before))}Q{_at(corner)} {_at(_towards(corner, after))}")
    return "".join([*steps, f"L{_at(points[-1])}"])


def _value(value: object) -> str:
    return number(value) if isinstance(value, int | float) else escape(str(value))


def _at(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"


def _towards(corner: Point, other: Point) -> Point:
    """The point on the way from a corner to another where the corner's curve begins."""
    distance = max(abs(other[0] - corner[0]), abs(other[1] - corner[1])) or 1
    part = min(_RADIUS, distance / 2) / distance
    return corner[0] + (other[0] - corner[0]) * part, corner[1] + (other[1] - corner[1]) * part
