"""Render drawings as HTML figures: a search box, flow buttons, the SVG, a panel, and all nodes and edges as text.

A page includes `style()` and `script()` once. Without JavaScript, a figure still shows everything as text.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from markupsafe import Markup

from wealist.diagram.drawing import Drawing, Mark, Node
from wealist.diagram.svg import Picture, join, mark_of, svgs, tag
from wealist.diagram.words import Words

_HERE: Final = Path(__file__).parent


def figures(pictures: Sequence[Picture], *, language: str) -> list[Markup]:
    """Render several drawings as figures.

    Raises:
        OperatorError: the language is unknown, or the drawings cannot be laid out.
    """
    words = Words(language)
    rendered = svgs(pictures, words)
    return [_figure(picture, each, words) for picture, each in zip(pictures, rendered, strict=True)]


def style() -> str:
    """Return the CSS of figures. It follows the browser's theme, `data-theme` and `data-md-color-scheme`."""
    return (_HERE / "diagram.css").read_text(encoding="utf-8")


def script() -> str:
    """Return the JavaScript of figures: search, flows, panel. It loads nothing and works in pages opened from disk."""
    return (_HERE / "diagram.js").read_text(encoding="utf-8")


def _figure(picture: Picture, rendered: Markup, words: Words) -> Markup:
    title = words.title(picture.drawing)
    return tag(
        "figure",
        tag("figcaption", title),
        tag("div", *_tools(picture.drawing, words), class_="diagram-tools"),
        tag("div", rendered, class_="diagram-view", tabindex="0", role="region", aria_label=title),
        tag("div", tag("p", words("panel", "hint")), class_="diagram-panel", aria_live="polite"),
        _alternative(picture, words),
        class_="diagram",
        data_drawing=picture.id or picture.drawing.name,
        lang=words.language,
    )


def _tools(drawing: Drawing, words: Words) -> Iterator[Markup]:
    search = words("panel", "search")
    yield tag("input", type="search", placeholder=search, aria_label=f"{search}: {words.title(drawing)}")
    yield tag("output", data_found=words("panel", "found"))
    flows = dict.fromkeys(edge.flow for edge in drawing.edges if edge.flow)
    if flows:
        buttons = [
            tag("button", words.flow(flow), type="button", data_flow=flow, aria_pressed="false") for flow in flows
        ]
        yield tag("span", f"{words('panel', 'flows')}: ", *buttons, class_="diagram-flows")


def _alternative(picture: Picture, words: Words) -> Markup:
    """Render all nodes and edges as text. The panel shows the part about one node."""
    drawing = picture.drawing
    nodes = [
        tag("li", tag("strong", words.name(each)), *_about(each, picture, words), data_of=each.id)
        for each in drawing.nodes
    ]
    return tag(
        "details",
        tag("summary", words("panel", "nodes")),
        tag("ul", *nodes),
        tag("p", words("panel", "edges")),
        tag("ul", *_connections(picture, words)),
        class_="diagram-text",
    )


def _connections(picture: Picture, words: Words) -> Iterator[Markup]:
    names = {node.id: words.name(node) for node in picture.drawing.nodes}
    for edge in picture.drawing.edges:
        label = words.edge(edge)
        text = f"{names[edge.source]} → {names[edge.target]}" + (f": {label}" if label else "")
        yield tag("li", text, _mark(mark_of(edge.addresses, picture.marks), words))


def _about(node: Node, picture: Picture, words: Words) -> Iterator[Markup]:
    yield join([" ", tag("span", " · ".join(filter(None, (words.caption(node), *words.facts(node.facts)))))])
    yield _mark(mark_of(node.addresses, picture.marks), words)
    if node.addresses:
        addresses = [tag("li", tag("code", each), _mark(picture.marks.get(each), words)) for each in node.addresses]
        yield _part(words("panel", "addresses"), addresses)
    for heading, lines in (("reach", node.reach), ("rights", node.rights)):
        if lines:
            yield _part(words("panel", heading), [tag("li", each) for each in lines])


def _part(heading: str, lines: Sequence[Markup]) -> Markup:
    return tag("div", tag("em", heading), tag("ul", *lines), class_="diagram-part")


def _mark(mark: Mark | None, words: Words) -> Markup:
    return join([" ", tag("b", words("mark", mark), class_=f"d-{mark}")]) if mark else Markup()
