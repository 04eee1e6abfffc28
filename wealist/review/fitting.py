"""Keeps a comment within GitHub's limit: what matters least is left out, and counted.

GitHub answers "body is too long (maximum is 65536 characters)". What it counts differs from place to place and has
changed: code points of a pull request's description, bytes of a comment, four times as many. Bytes of UTF-8 are never
fewer than characters of any kind, so 65,536 of them fit wherever the comment is put.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

LIMIT: Final = 65_536
MISSES: Final = 200
"""Pieces that are tried and do not fit, before the rest is left out untried: a plan may have thousands."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a comment that is left out as a whole, or not at all.

    Attributes:
        section: where it stands.
        kind: what is said of it where it is left out: `to create`.
        text: writes it; asked for only where there is room.
    """

    section: str
    kind: str
    text: Callable[[], str]


def size(text: str) -> int:
    """Bytes, as the limit is counted here."""
    return len(text.encode())


def fitted(pieces: Iterable[Piece], budget: int) -> tuple[dict[str, list[str]], list[Piece]]:
    """As many pieces as fit, and those that are left out.

    A long piece keeps no shorter one of its section out; but whatever comes after that section matters less, and is
    left out with it.

    Args:
        pieces: the most important first.
        budget: bytes that they may take together.

    Returns:
        The texts of each section, in order; and the pieces that are left out.
    """
    sections: dict[str, list[str]] = {}
    left: list[Piece] = []
    for piece in pieces:
        if left and (piece.section != left[0].section or len(left) >= MISSES):
            left.append(piece)
        elif size(text := piece.text()) < budget:
            budget -= size(text) + 1
            sections.setdefault(piece.section, []).append(text)
        else:
            left.append(piece)
    return sections, left
