"""Every sentence of the documents, in every language: `messages.toml`."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from wealist.docs.markdown import text
from wealist.errors import unknown_name

LANGUAGES: Final[Mapping[str, str]] = {"ko": "한국어", "en": "English"}
"""Code → its own name. The first is the one of the architecture document."""
_PATH: Final = Path(__file__).with_name("messages.toml")
_KOREAN: Final = Path(__file__).with_name("korean.toml")


class Messages:
    """The sentences of one language.

    Attributes:
        language: Its code.
    """

    def __init__(self, language: str) -> None:
        """Read them.

        Raises:
            OperatorError: there is no such language; with exit code 2.
        """
        if language not in LANGUAGES:
            raise unknown_name("language", language, LANGUAGES)
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        """Return a sentence.

        Args:
            key: `network.vpc`.
            values: What stands in place of `{name}`: Markdown already.
        """
        return rows()[key][self.language].format_map(values)

    def columns(self, *keys: str) -> tuple[str, ...]:
        """Return headings of a table."""
        return tuple(self(f"column.{key}") for key in keys)

    def word(self, kind: str, english: str) -> str:
        """Return what the code says in English, as Markdown in this language where it is translated.

        Args:
            kind: A section of `messages.toml`, or of `korean.toml` where the code itself has the English.
            english: The word or sentence.
        """
        row = rows().get(f"{kind}.{english}") or {"ko": korean().get(kind, {}).get(english, "")}
        return row.get(self.language) or text(english)

    def sentence(self, kind: str, english: str) -> str:
        """Return what the code makes of values in English, as Markdown in this language where it is translated.

        Args:
            kind: A section of `korean.toml`, whose lines hold `{name}` for a value.
            english: One sentence, or several with `; ` between them.
        """
        for pattern, korean_words in patterns(kind).items() if self.language == "ko" else ():
            if found := pattern.fullmatch(english):
                return korean_words.format_map(
                    {name: self.sentence(kind, value) for name, value in found.groupdict().items()}
                )
        first, semicolon, rest = english.partition("; ")
        return f"{self.sentence(kind, first)}; {self.sentence(kind, rest)}" if semicolon else text(english)


@cache
def korean() -> Mapping[str, Mapping[str, str]]:
    """Kind → English word of the code → Korean."""
    return tomllib.loads(_KOREAN.read_text(encoding="utf-8"))


@cache
def patterns(kind: str) -> Mapping[re.Pattern[str], str]:
    """English of a section of `korean.toml`, with any value for `{name}` → Korean."""
    return {re.compile(_pattern(english)): words for english, words in korean()[kind].items()}


def _pattern(english: str) -> str:
    return re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^;]+?)", re.escape(english))


@cache
def rows() -> Mapping[str, Mapping[str, str]]:
    """Key → language → sentence."""
    sections = tomllib.loads(_PATH.read_text(encoding="utf-8"))
    return {f"{section}.{name}": row for section, entries in sections.items() for name, row in entries.items()}
