"""A drawing as SVG, and as a figure with its search, flows, panel and text alternative.

Drawing ─ layouts ─► svg ─► figure: tools, picture, panel, and every node and edge as text

Colours, hovering and searching are in diagram.css and diagram.js, which a page holds once.
"""

import html
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from wealist.diagram import places
from wealist.diagram.drawing import Drawing, Edge, Mark, Node
from wealist.diagram.layout import layouts
from wealist.diagram.places import GLYPH, LINE_HEIGHT, NAME_HEIGHT, PADDING, Box, Layout, Point
from wealist.diagram.words import Words

HERE: Final = Path(__file__).parent
_RADIUS: Final = 6
_LEAST: Final = 0.8
"""Of its size: a wide drawing is shown smaller where that is enough, else it scrolls in its own box."""
_INVISIBLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


class Picture(NamedTuple):
    """What is drawn in one figure.

    Attributes:
        drawing: The drawing.
        marks: Address → what a plan does to it.
        id: Tells its figure from others on a page.
    """

    drawing: Drawing
    marks: Mapping[str, Mark] = {}
    id: str = ""


def svg(drawing: Drawing, *, language: str, marks: Mapping[str, Mark] | None = None) -> str:
    """One drawing as SVG; the arguments are those of `Picture`.

    Raises:
        OperatorError: the language is unknown, or the layout library cannot be installed or run.
    """
    (found,) = svgs([Picture(drawing, marks or {})], language=language)
    return found


def svgs(pictures: Sequence[Picture], *, language: str) -> list[str]:
    """Several drawings, by one run of the layout library; raises as `svg` does."""
    words = Words(language)
    found = layouts([each.drawing for each in pictures], words)
    return [_Svg(each, layout, words).text() for each, layout in zip(pictures, found, strict=True)]


def figures(pictures: Sequence[Picture], *, language: str) -> list[str]:
    """Several drawings with what makes them useful on a page that holds `style()` and `script()`; raises as `svg`."""
    words = Words(language)
    drawn = svgs(pictures, language=language)
    return [_figure(picture, text, words) for picture, text in zip(pictures, drawn, strict=True)]


def style() -> str:
    """The style of figures; it follows the reader's theme, or `data-theme` and `data-md-color-scheme`."""
    return (HERE / "diagram.css").read_text(encoding="utf-8")


def script() -> str:
    """The script of figures: search, flows, panel. It loads nothing, and works from disk."""
    return (HERE / "diagram.js").read_text(encoding="utf-8")


def escape(text: str) -> str:
    """A text as it stands in SVG and HTML, in attributes too; characters that XML forbids are left out."""
    return html.escape(_INVISIBLE.sub("", text))


def mark_of(addresses: Iterable[str], marks: Mapping[str, Mark]) -> Mark | None:
    """What a plan does to a node: to its own address, else a change where it does anything to others of it."""
    own, *others = [*addresses, ""]
    if own in marks:
        return marks[own]
    return "changed" if any(each in marks for each in others) else None


@cache
def _looks() -> Mapping[str, Mapping[str, object]]:
    return tomllib.loads((HERE / "looks.toml").read_text(encoding="utf-8"))


def _look(kind: str) -> tuple[str, str]:
    colour, glyph = _looks()["kind"][kind]  # type: ignore[misc]  # a list of two
    return str(colour), str(_looks()["glyph"][str(glyph)])


