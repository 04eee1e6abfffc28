"""Collect the nodes and edges of one drawing from a graph of resources."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, Literal

from wealist.diagram.drawing import Drawing, Edge, Fact, Node
from wealist.diagram.resource_graph import ResourceGraph, kinds

_BOXES: Final = frozenset({"vpc", "zone", "public_tier", "private_tier", "instance", "containers", "delivery"})
"""Kinds that are drawn only around other nodes. A subnet is drawn even if it is empty."""


class Canvas:
    """A drawing under construction.

    Args:
        name: The name of the drawing.
        graph: The resources to draw.
        direction: See `Drawing.direction`.
    """

    def __init__(self, name: str, graph: ResourceGraph, direction: Literal["DOWN", "RIGHT", "GRID"] = "RIGHT") -> None:
        self.graph = graph
        self._name = name
        self._direction: Literal["DOWN", "RIGHT", "GRID"] = direction
        self._nodes: dict[str, Node] = {}
        self._edges: dict[tuple[str, str, str, str], Edge] = {}

    def place(self, address: str, parent: str = "", *, within: str = "", kind: str = "") -> str:
        """Add a resource, unless it is already there. Returns the id of its node.

        Args:
            address: The address of the resource.
            parent: The id of the box that contains it.
            within: Distinguishes several nodes of one resource: the address of the subnet.
            kind: The kind of the node. Defaults to the kind of the resource's type.
        """
        id_ = f"{address}@{within}" if within else address
        if id_ not in self._nodes:
            graph = self.graph
            addresses = (address, *graph.owned.get(address, ()))
            self._nodes[id_] = Node(
                id_,
                graph.label(address),
                kind or str(kinds().get(graph.type_of(address), {}).get("kind", "resource")),
                parent,
                addresses,
                graph.facts(address),
                tuple(line for each in addresses for line in graph.reach.get(each, ())),
                graph.rights_of(address),
            )
        return id_

    def place_all(self, *types: str, parent: str = "") -> list[str]:
        """Add every resource of some types. Returns the ids of their nodes."""
        return [self.place(each.address, parent) for each in self.graph.all(*types)]

    def add(
        self,
        id_: str,
        kind: str,
        label: str = "",
        parent: str = "",
        *,
        addresses: Iterable[str] = (),
        facts: Iterable[Fact] = (),
    ) -> str:
        """Add a node that is not a single resource, unless it is already there. Returns its id."""
        self._nodes.setdefault(id_, Node(id_, label, kind, parent, tuple(addresses), tuple(facts)))
        return id_

    def link(
        self,
        source: str,
        target: str,
        label: str = "",
        *,
        kind: str = "flow",
        flow: str = "",
        addresses: Iterable[str] = (),
    ) -> None:
        """Add an arrow between two nodes. Arrows with the same nodes, kind and flow become one with all labels."""
        if source not in self._nodes or target not in self._nodes:
            return
        key = (source, target, kind, flow)
        edge = self._edges.get(key, Edge(source, target, "", kind, flow))
        labels = dict.fromkeys(filter(None, (*edge.label.split(", "), label)))
        merged = tuple(dict.fromkeys((*edge.addresses, *addresses)))
        self._edges[key] = replace(edge, label=", ".join(labels), addresses=merged)

    def __contains__(self, id_: str) -> bool:
        """Whether the drawing has a node with this id."""
        return id_ in self._nodes

    def remove(self, ids: Iterable[str]) -> None:
        """Remove nodes, and the nodes whose arrows all lead to them."""
        gone = set(ids)
        leading_to = {edge.source for edge in self._edges.values() if edge.target in gone}
        leading_elsewhere = {edge.source for edge in self._edges.values() if edge.target not in gone}
        gone |= leading_to - leading_elsewhere
        self._nodes = {id_: node for id_, node in self._nodes.items() if id_ not in gone}

    def drawing(self) -> Drawing:
        """Return the drawing, without empty boxes."""
        nodes = list(self._nodes.values())
        while empty := [each for each in nodes if _is_empty(each, nodes)]:
            nodes = [each for each in nodes if each not in empty]
        ids = {each.id for each in nodes}
        edges = tuple(each for each in self._edges.values() if {each.source, each.target} <= ids)
        return Drawing(self._name, tuple(nodes), edges, self._direction)


def _is_empty(node: Node, nodes: Iterable[Node]) -> bool:
    return node.kind in _BOXES and not node.addresses and all(each.parent != node.id for each in nodes)
