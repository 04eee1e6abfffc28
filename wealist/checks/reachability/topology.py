"""Read the VPC of an environment, and find the paths that its routes open, without regard to security groups.

VPC ─┬─ subnets (zone, block) ─ route table ─ default route → internet gateway or NAT gateway
     ├─ nodes (subnets, security groups)
     └─ gateway endpoints of route tables

internet → internet gateway → public subnet → node with a public address
node → subnet ─┬─ local route ────────────→ subnet → node
               ├─ route to an endpoint ───→ S3, DynamoDB
               ├─ default route → NAT ────→ its subnet → internet gateway → internet
               └─ default route, with a public address → internet gateway → internet
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final, NamedTuple

from wealist.checks.reachability.nodes import INTERNET, NetworkNode, NodeKind, NodeReader, Subnet, is_gateway
from wealist.checks.reachability.reader import Gap, Reader
from wealist.model.network import ANYWHERE
from wealist.model.stack import StackJson
from wealist.spec.account import REGION
from wealist.spec.environment import Environment

SYSTEMS_MANAGER: Final = ("ssm", "ssmmessages", "ec2messages")
"""The services that Systems Manager's agent uses (section 2.1)."""
SERVICE_PREFIX: Final = f"com.amazonaws.{REGION}."
"""Prefix of the names of AWS's endpoint services."""


class Hop(NamedTuple):
    """One step of a path, or a default route to a gateway.

    Attributes:
        to: The address of the subnet, gateway or node.
        by: The address of the route or rule that opens it; empty if AWS itself does.
    """

    to: str
    by: str = ""

    def __str__(self) -> str:
        """`aws_subnet.x [aws_route.y]`."""
        return f"{self.to} [{self.by}]" if self.by else self.to


@dataclass(frozen=True)
class Topology:
    """One VPC.

    Attributes:
        vpc: Its address.
        block: Its IPv4 block.
        resolves: Whether private DNS works in it (DNS support and hostnames).
        subnets: Its subnets, by address.
        routes: Default routes, by the address of the subnet.
        internet_gateways: Addresses of internet gateways.
        nat_gateways: Address of each public NAT gateway → its subnet.
        gateway_endpoints: Address of each gateway endpoint → the subnets with a route to it.
        nodes: The nodes with addresses in the VPC, and the gateway endpoints.
        gaps: The values that could not be read.
        stack: The stack.
    """

    vpc: str
    block: IPv4Network
    resolves: bool
    subnets: Mapping[str, Subnet]
    routes: Mapping[str, tuple[Hop, ...]]
    internet_gateways: tuple[str, ...]
    nat_gateways: Mapping[str, str]
    gateway_endpoints: Mapping[str, tuple[str, ...]]
    nodes: tuple[NetworkNode, ...]
    gaps: tuple[Gap, ...]
    stack: StackJson

    def nodes_of(self, *kinds: NodeKind) -> list[NetworkNode]:
        """Return the nodes of some kinds."""
        return [node for node in self.nodes if node.kind in kinds]

    def nodes_with_group(self, group: str) -> list[NetworkNode]:
        """Return the nodes that a security group is attached to."""
        return [node for node in self.nodes if group in node.groups]

    def endpoints(self, kind: NodeKind, service: str) -> list[NetworkNode]:
        """Return the interface or gateway endpoints of a service: `ssm`."""
        resources, name = self.stack.resources, f"{SERVICE_PREFIX}{service}"
        return [node for node in self.nodes_of(kind) if resources[node.address].get("service_name") == name]

    def private_dns_endpoints(self, service: str) -> list[NetworkNode]:
        """Return the interface endpoints that the public name of a service resolves to.

        These have private DNS enabled, in a VPC that supports it.
        https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
        """
        endpoints = self.endpoints(NodeKind.ENDPOINT, service) if self.resolves else []
        resources = self.stack.resources
        return [node for node in endpoints if resources[node.address].get("private_dns_enabled") in (True, "true")]

    def is_public(self, subnet: Subnet) -> bool:
        """Return whether a subnet has a route to an internet gateway."""
        return any(route.to in self.internet_gateways for route in self.routes.get(subnet.address, ()))

    @property
    def rest(self) -> NetworkNode:
        """Any other address of the VPC, which a rule for a block may allow."""
        return NetworkNode(self.vpc, NodeKind.VPC, NodeKind.VPC, tuple(self.subnets.values()))


