"""A drawing as SVG, in the places of its layout. Colours and behaviour are in diagram.css and diagram.js.

boxes ─► lines ─► headings of boxes ─► nodes: later ones cover earlier ones
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from wealist.diagram import places
from wealist.diagram.drawing import Drawing, Edge, Mark, Node
from wealist.diagram.layout import layouts
from wealist.diagram.markup import joined, line, number, tag
from wealist.diagram.places import GLYPH, LINE_HEIGHT, NAME_HEIGHT, PADDING, Box, Layout, Texts
from wealist.diagram.words import Words

LOOKS: Final = Path(__file__).with_name("looks.toml")
_LEAST: Final = 0.8
"""Of its size: a wide drawing is shown smaller where that is enough, else it scrolls in its own box."""


class Picture(NamedTuple):
    """What is drawn in one figure.

    Attributes:
        drawing: The drawing.
        marks: Address → what a plan does to it.
        id: Tells its figure from others on a page; the drawing's name by default.
    """

    drawing: Drawing
    marks: Mapping[str, Mark] = {}
    id: str = ""


def svg(drawing: Drawing, *, language: str, marks: Mapping[str, Mark] | None = None) -> str:
    """One drawing as SVG; the arguments are those of `Picture`.

    Raises:
        OperatorError: the language is unknown, or the layout library cannot be installed or run.
    """
    (drawn,) = svgs([Picture(drawing, marks or {})], language=language)
    return drawn


def svgs(pictures: Sequence[Picture], *, language: str) -> list[Markup]:
    """Several drawings, by one run of the layout library; raises as `svg` does."""
    words = Words(language)
    laid_out = layouts([each.drawing for each in pictures], words)
    return [_Svg(each, layout, words).drawn() for each, layout in zip(pictures, laid_out, strict=True)]


def mark_of(addresses: Iterable[str], marks: Mapping[str, Mark]) -> Mark | None:
    """What a plan does to a node: to its own address, else a change where it does anything to others of it."""
    own, *others = [*addresses, ""]
    return marks.get(own) or ("changed" if any(each in marks for each in others) else None)


@cache
def _looks() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(LOOKS.read_text(encoding="utf-8"))


def _colour(node: Node) -> str:
    return f"d-{_looks()['kind'][node.kind][0]}"


def _glyph(node: Node) -> str:
    return str(_looks()["glyph"][_looks()["kind"][node.kind][1]])


class _Svg:
    """One drawing in its places."""

    def __init__(self, picture: Picture, layout: Layout, words: Words) -> None:
        self._drawing, self._marks, name = picture
        self._name = f"{name or self._drawing.name}-{words.language}"
        self._layout = layout
        self._words = words
        self._boxes = places.boxes_of(self._drawing)

    def drawn(self) -> Markup:
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
            viewBox=f"0 0 {number(wide)} {number(high)}",
            width=wide,
            height=high,
            style=f"min-width:{number(wide * _LEAST)}px",
            role="group",
            aria_labelledby=f"{self._name}-title",
        )

    def _arrow(self) -> Markup:
        head = tag("path", class_="d-arrow", d="M0 0L8 4L0 8z")
        size = {"viewBox": "0 0 8 8", "refX": 7, "refY": 4, "markerWidth": 8, "markerHeight": 8}
        return tag("marker", head, id=f"{self._name}-arrow", orient="auto-start-reverse", **size)

    def _heading(self, node: Node) -> Markup:
        """The heading of a box, which stands above the lines that cross it."""
        box = self._layout.boxes[node.id]
        inside = _inside(node, Box(box.x, box.y + 2, box.width, places.HEADER - 6), places.header(node, self._words))
        classes = f"d-heading {self._classes(node)}"
        return tag("g", inside, self._mark(node, box), class_=classes, aria_hidden="true")

    def _node(self, node: Node) -> Markup:
        box = self._layout.boxes[node.id]
        inside = _inside(node, box, places.texts(node, self._words))
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
        wide = places.width(text) + 12
        x = box.x + box.width - wide + 6
        return _plate(text, x, box.y - 9, wide, class_="d-mark")

    def _edges(self) -> Iterator[Markup]:
        """Every line, then every label."""
        arrow = f"url(#{self._name}-arrow)"
        drawn = list(zip(self._drawing.edges, self._layout.paths, strict=True))
        for edge, path in drawn:
            if len(path.points) > 1:
                start = arrow if edge.kind == "both" else None
                yield tag(
                    "path", **self._edge(edge, "d-edge"), d=line(path.points), marker_end=arrow, marker_start=start
                )
        for edge, path in drawn:
            if path.label:
                text = self._words.on(edge)
                wide = places.width(text) + 8
                x, y = path.label
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


def _inside(node: Node, box: Box, texts: Texts) -> Markup:
    """A glyph, and the texts beside it."""
    place = f"translate({number(box.x + PADDING)} {number(box.y + (box.height - GLYPH) / 2)})"
    plate = tag("rect", class_="d-glyph", width=GLYPH, height=GLYPH, rx=5)
    sign = tag("path", class_="d-sign", transform="translate(1 1)", d=_glyph(node))
    lines = _lines(texts, box.x + PADDING * 2 + GLYPH, box.y + (box.height - texts.height) / 2)
    return joined([tag("g", plate, sign, transform=place), *lines])


def _lines(texts: Texts, x: float, y: float) -> Iterator[Markup]:
    for text in texts.name:
        yield tag("text", text, class_="d-name", x=x, y=y + 13)
        y += NAME_HEIGHT
    for text in texts.small:
        yield tag("text", text, class_="d-small", x=x, y=y + 11)
        y += LINE_HEIGHT


def _plate(text: str, x: float, y: float, wide: float, **attributes: str) -> Markup:
    """A text on a plate, so that nothing shows through."""
    plate = tag("rect", x=x, y=y, width=wide, height=17, rx=4)
    return tag("g", plate, tag("text", text, x=x + wide / 2, y=y + 12.5), **attributes)
