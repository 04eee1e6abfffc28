"""A drawing as data: nodes in boxes, and edges between them. What draws it knows neither AWS nor Terraform."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Mark = Literal["created", "changed", "replaced", "destroyed"]
"""What a plan does to a resource."""
Fact = tuple[str, str]
"""A heading of `fact` in messages.toml, and a value as built."""


@dataclass(frozen=True)
class Node:
    """A thing, or a box around others.

    Attributes:
        id: Unique in its drawing.
        label: Its name, the same in every language; empty where its kind says enough.
        kind: A heading of `kind` in messages.toml.
        parent: The id of the box that it stands in; empty outside of all.
        addresses: The Terraform addresses that it stands for, the first its own.
        facts: Shown below the name.
        reach: Who can open connections to it, and to whom it can: `→ PostgreSQL tcp 5432`.
        rights: What it may do, and why.
    """

    id: str
    label: str
    kind: str
    parent: str = ""
    addresses: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    reach: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edge:
    """An arrow.

    Attributes:
        source: The id of a node.
        target: The id of a node.
        label: Ports, paths, names: the same in every language.
        kind: A heading of `edge` in messages.toml.
        flow: A heading of `flow` there: what is highlighted together; empty for none.
        addresses: The Terraform addresses of what opens it.
    """

    source: str
    target: str
    label: str
    kind: str
    flow: str = ""
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drawing:
    """One picture.

    Attributes:
        name: A heading of `drawing` in messages.toml.
        nodes: Boxes before what stands in them.
        edges: Between nodes of the drawing.
        direction: Where edges lead: `DOWN` or `RIGHT`. `GRID` draws zones as columns.
    """

    name: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    direction: Literal["DOWN", "RIGHT", "GRID"] = "RIGHT"

    def inside(self, parent: str) -> Iterator[Node]:
        """The nodes that stand directly in a box; with an empty id, those in none."""
        return (node for node in self.nodes if node.parent == parent)

    @property
    def addresses(self) -> frozenset[str]:
        """Every Terraform address that is drawn."""
        held = [each.addresses for each in self.nodes] + [each.addresses for each in self.edges]
        return frozenset(address for addresses in held for address in addresses)
