"""A drawing as data: nodes, which may contain other nodes, and edges. Renderers know neither AWS nor Terraform."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Mark = Literal["created", "changed", "replaced", "destroyed"]
"""The effect of a plan on a resource."""
Fact = tuple[str, str]
"""A key of `[fact]` in messages.toml, and the value as built."""


@dataclass(frozen=True)
class Node:
    """A node, or a box around other nodes.

    Attributes:
        id: Unique within the drawing.
        label: The name, the same in every language. If empty, the kind is shown instead.
        kind: A key of `[kind]` in messages.toml.
        parent: The id of the box that contains the node. Empty outside all boxes.
        addresses: The Terraform addresses that the node represents. The first is the node's own resource.
        facts: Values to show below the name.
        reach: The connections that it can accept and open: `→ PostgreSQL tcp 5432`.
        rights: Its IAM rights, with the reason for each.
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
    """An arrow between two nodes.

    Attributes:
        source: The id of a node.
        target: The id of a node.
        label: Ports, paths or names, the same in every language.
        kind: A key of `[edge]` in messages.toml.
        flow: The flow that is highlighted together: a key of `[flow]` in messages.toml. Empty for none.
        addresses: The Terraform addresses of the resources that open this connection.
    """

    source: str
    target: str
    label: str
    kind: str
    flow: str = ""
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drawing:
    """A drawing.

    Attributes:
        name: A key of `[drawing]` in messages.toml.
        nodes: The nodes. A box comes before its contents.
        edges: The arrows between nodes of this drawing.
        direction: The main direction of arrows, `DOWN` or `RIGHT`. `GRID` draws zones as columns.
    """

    name: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    direction: Literal["DOWN", "RIGHT", "GRID"] = "RIGHT"

    def inside(self, parent: str) -> Iterator[Node]:
        """Yield the nodes directly inside a box, or outside all boxes if the id is empty."""
        return (node for node in self.nodes if node.parent == parent)

    @property
    def addresses(self) -> frozenset[str]:
        """All Terraform addresses in the drawing."""
        parts: tuple[Node | Edge, ...] = (*self.nodes, *self.edges)
        return frozenset(address for part in parts for address in part.addresses)