Path = tuple[Hop, ...]
"""The steps from a source to a target; the last one is the target."""


class Paths:
    """The paths that the routes of one VPC open.

    Args:
        topology: The VPC.
        lost: Addresses of subnets and gateways that are unavailable.
    """

    def __init__(self, topology: Topology, lost: Collection[str] = ()) -> None:
        self._topology = topology
        self._lost = lost

    def shortest(self, source: NetworkNode, target: NetworkNode) -> Path | None:
        """Return a shortest path between two nodes; None without one."""
        if source is INTERNET:
            return next(self._inbound(target), None)
        if target.kind not in {NodeKind.INTERNET, NodeKind.GATEWAY_ENDPOINT}:
            return self._local(source, target)
        paths = (path for subnet in source.subnets for path in self.outbound(source, subnet, target))
        return min(paths, key=len, default=None)

    def inbound(self, node: NetworkNode, subnet: Subnet) -> Path | None:
        """Return the path from the internet to a node in one of its subnets; None without one."""
        return next((path for path in self._inbound(node) if path[-2].to == subnet.address), None)

    def outbound(self, node: NetworkNode, subnet: Subnet, target: NetworkNode) -> Iterator[Path]:
        """Yield every path from one of a node's subnets to the internet or to a gateway endpoint."""
        if subnet.address in self._lost:
            return
        first = Hop(subnet.address)
        if target.kind is NodeKind.GATEWAY_ENDPOINT:
            if subnet.address in self._topology.gateway_endpoints[target.address]:
                yield (first, Hop(target.address))
            return
        for route in self._routes(subnet.address):
            if route.to in self._topology.nat_gateways:
                nat_subnet = self._topology.nat_gateways[route.to]
                onward = next(self._to_internet(nat_subnet), None) if nat_subnet not in self._lost else None
                if onward:
                    yield (first, route, Hop(nat_subnet), *onward)
            elif node.public:
                # An internet gateway delivers no answers to a node without a public address.
                yield from ((first, *path) for path in self._to_internet(subnet.address))

    def _routes(self, subnet: str) -> Iterator[Hop]:
        yield from (route for route in self._topology.routes.get(subnet, ()) if route.to not in self._lost)

    def _to_internet(self, subnet: str) -> Iterator[Path]:
        for route in self._routes(subnet):
            if route.to in self._topology.internet_gateways:
                yield route, Hop(INTERNET.address)

    def _inbound(self, node: NetworkNode) -> Iterator[Path]:
        for subnet in node.subnets if node.public else ():
            for route in self._routes(subnet.address):
                if route.to in self._topology.internet_gateways:
                    yield Hop(route.to), Hop(subnet.address, route.by), Hop(node.address)

    def _local(self, source: NetworkNode, target: NetworkNode) -> Path | None:
        """Return the path within the VPC; the local route connects all subnets."""
        if not (source.subnets and target.subnets):
            return None
        shared = next((subnet for subnet in source.subnets if subnet in target.subnets), None)
        subnets = [shared] if shared else [source.subnets[0], target.subnets[0]]
        return (*(Hop(subnet.address) for subnet in subnets), Hop(target.address))


