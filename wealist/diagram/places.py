"""Where everything of a drawing is, in pixels, whatever laid it out; and how large texts are."""

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Final

from wealist.diagram.drawing import Drawing, Node
from wealist.diagram.words import Words

PADDING: Final = 10
GLYPH: Final = 26
NAME_HEIGHT: Final = 17
LINE_HEIGHT: Final = 15
HEADER: Final = 44
"""The height of a box's heading."""
_WIDEST: Final = 210
_NAME, _SMALL = 8.0, 6.3
"""Average width of a character of names and of smaller texts."""
_WIDE: Final = 1.7
_BROAD, _BROADER = frozenset("mwMW@%"), 1.45
_BREAKS: Final = re.compile(r"[^-/., ]*[-/., ]*")
Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """The place of a node."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Path:
    """The line of an edge, and where its label is centred."""

    points: tuple[Point, ...]
    label: Point | None = None


@dataclass(frozen=True)
class Layout:
    """A drawing's places: of its nodes by id, and of its edges in their order."""

    width: float
    height: float
    boxes: dict[str, Box]
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Texts:
    """What stands in a node: its name in lines, and smaller lines."""

    name: tuple[str, ...]
    small: tuple[str, ...]

    @property
    def width(self) -> float:
        """Of the widest line."""
        names, small = (width(each, _NAME) for each in self.name), (width(each) for each in self.small)
        return max((*names, *small))

    @property
    def height(self) -> float:
        """Of all lines."""
        return len(self.name) * NAME_HEIGHT + len(self.small) * LINE_HEIGHT


def texts(node: Node, words: Words) -> Texts:
    """What stands in a node that holds no others."""
    caption = words.caption(node)
    facts = _joined(words.facts(_without_zone(node)))
    small = [line for each in (caption, *facts) if each for line in wrapped(each, _SMALL)]
    return Texts(tuple(wrapped(words.name(node), _NAME)), tuple(small))


def _without_zone(node: Node) -> Node:
    """A node that stands in a box, which says its zone."""
    return replace(node, facts=tuple(each for each in node.facts if each[0] != "zone")) if node.parent else node


def header(node: Node, words: Words) -> Texts:
    """What stands at the top of a box."""
    facts = [] if node.parent else words.facts(node)
    facts = [value for heading, value in node.facts if heading == "cidr"] or facts
    below = " · ".join(filter(None, (words.caption(node), *facts)))
    return Texts((words.name(node),), (below,) if below else ())


def size(node: Node, words: Words) -> Point:
    """The width and height of a node that holds no others."""
    text = texts(node, words)
    return text.width + GLYPH + PADDING * 3, max(text.height, GLYPH) + PADDING * 2


def header_width(node: Node, words: Words) -> float:
    """The least width of a box."""
    return header(node, words).width + GLYPH + PADDING * 3


def width(text: str, average: float = _SMALL) -> float:
    """About how wide a text is."""
    wide = sum(unicodedata.east_asian_width(each) in {"W", "F"} for each in text)
    broad = sum(each in _BROAD for each in text)
    return average * (len(text) + (_WIDE - 1) * wide + (_BROADER - 1) * broad)


def wrapped(text: str, average: float = _SMALL) -> list[str]:
    """A text in lines that fit, broken behind punctuation, else anywhere."""
    most = int(_WIDEST / average)
    pieces = [piece for word in _BREAKS.findall(text) for piece in re.findall(f".{{1,{most}}}", word, re.DOTALL)]
    lines = [""]
    for piece in pieces:
        if lines[-1] and width(lines[-1] + piece.rstrip(), average) > _WIDEST:
            lines.append("")
        lines[-1] += piece
    return [each.strip() for each in lines]


def boxes_of(drawing: Drawing) -> frozenset[str]:
    """The ids of the nodes that hold others."""
    return frozenset(node.parent for node in drawing.nodes if node.parent)


def _joined(facts: list[str]) -> list[str]:
    """Facts on few lines."""
    lines = [""]
    for fact in facts:
        joined = f"{lines[-1]} · {fact}" if lines[-1] else fact
        if width(joined) <= _WIDEST:
            lines[-1] = joined
        else:
            lines.append(fact)
    return [each for each in lines if each]
