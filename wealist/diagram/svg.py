"""Render drawings as SVG. Colours and behaviour are in diagram.css and diagram.js.

Elements are written in this order, because later ones cover earlier ones: boxes, lines, headings of boxes, nodes.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import markupsafe
from markupsafe import Markup

from wealist.diagram.drawing import Drawing, Edge, Mark, Node
from wealist.diagram.geometry import (
    GLYPH,
    HEADER,
    LINE_HEIGHT,
    NAME_HEIGHT,
    PADDING,
    Box,
    Layout,
    NodeText,
    Point,
    box_ids,
    header_text,
    node_text,
    text_width,
)
from wealist.diagram.layout import layouts
from wealist.diagram.words import Words

_LOOKS: Final = Path(__file__).with_name("looks.toml")
_MIN_SCALE: Final = 0.8
"""A wide drawing is scaled down to this factor at most. Beyond that it scrolls."""
_INVALID: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
"""Characters that XML forbids."""
_EMPTY_TAGS: Final = frozenset({"rect", "path", "input"})
_CORNER_RADIUS: Final = 6


class Picture(NamedTuple):
    """A drawing with the marks of a plan.

    Attributes:
        drawing: The drawing.
        marks: Address → the effect of a plan on it.
        id: Distinguishes figures on one page. Defaults to the drawing's name.
    """

    drawing: Drawing
    marks: Mapping[str, Mark] = {}
    id: str = ""


def svgs(pictures: Sequence[Picture], words: Words) -> list[Markup]:
    """Render drawings as SVG, with one run of the layout library for all.

    Raises:
        OperatorError: the drawings cannot be laid out.
    """
    computed = layouts([each.drawing for each in pictures], words)
    return [_Svg(each, layout, words).render() for each, layout in zip(pictures, computed, strict=True)]


def mark_of(addresses: Iterable[str], marks: Mapping[str, Mark]) -> Mark | None:
    """Return the mark of a node: the one of its own address, or `changed` if any other address of it has a mark."""
    own, *others = [*addresses, ""]
    return marks.get(own) or ("changed" if any(each in marks for each in others) else None)


def tag(name: str, *children: str, **attributes: object) -> Markup:
    """Return an element of SVG or HTML. Every text and attribute is escaped, except `Markup`.

    Args:
        name: The name of the element.
        children: Its contents.
        attributes: Texts, or numbers for lengths. `data_node` becomes `data-node`, `class_` becomes `class`. An
            attribute that is None is left out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inside = join(children)
    end = "/>" if not inside and name in _EMPTY_TAGS else f">{inside}</{name}>"
    return Markup(f"<{name}{written}{end}")  # noqa: S704 -- escaped


def join(parts: Iterable[str]) -> Markup:
    """Concatenate elements and texts. Texts are escaped."""
    return Markup().join(map(_escape, parts))


def _escape(text: str) -> Markup:
    return text if isinstance(text, Markup) else markupsafe.escape(_INVALID.sub("", text))


