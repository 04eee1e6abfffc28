"""Tables of the connections and of the claims on the network, which `wealist check` prints."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.reachability.connections import Connections
from wealist.checks.reachability.nodes import INTERNET, NetworkNode, NodeKind
from wealist.checks.tables import Table
from wealist.model.network import Ports

CLAIMS: Final[Mapping[str, str]] = {
    "reachability.internet": "the internet reaches only the load balancer, on 80 and 443",
    "reachability.load_balancer": "the load balancer reaches only the instances, on the ports of its target groups",
    "reachability.data_tier": "only the instances reach PostgreSQL and Redis, on their ports",
    "reachability.outward": "the data tier opens no connections",
    "reachability.endpoints": "traffic to AWS stays on the VPC's endpoints, which accept only HTTPS",
    "reachability.edges": "every connection is open at both ends and has a path; every listening port is reachable",
    "reachability.tiers": "the specified subnets exist; only the load balancer and NAT gateways are in public ones",
    "reachability.public_address": "only the load balancer and the NAT gateways have public addresses",
    "reachability.forwarding": "each described route is forwarded to its own fleet, and no other request is",
    "reachability.internal": "the internet cannot reach metrics or Actuator, except with percent-encoded letters",
    "reachability.coverage": "every network resource is read; no path leads to another network",
}
"""Control → its claim."""


@dataclass(frozen=True)
class Matrix:
    """The connections that one environment's network allows.

    Attributes:
        name: The environment.
        sources: Labels of nodes that may open connections.
        targets: Labels of nodes that may accept them.
        ports: (source, target) → the ports, in order; only pairs with a connection.
    """

    name: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    ports: Mapping[tuple[str, str], tuple[Ports, ...]]

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Yield ports, source and targets. Targets that a source reaches on the same ports share a row."""
        for source in self.sources:
            reached: dict[str, list[str]] = {}
            for target in self.targets:
                if ports := self.ports.get((source, target)):
                    reached.setdefault(" ".join(str(each).removeprefix("tcp ") for each in ports), []).append(target)
            yield from ((ports, source, ", ".join(targets)) for ports, targets in reached.items())
            if not reached:
                yield "none", source, "nothing"


def read_matrix(connections: Connections) -> Matrix:
    """Return the matrix of one VPC. Endpoints with the same subnets and groups share a label."""
    bundles: dict[object, list[NetworkNode]] = {}
    for node in (INTERNET, connections.topology.rest, *connections.topology.nodes):
        shared = (node.subnets, node.groups, node.public) if node.kind is NodeKind.ENDPOINT else node.address
        bundles.setdefault((node.kind, shared), []).append(node)
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


def matrix_table(matrix: Matrix) -> Table:
    """Return the table of a matrix."""
    return Table(f"{matrix.name}: who can open connections to whom", ("ports", "from", "to"), list(matrix.rows()))


def claims_table(name: str, findings: Iterable[Finding]) -> Table:
    """Return the table of the claims on an environment, each proven or refuted by the findings of all guards."""
    refuted: dict[str, list[str]] = {}
    for finding in findings:
        if finding.stack == name:
            refuted.setdefault(finding.control, []).append(f"{finding.address} {finding.problem}")
    rows = [
        ("refuted" if control in refuted else "proven", claim, "; ".join(refuted.get(control, ())))
        for control, claim in CLAIMS.items()
    ]
    styles = {"proven": "green", "refuted": "red"}
    return Table(f"{name}: claims on the network", ("outcome", "claim", "problem"), rows, styles)
