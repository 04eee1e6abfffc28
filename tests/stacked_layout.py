"""A simple layout in place of elkjs: nodes below each other and straight lines, without Node and network."""

from collections.abc import Sequence
from typing import Any

Graph = dict[str, Any]


def stack(graphs: Sequence[Graph]) -> list[Graph]:
    """Return graphs with positions, in the form in which elkjs returns them."""
    return [_placed(graph) for graph in graphs]


def _placed(graph: Graph) -> Graph:
    width, height = _children(graph, 0.0, 0.0)
    for edge in graph["edges"]:
        edge["sections"] = [{"startPoint": {"x": 0.0, "y": 0.0}, "endPoint": {"x": width, "y": height}}]
        for label in edge["labels"]:
            label |= {"x": width / 2, "y": height / 2}
    return {**graph, "width": width, "height": height}


def _children(node: Graph, x: float, y: float) -> tuple[float, float]:
    """Position the contents of a node. Returns the node's width and height."""
    top, widest = y + 50, node.get("width", 0.0)
    for child in node.get("children", []):
        child |= {"x": x + 10, "y": top}
        inner = _children(child, x + 10, top)
        child |= dict(zip(("width", "height"), inner, strict=True))
        top, widest = top + inner[1] + 10, max(widest, inner[0] + 20)
    return widest, max(node.get("height", 0.0), top - y)
