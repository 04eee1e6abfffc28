"""What the sections of a page read: one environment as synthesized, and the words of one language."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wealist.checks import reachability
from wealist.checks.finding import Synthesis
from wealist.checks.reachability.topology import Topology
from wealist.docs.markdown import code, table, text
from wealist.docs.messages import Messages
from wealist.model.stack import Resource, StackJson
from wealist.model.values import as_list
from wealist.spec.environment import Environment


@dataclass(frozen=True)
class View:
    """One environment in one language.

    Attributes:
        synthesis: Everything that was synthesized.
        environment: The environment.
        say: The sentences.
        drawings: Name of a drawing → the drawing as Markdown.
    """

    synthesis: Synthesis
    environment: Environment
    say: Messages
    drawings: Mapping[str, str]

    @property
    def stack(self) -> StackJson:
        """The environment's stack."""
        return self.synthesis.stacks[self.environment.name]

    @cached_property
    def topology(self) -> Topology:
        """The environment's network."""
        return reachability.topology(self.synthesis, self.environment.name)

    def all(self, *types: str) -> list[Resource]:
        """The stack's own resources of some types, by address."""
        return self.stack.all(*types)

    def facts(self, rows: Iterable[tuple[str, str]]) -> str:
        """Return a table of facts.

        Args:
            rows: Key of a label in `[label]`, and its value as Markdown. Rows without a value are left out.
        """
        return table(
            self.say.columns("what", "value"), [(self.say(f"label.{key}"), value) for key, value in rows if value]
        )

    def picture(self, name: str) -> str:
        """A drawing of the stack; nothing where nothing of it was synthesized."""
        return self.drawings.get(name, "")

    def target(self, value: object) -> Resource | None:
        """What a reference names."""
        return self.stack.target(value)

    def named(self, value: object) -> str:
        """The name of what a reference names, or the value itself, as code."""
        found = self.target(value)
        return code(name_of(found)) if found else code(value)

    def zone(self, subnet_or_zone: str) -> str:
        """The letter of a zone: `a`."""
        return text(subnet_or_zone[-1:])

    def yes(self, value: object) -> str:
        """`yes` or `no`, of a flag that Terraform may hold as a text."""
        return self.say("word.yes" if value in {True, "true"} else "word.no")


class _Collecting(View):
    """A view that keeps facts in place of showing them."""

    @cached_property
    def kept(self) -> dict[str, str]:
        """Label → value."""
        return {}

    def facts(self, rows: Iterable[tuple[str, str]]) -> str:
        """Keep facts; several of one label stand one below another."""
        for key, value in rows:
            label = self.say(f"label.{key}")
            self.kept[label] = "<br>".join(filter(None, (self.kept.get(label), value)))
        return ""


def collected(view: View, section: Callable[[View], Iterator[str]]) -> dict[str, str]:
    """Return the facts of a section: label → value."""
    collecting = _Collecting(view.synthesis, view.environment, view.say, {})
    for _ in section(collecting):
        pass
    return {label: value for label, value in collecting.kept.items() if value}


def each_of(resource: Resource, path: str) -> list[Any]:
    """Every value at a path, those of lists one after another."""
    return [each for value in resource.at(path) for each in as_list(value)]


def name_of(resource: Resource) -> str:
    """What people call a resource: its name, else its tag `Name`, else its address."""
    for argument in ("name", "bucket", "identifier", "replication_group_id", "family"):
        if isinstance(resource.get(argument), str):
            return str(resource.get(argument))
    return str(resource.block("tags").get("Name") or resource.address)
