"""Where everything of a drawing is: by ELK, or for the network, zones as columns.

Drawing ─┬─ GRID ──► grid.py ───────────────────────┬─► Layout
         └─ DOWN, RIGHT ─ ELK graph ─ elkjs ─ read ─┘
"""

from collections.abc import Sequence
from typing import Any, Final

from wealist.diagram import layout_library
from wealist.diagram.drawing import Drawing, Node
from wealist.diagram.grid import grid
from wealist.diagram.places import HEADER, LINE_HEIGHT, Box, Layout, Path, boxes_of, header_width, size, width
from wealist.diagram.words import Words

_OPTIONS: Final = {
    "elk.algorithm": "layered",
    "elk.hierarchyHandling": "INCLUDE_CHILDREN",
    "elk.edgeRouting": "ORTHOGONAL",
    "elk.json.shapeCoords": "ROOT",
    "elk.json.edgeCoords": "ROOT",
    "elk.padding": "[top=16,left=16,bottom=16,right=16]",
    "elk.spacing.nodeNode": "22",
    "elk.spacing.edgeNode": "16",
    "elk.spacing.edgeEdge": "12",
    "elk.spacing.edgeLabel": "4",
    "elk.spacing.componentComponent": "28",
    "elk.layered.spacing.nodeNodeBetweenLayers": "30",
    "elk.layered.spacing.edgeNodeBetweenLayers": "14",
    "elk.layered.considerModelOrder.strategy": "PREFER_NODES",
    "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
    "elk.edgeLabels.inline": "true",
    "elk.aspectRatio": "1.4",
}


def layouts(drawings: Sequence[Drawing], words: Words) -> list[Layout]:
    """The layouts of several drawings, by one run of the library.

    Raises:
        OperatorError: the library cannot be installed or run.
    """
    by_library = [each for each in drawings if each.direction != "GRID"]
    found = iter(layout_library.placed([_graph(each, words) for each in by_library]))
    return [grid(each, words) if each.direction == "GRID" else _read(each, next(found)) for each in drawings]


def _graph(drawing: Drawing, words: Words) -> dict[str, Any]:
    boxes = boxes_of(drawing)
    edges = []
    for number, edge in enumerate(drawing.edges):
        text = words.on(edge)
        label = {"text": text, "width": width(text) + 8, "height": LINE_HEIGHT + 2}
        ends = {"sources": [edge.source], "targets": [edge.target]}
        edges.append({"id": f"edge {number}", **ends, "labels": [label] if text else []})
    options = {**_OPTIONS, "elk.direction": drawing.direction}
    return {
        "id": "drawing",
        "layoutOptions": options,
        "edges": edges,
        "children": [_node(drawing, each, boxes, words) for each in drawing.inside("")],
    }


def _node(drawing: Drawing, node: Node, boxes: frozenset[str], words: Words) -> dict[str, Any]:
    if node.id not in boxes:
        wide, high = size(node, words)
        return {"id": node.id, "width": wide, "height": high}
    # The library turns drawings that lead down, and forgets to turn this size.
    least = [header_width(node, words), float(HEADER)]
    options = {
        "elk.padding": f"[top={HEADER + 8},left=14,bottom=14,right=14]",
        "elk.nodeSize.constraints": "MINIMUM_SIZE",
        "elk.nodeSize.minimum": "({},{})".format(*(reversed(least) if drawing.direction == "DOWN" else least)),
    }
    inside = [_node(drawing, each, boxes, words) for each in drawing.inside(node.id)]
    return {"id": node.id, "layoutOptions": options, "children": inside}


def _read(drawing: Drawing, placed: dict[str, Any]) -> Layout:
    boxes = dict(_boxes(placed))
    paths = {each["id"]: _path(each) for each in placed["edges"]}
    ordered = tuple(paths[f"edge {number}"] for number in range(len(drawing.edges)))
    return Layout(placed["width"], placed["height"], boxes, ordered)


def _boxes(placed: dict[str, Any]) -> list[tuple[str, Box]]:
    found = []
    for child in placed.get("children", []):
        found.append((child["id"], Box(child["x"], child["y"], child["width"], child["height"])))
        found += _boxes(child)
    return found


def _path(edge: dict[str, Any]) -> Path:
    points = [
        (point["x"], point["y"])
        for section in edge.get("sections", [])
        for point in (section["startPoint"], *section.get("bendPoints", []), section["endPoint"])
    ]
    for label in edge.get("labels", []):
        return Path(tuple(points), (label["x"] + label["width"] / 2, label["y"] + label["height"] / 2))
    return Path(tuple(points))