class _Svg:
    """One drawing in its places."""

    def __init__(self, picture: Picture, layout: Layout, words: Words) -> None:
        self._drawing, self._marks, self._id = picture
        self._layout = layout
        self._words = words
        self._boxes = places.boxes_of(self._drawing)

    def text(self) -> str:
        wide, high = _number(self._layout.width), _number(self._layout.height)
        name = f"{self._id or self._drawing.name}-{self._words.language}"
        return "\n".join(
            [
                f'<svg class="diagram-svg" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" '
                f'height="{high}" style="min-width:{_number(self._layout.width * _LEAST)}px" role="group" '
                f'aria-labelledby="{escape(name)}-title">',
                f'<title id="{escape(name)}-title">{escape(self._words.title(self._drawing))}</title>',
                f"<desc>{escape(self._description())}</desc>",
                f'<defs><marker id="{escape(name)}-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
                'markerHeight="8" orient="auto-start-reverse"><path class="d-arrow" d="M0 0L8 4L0 8z"/></marker></defs>',
                *(self._box(node) for node in self._drawing.nodes if node.id in self._boxes),
                *self._edges(f"{name}-arrow"),
                *(self._heading(node) for node in self._drawing.nodes if node.id in self._boxes),
                *(self._node(node) for node in self._drawing.nodes if node.id not in self._boxes),
                "</svg>",
            ]
        )

    def _description(self) -> str:
        names = ", ".join(dict.fromkeys(self._words.name(node) for node in self._drawing.nodes))
        return f"{self._words.title(self._drawing)}: {names}"

    def _box(self, node: Node) -> str:
        return self._group(node, "d-box", _frame(self._layout.boxes[node.id]))

    def _heading(self, node: Node) -> str:
        """The heading of a box, which stands above the lines that cross it."""
        box, (colour, _) = self._layout.boxes[node.id], _look(node.kind)
        texts = places.header(node, self._words)
        mark = mark_of(node.addresses, self._marks)
        classes = f"d-heading d-{colour}" + (f" d-{mark}" if mark else "")
        inside = self._inside(node, Box(box.x, box.y, box.width, places.HEADER - 6), texts)
        return f'<g class="{classes}" aria-hidden="true">{inside}{self._mark(mark, box) if mark else ""}</g>'

    def _node(self, node: Node) -> str:
        box, mark = self._layout.boxes[node.id], mark_of(node.addresses, self._marks)
        inside = self._inside(node, box, places.texts(node, self._words))
        return self._group(node, "d-node", _frame(box) + inside + (self._mark(mark, box) if mark else ""))

    def _group(self, node: Node, name: str, inside: str) -> str:
        colour, _ = _look(node.kind)
        mark = mark_of(node.addresses, self._marks)
        parts = (self._words.name(node), self._words.caption(node), mark and self._words("mark", mark))
        label = ", ".join(each for each in parts if each)
        classes = f"{name} d-{colour}" + (f" d-{mark}" if mark else "")
        return (
            f'<g class="{classes}" tabindex="0" role="button" aria-label="{escape(label)}" data-node="{escape(node.id)}" '
            f'data-address="{escape(" ".join(node.addresses))}">{inside}</g>'
        )

    def _inside(self, node: Node, box: Box, texts: places.Texts) -> str:
        """A glyph, and the texts beside it."""
        _, glyph = _look(node.kind)
        x, y = _number(box.x + PADDING), _number(box.y + (box.height - GLYPH) / 2)
        top = box.y + (box.height - texts.height) / 2
        return (
            f'<g transform="translate({x} {y})"><rect class="d-glyph" width="{GLYPH}" height="{GLYPH}" rx="5"/>'
            f'<path class="d-sign" transform="translate(1 1)" d="{glyph}"/></g>'
            + "".join(_lines(texts, box.x + PADDING * 2 + GLYPH, top))
        )

    def _mark(self, mark: Mark, box: Box) -> str:
        text = self._words("mark", mark)
        wide = places.width(text) + 12
        x = box.x + box.width - wide + 6
        return (
            f'<g class="d-mark"><rect x="{_number(x)}" y="{_number(box.y - 9)}" width="{_number(wide)}" height="17" rx="8"/>'
            f'<text x="{_number(x + wide / 2)}" y="{_number(box.y + 3)}">{escape(text)}</text></g>'
        )

    def _edges(self, arrow: str) -> Iterator[str]:
        labels = []
        for number, (edge, path) in enumerate(zip(self._drawing.edges, self._layout.paths, strict=True)):
            if len(path.points) > 1:
                start = f' marker-start="url(#{escape(arrow)})"' if edge.kind == "both" else ""
                classes, data = self._edge(edge)
                yield (
                    f'<path class="d-edge{classes}" {data} data-edge="{number}" d="{_line(path.points)}" '
                    f'marker-end="url(#{escape(arrow)})"{start}/>'
                )
            if path.label:
                labels.append(self._label(edge, path.label))
        yield from labels

    def _edge(self, edge: Edge) -> tuple[str, str]:
        mark = mark_of(edge.addresses, self._marks) if edge.addresses else None
        data = (
            f'data-flow="{escape(edge.flow)}" data-from="{escape(edge.source)}" data-to="{escape(edge.target)}" '
            f'data-address="{escape(" ".join(edge.addresses))}"'
        )
        return f" d-{mark}" if mark else "", data

    def _label(self, edge: Edge, at: Point) -> str:
        text = self._words.on(edge)
        classes, data = self._edge(edge)
        wide = places.width(text) + 8
        return (
            f'<g class="d-label{classes}" {data}><rect x="{_number(at[0] - wide / 2)}" y="{_number(at[1] - 8.5)}" '
            f'width="{_number(wide)}" height="17" rx="3"/><text x="{_number(at[0])}" y="{_number(at[1] + 4)}">'
            f"{escape(text)}</text></g>"
        )


def _frame(box: Box) -> str:
    x, y, wide, high = (_number(each) for each in (box.x, box.y, box.width, box.height))
    return f'<rect class="d-frame" x="{x}" y="{y}" width="{wide}" height="{high}" rx="{_RADIUS}"/>'


