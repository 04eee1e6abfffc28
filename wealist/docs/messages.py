"""The sentences of the generated pages in each language, from messages.toml and korean.toml."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from wealist.docs.markdown import text
from wealist.errors import unknown_name

LANGUAGES: Final[Mapping[str, str]] = {"ko": "한국어", "en": "English"}
"""Code → name of the language. The first is the language of the architecture document."""
_PATH: Final = Path(__file__).with_name("messages.toml")
_KOREAN: Final = Path(__file__).with_name("korean.toml")


class Messages:
    """The sentences of one language.

    Attributes:
        language: The code of the language.
    """

    def __init__(self, language: str) -> None:
        """Check the language.

        Raises:
            OperatorError: the language is unknown; with exit code 2.
        """
        if language not in LANGUAGES:
            raise unknown_name("language", language, LANGUAGES)
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        """Return a sentence.

        Args:
            key: Section and key in messages.toml: `network.nat`.
            values: The Markdown that replaces `{name}`.
        """
        return rows()[key][self.language].format_map(values)

    def columns(self, *keys: str) -> tuple[str, ...]:
        """Return the headings of a table."""
        return tuple(self(f"column.{key}") for key in keys)

    def translate(self, kind: str, english: str) -> str:
        """Translate a text of the code, as Markdown. A part without a translation stays in English.

        Args:
            kind: A section of korean.toml. `{name}` in its lines stands for any value.
            english: One sentence or word, or several separated by `; `.
        """
        for pattern, translation in patterns(kind).items() if self.language == "ko" else ():
            if found := pattern.fullmatch(english):
                values = {name: self.translate(kind, value) for name, value in found.groupdict().items()}
                return translation.format_map(values)
        first, semicolon, rest = english.partition("; ")
        return f"{self.translate(kind, first)}; {self.translate(kind, rest)}" if semicolon else text(english)


@cache
def korean() -> Mapping[str, Mapping[str, str]]:
    """Return korean.toml: section → English text in the code → Korean."""
    return tomllib.loads(_KOREAN.read_text(encoding="utf-8"))


@cache
def patterns(kind: str) -> Mapping[re.Pattern[str], str]:
    """Return a section of korean.toml as patterns, in which `{name}` matches any value: pattern → Korean."""
    return {re.compile(_pattern(english)): words for english, words in korean()[kind].items()}


def _pattern(english: str) -> str:
    return re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^;]+?)", re.escape(english))


@cache
def rows() -> Mapping[str, Mapping[str, str]]:
    """Return messages.toml: `section.key` → language → sentence."""
    sections = tomllib.loads(_PATH.read_text(encoding="utf-8"))
    return {f"{section}.{name}": row for section, entries in sections.items() for name, row in entries.items()}
