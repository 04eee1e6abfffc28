"""The layout of the network drawing: one column for each zone, public subnets above private ones.

┌ VPC ───────────────────────────────┐
│         internet gateway           │
│ ┌ zone a ────┐ ┌ zone c ────┐      │
│ │ public     │ │ public     │      │
│ │ ── NAT ────┼─┼──────┐     │ lane │
│ │ private    │ │ private    │      │
│ └────────────┘ └────────────┘      │
│ endpoint  endpoint  endpoint       │
└────────────────────────────────────┘
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from wealist.diagram.drawing import Drawing, Edge, Node
from wealist.diagram.geometry import HEADER, Box, Layout, Line, Point, header_width, node_size
from wealist.diagram.words import Words

GAP: Final = 14
LANE: Final = 40
"""Height of the space between rows, in which lines run."""
_MIN_COLUMN: Final = 160
_TIERS: Final = ("public_subnet", "private_subnet")


class _Grid:
    """The positions computed so far.

    Attributes:
        boxes: Id of a node → its rectangle.
        lanes: Name of a lane (`up`, or the tier above it) → its y coordinate.
    """

    def __init__(self, drawing: Drawing, words: Words) -> None:
        self.drawing = drawing
        self.words = words
        self.boxes: dict[str, Box] = {}
        self.lanes: dict[str, float] = {}

    def column(self, nodes: Iterable[Node], x: float, y: float, width: float) -> float:
        """Place nodes below each other. Returns the y coordinate below the last one."""
        for node in nodes:
            height = node_size(node, self.words)[1]
            self.boxes[node.id] = Box(x, y, width, height)
            y += height + GAP
        return y

    def row(self, nodes: Sequence[Node], x: float, y: float, room: float) -> float:
        """Place nodes beside each other, in as many rows as they need. Returns the y coordinate below the last row."""
        start, row_height = x, 0.0
        for node in nodes:
            width, height = node_size(node, self.words)
            if x > start and x + width > start + room:
                x, y, row_height = start, y + row_height + GAP, 0.0
            self.boxes[node.id] = Box(x, y, width, height)
            x, row_height = x + width + GAP, max(row_height, height)
        return y + row_height + GAP if nodes else y

    def center(self, nodes: Sequence[Node], room: float) -> None:
        """Move a row of nodes to the middle."""
        if nodes:
            first, last = self.boxes[nodes[0].id], self.boxes[nodes[-1].id]
            shift = (room - (last.right - first.x)) / 2 - first.x + GAP
            for node in nodes:
                box = self.boxes[node.id]
                self.boxes[node.id] = replace(box, x=box.x + shift)

    def extend(self, node: Node, bottom: float) -> None:
        """Extend a box downwards."""
        box = self.boxes[node.id]
        self.boxes[node.id] = replace(box, height=bottom - box.y)


def grid(drawing: Drawing, words: Words) -> Layout:
    """Lay out the network drawing."""
    layout = _Grid(drawing, words)
    outside = [each for each in drawing.inside("") if each.kind != "vpc"]
    y = layout.row(outside, GAP * 2, GAP, float("inf")) + LANE - GAP
    widest = 0.0
    for vpc in (each for each in drawing.inside("") if each.kind == "vpc"):
        box = _vpc(layout, vpc, GAP, y)
        y, widest = box.bottom + GAP, max(widest, box.width)
    layout.center(outside, widest)
    lines = tuple(_unique_labels(drawing.edges, [_line(layout, edge) for edge in drawing.edges]))
    return Layout(widest + GAP * 2, y, layout.boxes, lines)


def _vpc(layout: _Grid, vpc: Node, x: float, y: float) -> Box:
    inside = list(layout.drawing.inside(vpc.id))
    zones = [each for each in inside if each.kind == "zone"]
    gateways = [each for each in inside if each.kind == "internet_gateway"]
    others = [each for each in inside if each.kind not in {"zone", "internet_gateway"}]
    column = _column_width(layout, zones)
    pitch = column + GAP * 5
    room = max(max(len(zones), 1) * pitch - GAP, header_width(vpc, layout.words))
    top = layout.row(gateways, x + GAP, y + HEADER + GAP, room) + LANE - GAP
    layout.lanes["up"] = top - LANE / 2
    for number, zone in enumerate(zones):
        layout.boxes[zone.id] = Box(x + GAP + number * pitch, top, column + GAP * 4, 0)
    bottom = _zones(layout, zones, top + HEADER + GAP / 2, column)
    for zone in zones:
        layout.extend(zone, bottom)
    bottom = layout.row(others, x + GAP, bottom + GAP, room)
    layout.boxes[vpc.id] = Box(x, y, room + GAP * 2, bottom - y)
    layout.center(gateways, room + GAP * 2)
    return layout.boxes[vpc.id]


def _zones(layout: _Grid, zones: Sequence[Node], y: float, width: float) -> float:
    """Place the subnets of all zones, one row for each tier. Returns the y coordinate below the zones."""
    for tier in _TIERS:
        subnets = {zone.id: [each for each in layout.drawing.inside(zone.id) if each.kind == tier] for zone in zones}
        if not any(subnets.values()):
            continue
        bottom = max(_subnets(layout, each, layout.boxes[zone].x + GAP, y, width) for zone, each in subnets.items())
        for last in (each[-1] for each in subnets.values() if each):
            layout.extend(last, bottom)
        layout.lanes[tier] = bottom + LANE / 2
        y = bottom + LANE
    return y - LANE + GAP


def _subnets(layout: _Grid, subnets: Iterable[Node], x: float, y: float, width: float) -> float:
    """Place the subnets of one zone and tier below each other. Returns the y coordinate below the last one."""
    bottom = y
    for subnet in subnets:
        bottom = layout.column(layout.drawing.inside(subnet.id), x + GAP, y + HEADER + 6, width)
        layout.boxes[subnet.id] = Box(x, y, width + GAP * 2, bottom - y)
        y = bottom + GAP
    return bottom


def _column_width(layout: _Grid, zones: Iterable[Node]) -> float:
    subnets = [each for zone in zones for each in layout.drawing.inside(zone.id)]
    inside = [node_size(each, layout.words)[0] for subnet in subnets for each in layout.drawing.inside(subnet.id)]
    headers = [header_width(each, layout.words) - GAP * 2 for each in subnets]
    return max([*inside, *headers, _MIN_COLUMN])


def _line(layout: _Grid, edge: Edge) -> Line:
    source, target = layout.boxes[edge.source], layout.boxes[edge.target]
    middle = target.x + target.width / 2
    if edge.kind == "both":
        return Line(((middle, source.bottom), (middle, target.y)))
    gateways = {each.id for each in layout.drawing.nodes if each.kind == "internet_gateway"}
    lane = layout.lanes["up" if edge.target in gateways else "public_subnet"]
    start: Point = (source.right - GAP * 2, source.y)
    is_short = abs(start[0] - middle) <= LANE * 2
    label = (start[0], (start[1] + lane) / 2) if is_short else ((start[0] + middle) / 2, lane)
    return Line((start, (start[0], lane), (middle, lane), (middle, target.bottom)), label)


def _unique_labels(edges: Sequence[Edge], lines: Sequence[Line]) -> Iterator[Line]:
    """Keep only the first label among lines that run together to the same target."""
    seen: set[tuple[str, str]] = set()
    for edge, line in zip(edges, lines, strict=True):
        yield replace(line, label=None) if (edge.target, edge.label) in seen else line
        seen.add((edge.target, edge.label))
