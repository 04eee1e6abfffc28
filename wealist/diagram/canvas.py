"""Puts resources on a drawing: each with its name, its facts, and what the proofs say of it."""

from collections.abc import Iterable
from typing import Literal

from wealist.diagram.drawing import Drawing, Edge, Fact, Node
from wealist.diagram.reading import Reading, kinds


class Canvas:
    """One drawing in the making.

    Args:
        name: Of the drawing.
        reading: What it is drawn from.
        direction: As `Drawing` has it.
    """

    def __init__(self, name: str, reading: Reading, direction: Literal["DOWN", "RIGHT", "GRID"] = "RIGHT") -> None:
        self.reading = reading
        self._name = name
        self._direction: Literal["DOWN", "RIGHT", "GRID"] = direction
        self._nodes: dict[str, Node] = {}
        self._edges: list[Edge] = []

    def place(self, address: str, parent: str = "", *, within: str = "", kind: str = "") -> str:
        """Put a resource into a box; once only.

        Args:
            address: Its address.
            parent: The id of the box.
            within: What tells it from other places of the same resource.
            kind: What it is on this drawing, where that is not the kind of its type.

        Returns:
            The id of its node.
        """
        id_ = f"{address}@{within}" if within else address
        if id_ not in self._nodes:
            reading = self.reading
            addresses = (address, *reading.owned.get(address, ()))
            self._nodes[id_] = Node(
                id_,
                reading.label(address),
                kind or str(kinds().get(reading.resources[address].type, {}).get("kind", "resource")),
                parent,
                addresses,
                reading.facts(address),
                tuple(line for each in addresses for line in reading.reach.get(each, ())),
                reading.rights_of(address),
            )
        return id_

    def place_all(self, *types: str, parent: str = "") -> list[str]:
        """Put every resource of some types into a box."""
        return [self.place(each.address, parent) for each in self.reading.all(*types)]

    def add(
        self,
        id_: str,
        kind: str,
        label: str = "",
        parent: str = "",
        *,
        addresses: Iterable[str] = (),
        facts: Iterable[Fact] = (),
        reach: Iterable[str] = (),
    ) -> str:
        """Put something that is no resource, or several at once, into a box; once only. Returns its id."""
        node = Node(id_, label, kind, parent, tuple(addresses), tuple(facts), tuple(reach))
        self._nodes.setdefault(id_, node)
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
        """Draw an arrow between two nodes; between the same ones, of the same kind, labels share one."""
        if source not in self._nodes or target not in self._nodes:
            return
        for place, edge in enumerate(self._edges):
            if (edge.source, edge.target, edge.kind, edge.flow) == (source, target, kind, flow):
                labels = dict.fromkeys([*filter(None, edge.label.split(", ")), *filter(None, [label])])
                opened = tuple(dict.fromkeys([*edge.addresses, *addresses]))
                self._edges[place] = Edge(source, target, ", ".join(labels), kind, flow, opened)
                return
        self._edges.append(Edge(source, target, label, kind, flow, tuple(addresses)))

    def __contains__(self, id_: str) -> bool:
        """Whether a node is on the drawing so far."""
        return id_ in self._nodes

    def remove(self, ids: Iterable[str]) -> None:
        """Take nodes away, with what only leads to them."""
        gone = set(ids)
        only = {edge.source for edge in self._edges if edge.target in gone}
        gone |= {each for each in only if all(edge.target in gone for edge in self._edges if edge.source == each)}
        self._nodes = {id_: node for id_, node in self._nodes.items() if id_ not in gone}

    def drawing(self) -> Drawing:
        """What was put, boxes that hold nothing left out."""
        nodes = list(self._nodes.values())
        while empty := [each for each in nodes if each.kind in BOXES and not (each.addresses or _holds(nodes, each))]:
            nodes = [each for each in nodes if each not in empty]
        ids = {each.id for each in nodes}
        edges = tuple(each for each in self._edges if {each.source, each.target} <= ids)
        return Drawing(self._name, tuple(nodes), edges, self._direction)


BOXES = frozenset({"vpc", "zone", "public_tier", "private_tier", "account", "instance", "containers", "delivery"})
"""Kinds that are drawn only around others. A subnet may be empty."""


def _holds(nodes: Iterable[Node], box: Node) -> bool:
    return any(each.parent == box.id for each in nodes)
