"""The text of drawings in each language, from messages.toml."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

from wealist.diagram.drawing import Drawing, Edge, Fact, Node
from wealist.errors import unknown_name

LANGUAGES: Final = ("en", "ko")
_MESSAGES: Final = Path(__file__).with_name("messages.toml")


@cache
def _messages() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads(_MESSAGES.read_text(encoding="utf-8"))


class Words:
    """The text of drawings in one language.

    Args:
        language: `en` or `ko`.

    Raises:
        OperatorError: the language is unknown.
    """

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise unknown_name("language", language, LANGUAGES)
        self.language = language

    def __call__(self, section: str, key: str) -> str:
        """Return a message: `words("kind", "vpc")`."""
        return _messages()[section][key][self.language]

    def title(self, drawing: Drawing) -> str:
        """Return the title of a drawing."""
        return self("drawing", drawing.name)

    def name(self, node: Node) -> str:
        """Return the label of a node, or its kind if it has no label."""
        return node.label or self("kind", node.kind)

    def caption(self, node: Node) -> str:
        """Return the kind of a node, or nothing if the kind is already its name."""
        return self("kind", node.kind) if node.label else ""

    def facts(self, facts: Iterable[Fact]) -> list[str]:
        """Return facts with their headings. Consecutive facts with the same heading share one."""
        return [
            f"{self('fact', heading)} {', '.join(value for _, value in several)}"
            for heading, several in groupby(facts, key=itemgetter(0))
        ]

    def edge(self, edge: Edge) -> str:
        """Return the text on an arrow."""
        return " ".join(filter(None, (self("edge", edge.kind), edge.label)))

    def flow(self, flow: str) -> str:
        """Return the name of a flow: the message of its first word, followed by the rest."""
        key, _, rest = flow.partition(" ")
        return " ".join(filter(None, (self("flow", key), rest)))
