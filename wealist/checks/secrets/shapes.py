"""Secrets that are known by their own characters: tokens, keys, webhooks. Their shapes stand in shapes.toml."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from wealist.checks.secrets.names import table

FILLED_IN: Final = (
    r"(?:(?>\$\((?:[^()\n]|\([^()\n]*\))*\)|\$\([^\n]*)"
    r"|\$\{\{[^}\n]*\}\}|\$\{[!#]?\w+(?:\[[^\]\n]*\])?(?::?[-=+](?:\$\w+)?|[#%/^,][^}\n]*|:?\?[^}\n]*)?\}|\$\w+|\$[@*#?$!]"
    r"|`[^`\n]*`|\{\{[^}\n]*\}\}|<[\w .:-]+>|%\w\b|%\(\w+\)s)"
)
"""What a shell or a template fills in later: `$PASSWORD`, `${PASSWORD:?}`, `{{ password }}`, `$(pwgen)`."""
_ALL_FILLED_IN: Final = re.compile(rf"(?:{FILLED_IN}[:/@.]?)+")
_SHORTEST: Final = 12
"""Characters of the shortest text that any shape matches."""


class Place(NamedTuple):
    """Where a secret stands in a text, and what it is."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class _Shape:
    kind: str
    pattern: re.Pattern[str]

    def places(self, text: str) -> Iterator[Place]:
        part = "secret" if "secret" in self.pattern.groupindex else 0
        for match in self.pattern.finditer(text):
            if not is_filled_in(match[part]):
                yield Place(*match.span(part), self.kind)


@functools.cache
def _hints() -> dict[str, tuple[_Shape, ...]]:
    """Return each hint, with the shapes that it stands in."""
    found: dict[str, tuple[_Shape, ...]] = {}
    for row in table()["shape"]:
        shape = _Shape(row["name"], re.compile(row["pattern"], re.DOTALL | re.VERBOSE))
        for hint in row["hints"]:
            found[hint] = (*found.get(hint, ()), shape)
    return found


def is_filled_in(text: str) -> bool:
    """Return whether a shell or a template fills in all of a text."""
    return _ALL_FILLED_IN.fullmatch(text) is not None


def known(text: str) -> Iterator[Place]:
    """Return each secret of a well-known shape. Places may overlap."""
    if len(text) >= _SHORTEST:
        hinted = filter(text.__contains__, _hints())
        for shape in dict.fromkeys(shape for hint in hinted for shape in _hints()[hint]):
            yield from shape.places(text)
