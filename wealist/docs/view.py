"""The input of the sections: a synthesized environment, and the messages of one language."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wealist.checks import reachability
from wealist.checks.finding import Synthesis
from wealist.checks.reachability.topology import Topology
from wealist.docs.markdown import code, table
from wealist.docs.messages import Messages
from wealist.model.stack import Resource, StackJson
from wealist.model.values import as_list
from wealist.spec.environment import Environment


@dataclass(frozen=True)
class View:
    """One environment in one language.

    Attributes:
        synthesis: All synthesized stacks.
        environment: The environment.
        say: The messages.
        drawings: Name → drawing, as Markdown.
    """

    synthesis: Synthesis
    environment: Environment
    say: Messages
    drawings: Mapping[str, str]

    @property
    def stack(self) -> StackJson:
        """The stack of the environment."""
        return self.synthesis.stacks[self.environment.name]

    @cached_property
    def topology(self) -> Topology:
        """The network of the environment."""
        return reachability.topology(self.synthesis, self.environment.name)

    def all(self, *types: str) -> list[Resource]:
        """Return the stack's resources of some types, sorted by address."""
        return self.stack.all(*types)

    def facts(self, rows: Iterable[tuple[str, str]]) -> str:
        """Return a table of facts.

        Args:
            rows: A key of `[label]` in messages.toml, and the value as Markdown. Rows without a value are left out.
        """
        return table(
            self.say.columns("what", "value"), [(self.say(f"label.{key}"), value) for key, value in rows if value]
        )

    def picture(self, name: str) -> str:
        """Return a drawing of the stack, or nothing if it would be empty."""
        return self.drawings.get(name, "")

    def target(self, value: object) -> Resource | None:
        """Return the resource that a reference names, or None."""
        return self.stack.target(value)

    def named(self, value: object) -> str:
        """Return the name of the resource that a reference names, or else the value itself, as code."""
        found = self.target(value)
        return code(name_of(found)) if found else code(value)

    def yes(self, value: object) -> str:
        """Return `yes` or `no` for a boolean, which Terraform may hold as a string."""
        return self.say("word.yes" if value in {True, "true"} else "word.no")


class _FactsOnly(View):
    """A view that collects the facts of a section."""

    @cached_property
    def collected(self) -> dict[str, str]:
        """Label → value."""
        return {}

    def facts(self, rows: Iterable[tuple[str, str]]) -> str:
        """Collect facts. Several values with the same label are joined by line breaks."""
        for key, value in rows:
            label = self.say(f"label.{key}")
            self.collected[label] = "<br>".join(filter(None, (self.collected.get(label), value)))
        return ""


def section_facts(view: View, section: Callable[[View], Iterator[str]]) -> dict[str, str]:
    """Return the facts of a section: label → value."""
    collecting = _FactsOnly(view.synthesis, view.environment, view.say, {})
    for _ in section(collecting):
        pass
    return {label: value for label, value in collecting.collected.items() if value}


def each_of(resource: Resource, path: str) -> list[Any]:
    """Return every value at a path, list items separately."""
    return [each for value in resource.at(path) for each in as_list(value)]


def name_of(resource: Resource) -> str:
    """Return the name of a resource, or else its tag `Name`, or else its address."""
    for argument in ("name", "bucket", "identifier", "replication_group_id", "family"):
        if isinstance(resource.get(argument), str):
            return str(resource.get(argument))
    return str(resource.block("tags").get("Name") or resource.address)
