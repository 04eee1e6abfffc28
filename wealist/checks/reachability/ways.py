"""The ways through a VPC by its routes, security groups apart.

internet → internet gateway → public subnet → node with a public address
node → subnet ─┬─ local route ────────────→ subnet → node
               ├─ route to an endpoint ───→ S3, DynamoDB
               ├─ default route → NAT ────→ its subnet → internet gateway → internet
               └─ default route, with a public address → internet gateway → internet
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from wealist.checks.reachability.nodes import INTERNET, NetworkNode, NodeKind, Subnet
from wealist.checks.reachability.topology import Route, Topology


class Hop(NamedTuple):
    """One step of a way: where it leads, and the address of the route or rule that opens it, if AWS itself does not."""

    to: str
    by: str = ""

    def __str__(self) -> str:
        """`aws_subnet.x [aws_route.y]`."""
        return f"{self.to} [{self.by}]" if self.by else self.to


Way = tuple[Hop, ...]
"""The steps from a source to a target, the target last."""


class Ways:
    """The ways that the routes of one VPC open.

    Args:
        topology: The VPC.
        lost: Addresses of subnets and gateways that are gone.
    """

    def __init__(self, topology: Topology, lost: Collection[str] = ()) -> None:
        self._topology = topology
        self._lost = lost

    def way(self, source: NetworkNode, target: NetworkNode) -> Way | None:
        """A shortest way from one node to another; None where routes lead nowhere."""
        if source is INTERNET:
            return next(self._all_in(target), None)
        if target.kind not in {NodeKind.INTERNET, NodeKind.GATEWAY_ENDPOINT}:
            return self._local(source, target)
        ways = (way for subnet in source.subnets for way in self.leaving(source, subnet, target))
        return min(ways, key=len, default=None)

    def entering(self, node: NetworkNode, subnet: Subnet) -> Way | None:
        """The way from the internet to a node in one of its subnets."""
        return next((way for way in self._all_in(node) if way[-2].to == subnet.address), None)

    def leaving(self, node: NetworkNode, subnet: Subnet, target: NetworkNode) -> Iterator[Way]:
        """Every way from one of a node's subnets to the internet or to a gateway endpoint."""
        if subnet.address in self._lost:
            return
        first = Hop(subnet.address)
        if target.kind is NodeKind.GATEWAY_ENDPOINT:
            if subnet.address in self._topology.gateway_endpoints[target.address]:
                yield (first, Hop(target.address))
            return
        for route in self._routes(subnet.address):
            if route.to in self._topology.nat_gateways:
                between = self._topology.nat_gateways[route.to]
                onward = next(self._out(between), None) if between not in self._lost else None
                if onward:
                    yield (first, Hop(route.to, route.address), Hop(between), *onward)
            elif node.public:
                # Without a public address there is no answer through an internet gateway.
                yield from ((first, *way) for way in self._out(subnet.address))

    def _routes(self, subnet: str) -> Iterator[Route]:
        yield from (route for route in self._topology.routes.get(subnet, ()) if route.to not in self._lost)

    def _out(self, subnet: str) -> Iterator[Way]:
        for route in self._routes(subnet):
            if route.to in self._topology.internet_gateways:
                yield Hop(route.to, route.address), Hop(INTERNET.address)

    def _all_in(self, node: NetworkNode) -> Iterator[Way]:
        for subnet in node.subnets if node.public else ():
            for route in self._routes(subnet.address):
                if route.to in self._topology.internet_gateways:
                    yield Hop(route.to), Hop(subnet.address, route.address), Hop(node.address)

    def _local(self, source: NetworkNode, target: NetworkNode) -> Way | None:
        """Every subnet leads to every other one."""
        if not (source.subnets and target.subnets):
            return None
        shared = next((subnet for subnet in source.subnets if subnet in target.subnets), None)
        subnets = [shared] if shared else [source.subnets[0], target.subnets[0]]
        return (*(Hop(subnet.address) for subnet in subnets), Hop(target.address))
