"""The layout of a network: zones as columns, public subnets above private ones, gateways above, endpoints below.

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
from typing import Final

from wealist.diagram.drawing import Drawing, Edge, Node
from wealist.diagram.places import HEADER, Box, Layout, Path, Point, header_width, size
from wealist.diagram.words import Words

GAP: Final = 14
LANE: Final = 40
"""The space between rows, where lines run."""
_TIERS: Final = ("public_subnet", "private_subnet")


class _Grid:
    def __init__(self, drawing: Drawing, words: Words) -> None:
        self.drawing = drawing
        self.words = words
        self.boxes: dict[str, Box] = {}
        self.lanes: dict[str, float] = {}

    def column(self, nodes: Iterable[Node], x: float, y: float, wide: float) -> float:
        """Put nodes below each other; returns where they end."""
        for node in nodes:
            high = size(node, self.words)[1]
            self.boxes[node.id] = Box(x, y, wide, high)
            y += high + GAP
        return y

    def row(self, nodes: Sequence[Node], x: float, y: float, room: float) -> float:
        """Put nodes beside each other, in as many rows as they need; returns where they end."""
        start, high = x, 0.0
        for node in nodes:
            wide, tall = size(node, self.words)
            if x > start and x + wide > start + room:
                x, y, high = start, y + high + GAP, 0.0
            self.boxes[node.id] = Box(x, y, wide, tall)
            x, high = x + wide + GAP, max(high, tall)
        return y + high + GAP if nodes else y


def grid(drawing: Drawing, words: Words) -> Layout:
    """The places of a network's drawing."""
    made = _Grid(drawing, words)
    outside = [each for each in drawing.inside("") if each.kind != "vpc"]
    top = made.row(outside, GAP * 2, GAP, float("inf")) + LANE - GAP
    widest = 0.0
    for vpc in (each for each in drawing.inside("") if each.kind == "vpc"):
        box = _vpc(made, vpc, GAP, top)
        top, widest = top + box.height + GAP, max(widest, box.width)
    _centred(made, outside, widest)
    paths = tuple(_labelled_once(drawing.edges, [_path(made, edge) for edge in drawing.edges]))
    return Layout(widest + GAP * 2, top, made.boxes, paths)


def _vpc(made: _Grid, vpc: Node, x: float, y: float) -> Box:
    zones = [each for each in made.drawing.inside(vpc.id) if each.kind == "zone"]
    gateways = [each for each in made.drawing.inside(vpc.id) if each.kind == "internet_gateway"]
    others = [each for each in made.drawing.inside(vpc.id) if each.kind not in {"zone", "internet_gateway"}]
    wide = _column_width(made, zones)
    room = max(len(zones), 1) * (wide + GAP * 5) - GAP
    room = max(room, header_width(vpc, made.words))
    below = made.row(gateways, x + GAP, y + HEADER + GAP, room) + LANE - GAP
    made.lanes["up"] = below - LANE / 2
    for place, zone in enumerate(zones):
        made.boxes[zone.id] = Box(x + GAP + place * (wide + GAP * 5), below, wide + GAP * 4, 0)
    end = _zones(made, zones, below + HEADER + GAP / 2, wide)
    for zone in zones:
        box = made.boxes[zone.id]
        made.boxes[zone.id] = Box(box.x, box.y, box.width, end - box.y)
    bottom = made.row(others, x + GAP, end + GAP, room)
    made.boxes[vpc.id] = Box(x, y, room + GAP * 2, bottom - y)
    _centred(made, gateways, room + GAP * 2)
    return made.boxes[vpc.id]


def _zones(made: _Grid, zones: Sequence[Node], y: float, wide: float) -> float:
    """Put the subnets of every zone into rows, a row for each tier; returns where the zones end."""
    for tier in _TIERS:
        held = {zone.id: [each for each in made.drawing.inside(zone.id) if each.kind == tier] for zone in zones}
        if not any(held.values()):
            continue
        ends = [_subnets(made, subnets, made.boxes[zone].x + GAP, y, wide) for zone, subnets in held.items()]
        for subnets in held.values():
            for last in subnets[-1:]:
                box = made.boxes[last.id]
                made.boxes[last.id] = Box(box.x, box.y, box.width, max(ends) - box.y)
        made.lanes[tier] = max(ends) + LANE / 2
        y = max(ends) + LANE
    return y - LANE + GAP


def _subnets(made: _Grid, subnets: Iterable[Node], x: float, y: float, wide: float) -> float:
    """Put the subnets of a zone and tier below each other; returns where they end."""
    end = y
    for subnet in subnets:
        end = made.column(made.drawing.inside(subnet.id), x + GAP, y + HEADER + 6, wide)
        made.boxes[subnet.id] = Box(x, y, wide + GAP * 2, end - y)
        y = end + GAP
    return end


def _column_width(made: _Grid, zones: Iterable[Node]) -> float:
    subnets = [each for zone in zones for each in made.drawing.inside(zone.id)]
    inside = [size(each, made.words)[0] for subnet in subnets for each in made.drawing.inside(subnet.id)]
    headers = [header_width(each, made.words) - GAP * 2 for each in subnets]
    return max([*inside, *headers, 160])


def _centred(made: _Grid, nodes: Sequence[Node], room: float) -> None:
    """Move a row of nodes to the middle."""
    if nodes:
        first, last = made.boxes[nodes[0].id], made.boxes[nodes[-1].id]
        shift = (room - (last.x + last.width - first.x)) / 2 - first.x + GAP
        for node in nodes:
            box = made.boxes[node.id]
            made.boxes[node.id] = Box(box.x + shift, box.y, box.width, box.height)


def _path(made: _Grid, edge: Edge) -> Path:
    source, target = made.boxes[edge.source], made.boxes[edge.target]
    if edge.kind == "both":
        x = target.x + target.width / 2
        return Path(((x, source.y + source.height), (x, target.y)))
    start: Point = (source.x + source.width - GAP * 2, source.y)
    end: Point = (target.x + target.width / 2, target.y + target.height)
    lane = made.lanes["up"] if _is_above_all(made, edge.target) else made.lanes["public_subnet"]
    label = ((start[0] + end[0]) / 2, lane) if abs(start[0] - end[0]) > LANE * 2 else (start[0], (start[1] + lane) / 2)
    return Path((start, (start[0], lane), (end[0], lane), end), label)


def _labelled_once(edges: Sequence[Edge], paths: Sequence[Path]) -> Iterator[Path]:
    """Of lines that run together to the same end, only the first has its label."""
    ends: set[tuple[str, str]] = set()
    for edge, path in zip(edges, paths, strict=True):
        yield Path(path.points) if (edge.target, edge.label) in ends else path
        ends.add((edge.target, edge.label))


def _is_above_all(made: _Grid, node: str) -> bool:
    return any(each.id == node and each.kind == "internet_gateway" for each in made.drawing.nodes)
