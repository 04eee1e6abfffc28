"""The difference of two long texts: by lines, and within long lines by words.

text ─ remove common lines at both ends ─► `text_parts`: unchanged lines, changed lines
changed line over `LONG` characters ─► `changed_fragments`: the words that change, with some context
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from wealist.model.values import Value
from wealist.review.secrets import Masked, render_marks
from wealist.review.values import Script

LONG: Final = 200
"""Characters above which a line is compared by words."""
AROUND: Final = 2
"""Unchanged lines shown before and after changed ones."""
_CONTEXT: Final = 40
"""Unchanged characters shown before and after changed words."""
_SHOWN: Final = 300
"""Maximum characters of a fragment."""
_COMPARISONS: Final = 1_000_000
"""Maximum product of the numbers of lines or words of both sides; larger texts count as changed as a whole."""
_WORD: Final = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")


Operation = tuple[str, int, int, int, int]
"""An opcode of `difflib`: kind, start and end in the old lines, start and end in the new ones."""


@dataclass(frozen=True, slots=True)
class TextPart:
    """Consecutive lines: removed, added, or unchanged.

    Attributes:
        place: Header of a unified diff (`@@ … @@`), if lines before this part are left out.
    """

    lost: Sequence[str]
    gained: Sequence[str]
    is_changed: bool
    place: str = ""


def is_text(before: Value, after: Value) -> bool:
    """Return whether two values are texts to be compared by lines or words: scripts, long or masked ones."""
    texts = [each.text if isinstance(each, Script) else each for each in (before, after)]
    if not all(isinstance(each, str) and each for each in texts):
        return False
    return isinstance(before, Script | Masked) or any("\n" in each or len(each) > LONG for each in texts)


def raw_lines(text: str) -> list[str]:
    """Split a text at line feeds only; each line keeps its masked secrets."""
    whole = text.marked if isinstance(text, Masked) else text
    return [render_marks(line) for line in whole.removesuffix("\n").split("\n")]


def text_parts(old: Sequence[str], new: Sequence[str]) -> Iterator[TextPart]:
    """Yield the changed lines, with `AROUND` unchanged ones before and after."""
    for group in _groups(old, new):
        (_, first, _, second, _), (_, _, last, _, end) = group[0], group[-1]
        place = f"@@ -{first + 1},{last - first} +{second + 1},{end - second} @@"
        for operation, start, stop, start_new, stop_new in group:
            yield TextPart(old[start:stop], new[start_new:stop_new], operation != "equal", place)
            place = ""


def _groups(old: Sequence[str], new: Sequence[str]) -> Iterator[list[Operation]]:
    """Yield `difflib`'s grouped operations that turn the old lines into the new ones."""
    start, end = _common(old, new)
    if (len(old) - start - end) * (len(new) - start - end) > _COMPARISONS:
        yield [("replace", start, len(old) - end, start, len(new) - end)]
        return
    start, end = max(start - AROUND, 0), max(end - AROUND, 0)
    matcher = SequenceMatcher(None, old[start : len(old) - end], new[start : len(new) - end], autojunk=False)
    for group in matcher.get_grouped_opcodes(AROUND):
        yield [(kind, a + start, b + start, c + start, d + start) for kind, a, b, c, d in group]


def changed_fragments(old: str, new: str, *, quoted: bool) -> Iterator[tuple[str, str]]:
    """Yield the old and new words that differ in a line, with context and position."""
    for start, stop, start_new, stop_new in _changed_words(old, new):
        yield _fragment(old, start, stop, quoted=quoted), _fragment(new, start_new, stop_new, quoted=quoted)


def _fragment(text: str, start: int, stop: int, *, quoted: bool) -> str:
    """Return a piece of a long line, and its position."""
    start = max(start - _CONTEXT, 0)
    stop = min(stop + _CONTEXT, len(text), start + _SHOWN)
    piece = json.dumps(text[start:stop], ensure_ascii=False) if quoted else text[start:stop]
    if stop - start == len(text):
        return piece
    before, after = "…" if start else "", "…" if stop < len(text) else ""
    return f"{before}{piece}{after} (characters {start + 1} to {stop} of {len(text)})"


def _changed_words(old: str, new: str) -> Iterator[tuple[int, int, int, int]]:
    """Yield the positions of changed words on both sides, and merge those less than `_CONTEXT` characters apart."""
    start, end = _common(old, new)
    if start == len(old) == len(new):
        return
    words, others = _WORD.findall(old[start : len(old) - end]), _WORD.findall(new[start : len(new) - end])
    if len(words) * len(others) > _COMPARISONS:
        yield start, len(old) - end, start, len(new) - end
        return
    places, places_new = _offsets(words, start), _offsets(others, start)
    near: tuple[int, int, int, int] | None = None
    for kind, first, last, first_new, last_new in SequenceMatcher(None, words, others, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        place = places[first], places[last], places_new[first_new], places_new[last_new]
        if near and place[0] - near[1] <= _CONTEXT:
            near = near[0], place[1], near[2], place[3]
        else:
            yield from [near] if near else []
            near = place
    yield from [near] if near else []


def _offsets(words: list[str], start: int) -> list[int]:
    offsets = [start]
    for word in words:
        offsets.append(offsets[-1] + len(word))
    return offsets


def _common(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """Return the lengths of the common prefix, and of the common suffix of the rest."""
    shorter = min(len(old), len(new))
    start = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    left = shorter - start
    end = next((place for place in range(left) if old[-1 - place] != new[-1 - place]), left)
    return start, end
