"""The network layout has zones as columns and no overlaps, and every node is inside its box."""

from itertools import combinations

import pytest

from tests.unit.diagram.builders import drawn, drawn_otherwise, overlap
from wealist.diagram.drawing import Drawing
from wealist.diagram.geometry import Box
from wealist.diagram.grid import grid
from wealist.diagram.words import Words


def networks() -> list[Drawing]:
    return [drawn(each)["network"] for each in ("dev", "prod")] + [
        drawn_otherwise(each)[1]["network"] for each in ("dev", "prod")
    ]


def within(inner: Box, outer: Box) -> bool:
    return inner.x >= outer.x and inner.y >= outer.y and inner.right <= outer.right and inner.bottom <= outer.bottom


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("number", range(4))
def test_nodes_do_not_overlap_and_are_inside_their_boxes(number: int, language: str) -> None:
    drawing = networks()[number]
    layout = grid(drawing, Words(language))
    page = Box(0, 0, layout.width, layout.height)
    for node in drawing.nodes:
        assert within(layout.boxes[node.id], layout.boxes[node.parent] if node.parent else page)
    for parent in {node.parent for node in drawing.nodes}:
        for one, other in combinations(drawing.inside(parent), 2):
            assert not overlap(layout.boxes[one.id], layout.boxes[other.id])


@pytest.mark.parametrize("number", range(4))
def test_zones_are_columns_of_equal_height_with_public_subnets_on_top(number: int) -> None:
    drawing = networks()[number]
    boxes = grid(drawing, Words("en")).boxes
    zones = [boxes[each.id] for each in drawing.nodes if each.kind == "zone"]
    assert len({(each.y, each.height) for each in zones}) == 1
    lowest = max(boxes[each.id].bottom for each in drawing.nodes if each.kind == "public_subnet")
    assert all(boxes[each.id].y >= lowest for each in drawing.nodes if each.kind == "private_subnet")


def test_lines_stay_on_the_page() -> None:
    for drawing in networks():
        layout = grid(drawing, Words("en"))
        for line in layout.lines:
            assert all(0 <= x <= layout.width and 0 <= y <= layout.height for x, y in line.points)
