"""The words of drawings in a language: wealist/diagram/messages.toml."""

import tomllib
from collections.abc import Mapping
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

from wealist.diagram.drawing import Drawing, Edge, Node
from wealist.errors import unknown

MESSAGES: Final = Path(__file__).with_name("messages.toml")
LANGUAGES: Final = ("en", "ko")


@cache
def _messages() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads(MESSAGES.read_text(encoding="utf-8"))


class Words:
    """What drawings say in one language.

    Args:
        language: `en` or `ko`.

    Raises:
        OperatorError: the language is another one.
    """

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise unknown("language", language, LANGUAGES)
        self.language = language

    def __call__(self, section: str, name: str) -> str:
        """A message: `words("kind", "vpc")`."""
        return _messages()[section][name][self.language]

    def title(self, drawing: Drawing) -> str:
        """What a drawing is called."""
        return self("drawing", drawing.name)

    def name(self, node: Node) -> str:
        """What a node is called: its own name, or else its kind."""
        return node.label or self("kind", node.kind)

    def caption(self, node: Node) -> str:
        """What a node is, where its name does not say so."""
        return self("kind", node.kind) if node.label else ""

    def facts(self, node: Node) -> list[str]:
        """The facts of a node, each with its heading; those that follow each other with the same one share it."""
        return [
            f"{self('fact', heading)} {', '.join(value for _, value in several)}"
            for heading, several in groupby(node.facts, key=itemgetter(0))
        ]

    def on(self, edge: Edge) -> str:
        """What stands on an arrow."""
        return " ".join(filter(None, (self("edge", edge.kind), edge.label)))

    def flow(self, flow: str) -> str:
        """What a flow is called: a heading of `flow`, and a name of its own behind a space."""
        heading, _, name = flow.partition(" ")
        return " ".join(filter(None, (self("flow", heading), name)))