def read_topology(stack: StackJson, environment: Environment) -> Topology | tuple[Gap, ...]:
    """Read the network of an environment's stack; return only gaps if it has not exactly one readable VPC."""
    reader = Reader(stack)
    vpcs = stack.all("aws_vpc")
    if len(vpcs) != 1:
        all_vpcs = ", ".join(vpc.address for vpc in vpcs) or "none"
        return (Gap(vpcs[0].address if vpcs else "aws_vpc", f"is not the one VPC of the stack; it has {all_vpcs}"),)
    (vpc,) = vpcs
    block = reader.block(vpc, "cidr_block")
    if block is None:
        return tuple(reader.gaps)
    subnets = {subnet.address: subnet for subnet in _subnets(reader)}
    tables = _subnets_by_table(reader, subnets)
    return Topology(
        vpc=vpc.address,
        block=block,
        # https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns-attributes.html: DNS support is the default.
        resolves=reader.flag(vpc, "enable_dns_support", vpc.get("enable_dns_support", True))
        and reader.flag(vpc, "enable_dns_hostnames", vpc.get("enable_dns_hostnames")),
        subnets=subnets,
        routes=_routes(reader, tables),
        internet_gateways=tuple(each.address for each in stack.all("aws_internet_gateway") if each.get("vpc_id")),
        nat_gateways=dict(_nat_gateways(reader)),
        gateway_endpoints=dict(_gateway_endpoints(reader, tables)),
        nodes=tuple(NodeReader(reader, subnets).nodes(environment)),
        gaps=tuple(reader.gaps),
        stack=stack,
    )


def _subnets(reader: Reader) -> Iterator[Subnet]:
    for subnet in reader.stack.all("aws_subnet"):
        block, zone = reader.block(subnet, "cidr_block"), subnet.get("availability_zone")
        if not isinstance(zone, str) or "${" in zone:
            reader.reject(subnet, f"availability_zone = {zone!r} is not the name of a zone")
        elif block:
            public = reader.flag(subnet, "map_public_ip_on_launch", subnet.get("map_public_ip_on_launch"))
            yield Subnet(subnet.address, zone, block, gives_public_addresses=public)


def _subnets_by_table(reader: Reader, subnets: Mapping[str, Subnet]) -> dict[str, list[str]]:
    """Map each route table to its subnets. A subnet without one uses the VPC's main table, which has no routes."""
    tables: dict[str, list[str]] = {table.address: [] for table in reader.stack.all("aws_route_table")}
    for association in reader.stack.all("aws_route_table_association"):
        table = reader.resource(association, "route_table_id", "aws_route_table")
        subnet = reader.resource(association, "subnet_id", "aws_subnet")
        if table and subnet and subnet.address in subnets:
            tables[table.address].append(subnet.address)
    return tables


def _routes(reader: Reader, tables: Mapping[str, list[str]]) -> dict[str, tuple[Hop, ...]]:
    routes: dict[str, tuple[Hop, ...]] = {}
    for route in reader.stack.all("aws_route"):
        table = reader.resource(route, "route_table_id", "aws_route_table")
        block = reader.block(route, "destination_cidr_block")
        if "nat_gateway_id" in route.values:
            gateway = reader.resource(route, "nat_gateway_id", "aws_nat_gateway")
        else:
            gateway = reader.resource(route, "gateway_id", "aws_internet_gateway")
        if block and block != ANYWHERE:
            reader.reject(route, f"destination_cidr_block = {block} is not {ANYWHERE}: the proof reads default routes")
        elif block and table and gateway:
            for subnet in tables[table.address]:
                routes[subnet] = (*routes.get(subnet, ()), Hop(gateway.address, route.address))
    return routes


def _nat_gateways(reader: Reader) -> Iterator[tuple[str, str]]:
    for gateway in reader.stack.all("aws_nat_gateway"):
        subnet = reader.resource(gateway, "subnet_id", "aws_subnet")
        if subnet and gateway.get("connectivity_type", "public") == "public" and gateway.get("allocation_id"):
            yield gateway.address, subnet.address


def _gateway_endpoints(reader: Reader, tables: Mapping[str, list[str]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for endpoint in reader.stack.all("aws_vpc_endpoint"):
        if is_gateway(endpoint):
            with_route = reader.resources(endpoint, "route_table_ids", "aws_route_table")
            yield endpoint.address, tuple(subnet for table in with_route for subnet in tables[table.address])