def _value(value: object) -> str:
    return _number(value) if isinstance(value, int | float) else _escape(str(value))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _path(points: Sequence[Point]) -> str:
    """Return the SVG path of a line with rounded corners."""
    steps = [f"M{_at(points[0])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        steps.append(f"L{_at(_towards(corner, before))}Q{_at(corner)} {_at(_towards(corner, after))}")
    return "".join([*steps, f"L{_at(points[-1])}"])


def _at(point: Point) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _towards(corner: Point, other: Point) -> Point:
    """Return the point at which the rounding of a corner begins, on the way to another point."""
    distance = max(abs(other[0] - corner[0]), abs(other[1] - corner[1])) or 1
    part = min(_CORNER_RADIUS, distance / 2) / distance
    return corner[0] + (other[0] - corner[0]) * part, corner[1] + (other[1] - corner[1]) * part


@cache
def _looks() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(_LOOKS.read_text(encoding="utf-8"))


def _colour(node: Node) -> str:
    return f"d-{_looks()['kind'][node.kind][0]}"


def _glyph(node: Node) -> str:
    return str(_looks()["glyph"][_looks()["kind"][node.kind][1]])


class _Svg:
    """Renders one drawing with a layout."""

    def __init__(self, picture: Picture, layout: Layout, words: Words) -> None:
        self._drawing, self._marks, name = picture
        self._name = f"{name or self._drawing.name}-{words.language}"
        self._layout = layout
        self._words = words
        self._boxes = box_ids(self._drawing)

    def render(self) -> Markup:
        wide, high, title = self._layout.width, self._layout.height, self._words.title(self._drawing)
        names = ", ".join(dict.fromkeys(self._words.name(node) for node in self._drawing.nodes))
        boxes = [node for node in self._drawing.nodes if node.id in self._boxes]
        return tag(
            "svg",
            tag("title", title, id=f"{self._name}-title"),
            tag("desc", f"{title}: {names}"),
            tag("defs", self._arrow()),
            *(self._group(node, "d-box", _frame(self._layout.boxes[node.id])) for node in boxes),
            *self._edges(),
            *map(self._heading, boxes),
            *(self._node(node) for node in self._drawing.nodes if node.id not in self._boxes),
            class_="diagram-svg",
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {_number(wide)} {_number(high)}",
            width=wide,
            height=high,
            style=f"min-width:{_number(wide * _MIN_SCALE)}px",
            role="group",
            aria_labelledby=f"{self._name}-title",
        )

    def _arrow(self) -> Markup:
        head = tag("path", class_="d-arrow", d="M0 0L8 4L0 8z")
        size = {"viewBox": "0 0 8 8", "refX": 7, "refY": 4, "markerWidth": 8, "markerHeight": 8}
        return tag("marker", head, id=f"{self._name}-arrow", orient="auto-start-reverse", **size)

    def _heading(self, node: Node) -> Markup:
        """Render the heading of a box, which covers the lines that cross it."""
        box = self._layout.boxes[node.id]
        inside = _inside(node, Box(box.x, box.y + 2, box.width, HEADER - 6), header_text(node, self._words))
        classes = f"d-heading {self._classes(node)}"
        return tag("g", inside, self._mark(node, box), class_=classes, aria_hidden="true")

    def _node(self, node: Node) -> Markup:
        box = self._layout.boxes[node.id]
        inside = _inside(node, box, node_text(node, self._words))
        return self._group(node, "d-node", _frame(box), inside, self._mark(node, box))

    def _group(self, node: Node, name: str, *inside: Markup) -> Markup:
        mark = mark_of(node.addresses, self._marks)
        label = (self._words.name(node), self._words.caption(node), self._words("mark", mark) if mark else "")
        return tag(
            "g",
            *inside,
            class_=f"{name} {self._classes(node)}",
            tabindex="0",
            role="button",
            aria_label=", ".join(filter(None, label)),
            data_node=node.id,
            data_address=" ".join(node.addresses),
        )

    def _classes(self, node: Node) -> str:
        mark = mark_of(node.addresses, self._marks)
        return _colour(node) + (f" d-{mark}" if mark else "")

    def _mark(self, node: Node, box: Box) -> Markup:
        mark = mark_of(node.addresses, self._marks)
        if mark is None:
            return Markup()
        text = self._words("mark", mark)
        wide = text_width(text) + 12
        x = box.x + box.width - wide + 6
        return _plate(text, x, box.y - 9, wide, class_="d-mark")

    def _edges(self) -> Iterator[Markup]:
        """Render all lines, then all labels."""
        arrow = f"url(#{self._name}-arrow)"
        edges = list(zip(self._drawing.edges, self._layout.lines, strict=True))
        for edge, line in edges:
            if len(line.points) > 1:
                start = arrow if edge.kind == "both" else None
                yield tag(
                    "path", **self._edge(edge, "d-edge"), d=_path(line.points), marker_end=arrow, marker_start=start
                )
        for edge, line in edges:
            if line.label:
                text = self._words.edge(edge)
                wide = text_width(text) + 8
                x, y = line.label
                yield _plate(text, x - wide / 2, y - 8.5, wide, **self._edge(edge, "d-label"))

    def _edge(self, edge: Edge, name: str) -> dict[str, str]:
        mark = mark_of(edge.addresses, self._marks)
        return {
            "class_": name + (f" d-{mark}" if mark else ""),
            "data_flow": edge.flow,
            "data_from": edge.source,
            "data_to": edge.target,
            "data_address": " ".join(edge.addresses),
        }


def _frame(box: Box) -> Markup:
    return tag("rect", class_="d-frame", x=box.x, y=box.y, width=box.width, height=box.height, rx=6)


def _inside(node: Node, box: Box, text: NodeText) -> Markup:
    """Render the glyph of a node and the text beside it."""
    place = f"translate({_number(box.x + PADDING)} {_number(box.y + (box.height - GLYPH) / 2)})"
    plate = tag("rect", class_="d-glyph", width=GLYPH, height=GLYPH, rx=5)
    sign = tag("path", class_="d-sign", transform="translate(1 1)", d=_glyph(node))
    lines = _lines(text, box.x + PADDING * 2 + GLYPH, box.y + (box.height - text.height) / 2)
    return join([tag("g", plate, sign, transform=place), *lines])


def _lines(text: NodeText, x: float, y: float) -> Iterator[Markup]:
    for line in text.name:
        yield tag("text", line, class_="d-name", x=x, y=y + 13)
        y += NAME_HEIGHT
    for line in text.small:
        yield tag("text", line, class_="d-small", x=x, y=y + 11)
        y += LINE_HEIGHT


def _plate(text: str, x: float, y: float, wide: float, **attributes: str) -> Markup:
    """Render text on an opaque background."""
    plate = tag("rect", x=x, y=y, width=wide, height=17, rx=4)
    return tag("g", plate, tag("text", text, x=x + wide / 2, y=y + 12.5), **attributes)
