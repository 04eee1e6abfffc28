"""Positions and sizes in a drawing, in pixels, and the size of text."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from wealist.diagram.drawing import Drawing, Node
from wealist.diagram.words import Words

PADDING: Final = 10
GLYPH: Final = 26
NAME_HEIGHT: Final = 17
LINE_HEIGHT: Final = 15
HEADER: Final = 44
"""Height of the heading of a box."""
_MAX_TEXT_WIDTH: Final = 210
_NAME_FONT, _SMALL_FONT = 8.0, 6.3
"""Average width of a character in names and in smaller text."""
_EAST_ASIAN: Final = 1.7
"""Width of a wide East Asian character, in average characters."""
_BROAD: Final = 1.45
"""Width of one of `mwMW@%`, in average characters."""
_BREAKS: Final = re.compile(r"[^-/., ]*[-/., ]*")
Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """The rectangle of a node."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x coordinate of the right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y coordinate of the lower side."""
        return self.y + self.height


@dataclass(frozen=True)
class Line:
    """The line of an edge, and the centre of its label if it has one."""

    points: tuple[Point, ...]
    label: Point | None = None


@dataclass(frozen=True)
class Layout:
    """The size of a drawing, the boxes of its nodes by id, and the lines of its edges in their order."""

    width: float
    height: float
    boxes: dict[str, Box]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class NodeText:
    """The text of a node: the lines of its name, and smaller lines below them."""

    name: tuple[str, ...]
    small: tuple[str, ...]

    @property
    def width(self) -> float:
        """The width of the widest line."""
        return max(*(text_width(each, _NAME_FONT) for each in self.name), *map(text_width, self.small), 0)

    @property
    def height(self) -> float:
        """The height of all lines together."""
        return len(self.name) * NAME_HEIGHT + len(self.small) * LINE_HEIGHT


def node_text(node: Node, words: Words) -> NodeText:
    """Return the text of a node that contains no other nodes. The zone is left out inside a box, which shows it."""
    facts = tuple(each for each in node.facts if not node.parent or each[0] != "zone")
    small = [line for each in (words.caption(node), *_join(words.facts(facts))) if each for line in wrap(each)]
    return NodeText(tuple(wrap(words.name(node), _NAME_FONT)), tuple(small))


def header_text(node: Node, words: Words) -> NodeText:
    """Return the text in the heading of a box: its name, and its CIDR block or, for an outermost box, its facts."""
    facts = [] if node.parent else words.facts(node.facts)
    facts = [value for heading, value in node.facts if heading == "cidr"] or facts
    below = " · ".join(filter(None, (words.caption(node), *facts)))
    return NodeText((words.name(node),), (below,) if below else ())


def node_size(node: Node, words: Words) -> Point:
    """Return the width and height of a node that contains no other nodes."""
    text = node_text(node, words)
    return text.width + GLYPH + PADDING * 3, max(text.height, GLYPH) + PADDING * 2


def header_width(node: Node, words: Words) -> float:
    """Return the minimum width of a box."""
    return header_text(node, words).width + GLYPH + PADDING * 3


def text_width(text: str, average: float = _SMALL_FONT) -> float:
    """Estimate the width of a text from the average width of a character."""
    east_asian = sum(unicodedata.east_asian_width(each) in {"W", "F"} for each in text)
    broad = sum(each in "mwMW@%" for each in text)
    return average * (len(text) + (_EAST_ASIAN - 1) * east_asian + (_BROAD - 1) * broad)


def wrap(text: str, average: float = _SMALL_FONT) -> list[str]:
    """Break a text into lines that fit into a node, after punctuation if possible."""
    limit = int(_MAX_TEXT_WIDTH / average)
    pieces = [piece for word in _BREAKS.findall(text) for piece in re.findall(f".{{1,{limit}}}", word, re.DOTALL)]
    lines = [""]
    for piece in pieces:
        if lines[-1] and text_width(lines[-1] + piece.rstrip(), average) > _MAX_TEXT_WIDTH:
            lines.append("")
        lines[-1] += piece
    return [each.strip() for each in lines]


def box_ids(drawing: Drawing) -> frozenset[str]:
    """Return the ids of the nodes that contain other nodes."""
    return frozenset(node.parent for node in drawing.nodes if node.parent)


def _join(facts: list[str]) -> list[str]:
    """Put as many facts on each line as fit."""
    lines: list[str] = []
    for fact in facts:
        joined = f"{lines[-1]} · {fact}" if lines else fact
        if lines and text_width(joined) <= _MAX_TEXT_WIDTH:
            lines[-1] = joined
        else:
            lines.append(fact)
    return lines
