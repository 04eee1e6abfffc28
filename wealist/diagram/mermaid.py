"""Render a drawing as Mermaid text, which GitHub displays as a picture.

https://mermaid.js.org/syntax/flowchart.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from wealist.diagram.drawing import Drawing, Node
from wealist.diagram.words import Words

_UNSAFE: Final = re.compile(r"[^\w \-.,:/*()+@가-힣→←]", re.ASCII)
"""Characters that could end a label or be markup. They are written as entities."""
_DIRECTIONS: Final = {"DOWN": "TB", "RIGHT": "LR", "GRID": "TB"}
_MAX_FACTS: Final = 4


def mermaid(drawing: Drawing, language: str) -> str:
    """Return a drawing as a Mermaid flowchart, without the code fence."""
    words = Words(language)
    ids = {node.id: f"n{number}" for number, node in enumerate(drawing.nodes)}
    boxes = {node.parent for node in drawing.nodes}
    lines = [f"flowchart {_DIRECTIONS[drawing.direction]}", *_nodes(drawing, "", ids, words, boxes)]
    for edge in drawing.edges:
        label = words.edge(edge)
        arrow = f'-->|"{_escape(label)}"|' if label else "-->"
        lines.append(f"  {ids[edge.source]} {arrow} {ids[edge.target]}")
    return "\n".join(lines) + "\n"


def _nodes(drawing: Drawing, parent: str, ids: Mapping[str, str], words: Words, boxes: set[str]) -> Iterator[str]:
    for node in drawing.inside(parent):
        text = "<br/>".join(map(_escape, _lines(node, words)))
        if node.id in boxes:
            yield f'  subgraph {ids[node.id]}["{text}"]'
            yield from _nodes(drawing, node.id, ids, words, boxes)
            yield "  end"
        else:
            yield f'  {ids[node.id]}["{text}"]'


def _lines(node: Node, words: Words) -> list[str]:
    return [each for each in (words.name(node), words.caption(node), *words.facts(node.facts)[:_MAX_FACTS]) if each]


def _escape(text: str) -> str:
    """Escape everything that Mermaid or the surrounding page could read as markup."""
    return _UNSAFE.sub(lambda match: f"#{ord(match[0])};", text)
