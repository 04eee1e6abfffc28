"""Text that comes from a plan, on one line and of a bounded length, with nothing in it that cannot be seen."""

import hashlib
import re
import unicodedata
from typing import Final

LONGEST: Final = 400
"""Characters of a value or a name that are shown."""

_UNUSUAL: Final = re.compile(r"[^\x20-\x7e]")
_SHORT: Final = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def visible(text: str) -> str:
    """A text on one line, without a character that cannot be seen: controls, marks of direction, odd spaces."""
    return text if text.isascii() and text.isprintable() else _UNUSUAL.sub(_spelled, text)


def _spelled(match: re.Match[str]) -> str:
    character = match[0]
    if unicodedata.category(character)[0] in "CZ":
        return _SHORT.get(character, f"\\u{{{ord(character):x}}}")
    return character


def cut(text: str, longest: int = LONGEST) -> str:
    """The beginning of a long text."""
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text) - longest} more characters)"


def cut_name(text: str) -> str:
    """The beginning of a long name, and a fingerprint, which tells it from others that begin alike."""
    if len(text) <= LONGEST:
        return text
    return f"{cut(text)} {hashlib.sha256(text.encode()).hexdigest()[:8]}"