def _lines(texts: places.Texts, x: float, y: float) -> Iterator[str]:
    for line in texts.name:
        yield f'<text class="d-name" x="{_number(x)}" y="{_number(y + 13)}">{escape(line)}</text>'
        y += NAME_HEIGHT
    for line in texts.small:
        yield f'<text class="d-small" x="{_number(x)}" y="{_number(y + 11)}">{escape(line)}</text>'
        y += LINE_HEIGHT


def _figure(picture: Picture, drawn: str, words: Words) -> str:
    drawing, title = picture.drawing, words.title(picture.drawing)
    flows = dict.fromkeys(edge.flow for edge in drawing.edges if edge.flow)
    buttons = [
        f'<button type="button" data-flow="{escape(flow)}" aria-pressed="false">{escape(words.flow(flow))}</button>'
        for flow in flows
    ]
    highlighted = (
        f'<span class="diagram-flows">{escape(words("panel", "flows"))}: {" ".join(buttons)}</span>' if buttons else ""
    )
    search = escape(words("panel", "search"))
    return "\n".join(
        [
            f'<figure class="diagram" data-drawing="{escape(picture.id or drawing.name)}" lang="{words.language}">',
            f"<figcaption>{escape(title)}</figcaption>",
            f'<div class="diagram-tools"><input type="search" placeholder="{search}" aria-label="{search}: {escape(title)}"> '
            f'<output data-found="{escape(words("panel", "found"))}"></output>{highlighted}</div>',
            f'<div class="diagram-view" tabindex="0" role="region" aria-label="{escape(title)}">{drawn}</div>',
            f'<div class="diagram-panel" aria-live="polite"><p>{escape(words("panel", "hint"))}</p></div>',
            *_alternative(picture, words),
            "</figure>",
        ]
    )


def _alternative(picture: Picture, words: Words) -> Iterator[str]:
    """Every node and edge as text; the panel shows a node's part of it."""
    drawing = picture.drawing
    yield f'<details class="diagram-text"><summary>{escape(words("panel", "nodes"))}</summary><ul>'
    for node in drawing.nodes:
        yield f'<li data-of="{escape(node.id)}"><strong>{escape(words.name(node))}</strong> {_about(node, picture, words)}</li>'
    yield f"</ul><p>{escape(words('panel', 'edges'))}</p><ul>"
    names = {node.id: words.name(node) for node in drawing.nodes}
    for edge in drawing.edges:
        text = f"{names[edge.source]} → {names[edge.target]}"
        on = words.on(edge)
        mark = mark_of(edge.addresses, picture.marks)
        yield f"<li>{escape(text)}{escape(f': {on}' if on else '')}{_marked(mark, words)}</li>"
    yield "</ul></details>"


def _about(node: Node, picture: Picture, words: Words) -> str:
    facts = " · ".join(filter(None, (words.caption(node), *words.facts(node))))
    parts = [f"<span>{escape(facts)}</span>{_marked(mark_of(node.addresses, picture.marks), words)}"]
    for heading, lines in (("addresses", node.addresses), ("reach", node.reach), ("rights", node.rights)):
        if lines:
            tag = "code" if heading == "addresses" else "span"
            shown = "".join(
                f"<li><{tag}>{escape(line)}</{tag}>{_marked(picture.marks.get(line), words)}</li>" for line in lines
            )
            parts.append(f'<div class="diagram-part"><em>{escape(words("panel", heading))}</em><ul>{shown}</ul></div>')
    return "".join(parts)


def _marked(mark: Mark | None, words: Words) -> str:
    return f' <b class="d-{mark}">{escape(words("mark", mark))}</b>' if mark else ""


def _line(points: Sequence[Point]) -> str:
    """A line whose corners are round."""
    steps = [f"M{_number(points[0][0])} {_number(points[0][1])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        start, end = _towards(corner, before), _towards(corner, after)
        steps.append(f"L{_number(start[0])} {_number(start[1])}")
        steps.append(f"Q{_number(corner[0])} {_number(corner[1])} {_number(end[0])} {_number(end[1])}")
    steps.append(f"L{_number(points[-1][0])} {_number(points[-1][1])}")
    return "".join(steps)


def _towards(corner: Point, other: Point) -> Point:
    """The point on the way from a corner to another where the corner's curve begins."""
    distance = max(abs(other[0] - corner[0]), abs(other[1] - corner[1])) or 1
    part = min(_RADIUS, distance / 2) / distance
    return corner[0] + (other[0] - corner[0]) * part, corner[1] + (other[1] - corner[1]) * part


def _number(value: float) -> str:
    """A length with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")
