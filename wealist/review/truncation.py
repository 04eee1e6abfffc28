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
"""Sections that are tried and do not fit, before the rest is left out untried: a plan may have thousands."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a comment that is left out as a whole, or not at all.

    Attributes:
        group: What it is listed under; several sections have the same.
        kind: What it is counted as where it is left out: `to create`.
        text: Writes it; called only where there is room.
    """

    group: str
    kind: str
    text: Callable[[], str]


def size(text: str) -> int:
    """Bytes, as the limit is counted here."""
    return len(text.encode())


def fitted(sections: Iterable[Section], budget: int) -> tuple[dict[str, list[str]], list[Section]]:
    """As many sections as fit, and those that are left out.

    A long section keeps no shorter one of its group out; but whatever comes after that group matters less, and is left
    out with it.

    Args:
        sections: The most important first.
        budget: Bytes that they may take together.

    Returns:
        The texts of each group, in order; and the sections that are left out.
    """
    groups: dict[str, list[str]] = {}
    left: list[Section] = []
    for section in sections:
        if left and (section.group != left[0].group or len(left) >= MISSES):
            left.append(section)
        elif size(text := section.text()) < budget:
            budget -= size(text) + 1
            groups.setdefault(section.group, []).append(text)
        else:
            left.append(section)
    return groups, left
