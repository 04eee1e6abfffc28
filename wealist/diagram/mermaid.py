"""A drawing as Mermaid's text, which GitHub draws.

https://mermaid.js.org/syntax/flowchart.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from wealist.diagram.drawing import Drawing, Node
from wealist.diagram.words import Words

_UNSAFE: Final = re.compile(r"[^\w \-.,:/*()+@가-힣→←]", re.ASCII)
"""What a label spells as an entity: whatever could end it, or be markup."""
_DIRECTIONS: Final = {"DOWN": "TB", "RIGHT": "LR", "GRID": "TB"}
_SHOWN_FACTS: Final = 4


def mermaid(drawing: Drawing, language: str) -> str:
    """The text of a flowchart, without the fence around it."""
    words = Words(language)
    ids = {node.id: f"n{number}" for number, node in enumerate(drawing.nodes)}
    boxes = {node.parent for node in drawing.nodes}
    lines = [f"flowchart {_DIRECTIONS[drawing.direction]}", *_nodes(drawing, "", ids, words, boxes)]
    for edge in drawing.edges:
        label = words.on(edge)
        arrow = f'-->|"{escaped(label)}"|' if label else "-->"
        lines.append(f"  {ids[edge.source]} {arrow} {ids[edge.target]}")
    return "\n".join(lines) + "\n"


def _nodes(drawing: Drawing, parent: str, ids: Mapping[str, str], words: Words, boxes: set[str]) -> Iterator[str]:
    for node in drawing.inside(parent):
        text = "<br/>".join(map(escaped, _lines(node, words)))
        if node.id in boxes:
            yield f'  subgraph {ids[node.id]}["{text}"]'
            yield from _nodes(drawing, node.id, ids, words, boxes)
            yield "  end"
        else:
            yield f'  {ids[node.id]}["{text}"]'


def _lines(node: Node, words: Words) -> list[str]:
    return [each for each in (words.name(node), words.caption(node), *words.facts(node)[:_SHOWN_FACTS]) if each]


def escaped(text: str) -> str:
    """A text in which nothing is markup, to Mermaid or to the page around it."""
    return _UNSAFE.sub(lambda match: f"#{ord(match[0])};", text)
