"""Who can open connections to whom, for people: sources, targets and the ports between them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wealist.checks.reachability.connections import Connections
from wealist.checks.reachability.nodes import INTERNET, NetworkNode, NodeKind
from wealist.model.network import Ports

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True)
class Matrix:
    """What one environment's network lets through.

    Attributes:
        name: The environment's.
        sources: Labels of what may open connections.
        targets: Labels of what may accept them.
        ports: (source, target) → the ports, in order; pairs without a connection are left out.
    """

    name: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    ports: Mapping[tuple[str, str], tuple[Ports, ...]]

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Source, targets and ports; targets that a source reaches on the same ports share a row."""
        for source in self.sources:
            reached: dict[str, list[str]] = {}
            for target in self.targets:
                if ports := self.ports.get((source, target)):
                    reached.setdefault(_shown(ports), []).append(target)
            yield from ((source, ", ".join(targets), ports) for ports, targets in reached.items())
            if not reached:
                yield source, "nothing", ""


def matrix_of(connections: Connections) -> Matrix:
    """The matrix of one VPC. Endpoints with the same subnets and groups share a label."""
    bundles: dict[object, list[NetworkNode]] = {}
    for node in (INTERNET, connections.topology.rest, *connections.topology.nodes):
        alike = (node.subnets, node.groups, node.public) if node.kind is NodeKind.ENDPOINT else node.address
        bundles.setdefault((node.kind, alike), []).append(node)
    labels: dict[str, str] = {}
    for nodes in bundles.values():
        label = nodes[0].label if len(nodes) == 1 else f"{len(nodes)} endpoints"
        taken = label in labels.values()
        labels |= {node.address: f"{label} {nodes[0].address}" if taken else label for node in nodes}
    ports: dict[tuple[str, str], set[Ports]] = {}
    for each in connections.all:
        ports.setdefault((labels[each.source.address], labels[each.target.address]), set()).add(each.ports)
    kinds = {labels[node.address]: node.kind for nodes in bundles.values() for node in nodes}
    return Matrix(
        connections.topology.stack.name,
        sources=tuple(label for label, kind in kinds.items() if kind is not NodeKind.GATEWAY_ENDPOINT),
        targets=(*(label for label in kinds if kinds[label] not in {NodeKind.INTERNET, NodeKind.VPC}), INTERNET.label),
        ports={ends: tuple(sorted(several)) for ends, several in ports.items()},
    )


def table(matrix: Matrix) -> "Table":
    """A matrix, to be printed."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415  a synthesis proves without printing
    from rich.table import Table  # noqa: PLC0415  the same

    shown = Table("from", "to", "ports", title=f"{matrix.name}: who can open connections to whom", box=SIMPLE_HEAD)
    before = ""
    for source, targets, ports in matrix.rows():
        shown.add_row(source if source != before else "", targets, ports)
        before = source
    return shown


def _shown(ports: tuple[Ports, ...]) -> str:
    """Without `tcp`, which nearly all ports are of."""
    return " ".join(str(each).removeprefix("tcp ") for each in ports)
