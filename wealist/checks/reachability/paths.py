"""The routes of a VPC as a graph, and the shortest way through it.

internet → internet gateway → public subnet → part with a public address
part → subnet ─┬─ local route ────────────→ subnet → part
               ├─ S3's route ─────────────→ S3
               ├─ default route → NAT ────→ its subnet → internet gateway → internet
               └─ default route, with a public address → internet gateway → internet

The ways are few enough for a search of ten lines; networkx alone would take longer to import than all proofs to run.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from wealist.checks.reachability.parties import Party
from wealist.checks.reachability.parts import Part
from wealist.checks.reachability.topology import Topology

INTERNET: Final = Part("internet", Party.INTERNET, "internet", (), frozenset(), public="by its nature")
Node = tuple[str, str]
"""An address, and how a packet stands there: whom a gateway lets through depends on it."""
_HERE, _IN, _OUT, _PRIVATE, _PUBLIC, _LOCAL = "", "arriving", "leaving", "privately", "publicly", "locally"


@dataclass(frozen=True)
class Hop:
    """One step of a path.

    Attributes:
        to: Where it leads.
        by: The address of the route or rule that opens it; empty where AWS itself does.
    """

    to: str
    by: str = ""

    def __str__(self) -> str:
        """`aws_subnet.x [aws_route.y]`."""
        return f"{self.to} [{self.by}]" if self.by else self.to


class Paths:
    """Every way that routes leave open in one VPC, security groups apart."""

    def __init__(self, topology: Topology) -> None:
        self._steps: defaultdict[Node, list[tuple[Node, str]]] = defaultdict(list)
        self._ends = {INTERNET.address, topology.vpc, *(part.address for part in topology.parts)}
        for gateway in topology.internet_gateways:
            self._add((INTERNET.address, _HERE), (gateway, _IN))
            self._add((gateway, _OUT), (INTERNET.address, _HERE))
        for subnet in topology.subnets:
            self._add_routes(topology, subnet)
            for other in topology.subnets:
                for standing in (_PRIVATE, _PUBLIC):
                    self._add((subnet, standing), (other, _LOCAL))
        for part in (*topology.parts, topology.rest):
            for place in part.subnets:
                self._add((part.address, _HERE), (place.address, _PUBLIC if part.public else _PRIVATE))
                self._add((place.address, _LOCAL), (part.address, _HERE))
                if part.public:
                    self._add((place.address, _IN), (part.address, _HERE))

    def _add_routes(self, topology: Topology, subnet: str) -> None:
        for route in topology.routes.get(subnet, ()):
            if route.to in topology.internet_gateways:
                # Who has no public address gets no answer through an internet gateway.
                self._add((route.to, _IN), (subnet, _IN), route.address)
                self._add((subnet, _PUBLIC), (route.to, _OUT), route.address)
            elif route.to in topology.nat_gateways:
                for standing in (_PRIVATE, _PUBLIC):
                    self._add((subnet, standing), (route.to, _HERE), route.address)
                self._add((route.to, _HERE), (topology.nat_gateways[route.to], _PUBLIC))
        for endpoint, led in topology.gateway_endpoints.items():
            if subnet in led:
                for standing in (_PRIVATE, _PUBLIC):
                    self._add((subnet, standing), (endpoint, _HERE))

    def _add(self, node: Node, to: Node, by: str = "") -> None:
        self._steps[node].append((to, by))

    def shortest(
        self, source: Part, target: Part, *, first: str = "", without: Collection[str] = ()
    ) -> tuple[Hop, ...] | None:
        """The shortest way from one part to another, by routes alone.

        Args:
            source: Opens the connection.
            target: Accepts it.
            first: The address of the one subnet that the way begins in; any of the source's by default.
            without: Addresses of subnets and gateways that no way may pass.

        Returns:
            The hops, the target last; None where no way leads there.
        """
        start: Node = (source.address, _HERE)
        waiting = deque([start])
        came: dict[Node, tuple[Node, Hop]] = {}
        while waiting:
            node = waiting.popleft()
            if node != start and node[0] in self._ends:
                continue  # a part is no router
            for to, by in self._steps[node]:
                if to in came or to[0] in without or (node == start and first not in {"", to[0]}):
                    continue
                came[to] = (node, Hop(to[0], by))
                if to[0] == target.address:
                    return tuple(_back(came, to, start))[::-1]
                waiting.append(to)
        return None


def _back(came: dict[Node, tuple[Node, Hop]], node: Node, start: Node) -> Iterable[Hop]:
    while True:
        node, hop = came[node]
        yield hop
        if node == start:
            return
