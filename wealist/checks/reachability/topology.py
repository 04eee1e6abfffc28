"""The VPC of one environment as it stands in the JSON: subnets, tables, gateways, and what has addresses where.

VPC ─┬─ subnets (zone, block) ─ table ─ default route → internet gateway or NAT gateway
     ├─ nodes (subnets, security groups)
     └─ gateway endpoints on tables
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network

from wealist.checks.reachability.nodes import NetworkNode, NodeKind, NodeReader, Subnet, is_gateway
from wealist.checks.reachability.reading import Gap, Reader
from wealist.model.network import ANYWHERE
from wealist.model.stack import StackJson
from wealist.spec.environment import Environment


@dataclass(frozen=True)
class Route:
    """The default route of a table.

    Attributes:
        address: Of the route.
        to: The gateway's address.
    """

    address: str
    to: str


@dataclass(frozen=True)
class Topology:
    """One VPC.

    Attributes:
        vpc: Its address.
        block: Its IPv4 block.
        resolves: Whether private DNS works in it (DNS support and hostnames).
        subnets: By address.
        routes: Default routes, by the address of the subnet that they serve.
        internet_gateways: Addresses.
        nat_gateways: Address → the subnet that it stands in, of those that lead to the internet.
        gateway_endpoints: Address of each gateway endpoint → the subnets whose tables lead to it.
        nodes: Whatever has addresses in the VPC, and the gateway endpoints.
        gaps: What could not be read.
        stack: The stack.
    """

    vpc: str
    block: IPv4Network
    resolves: bool
    subnets: Mapping[str, Subnet]
    routes: Mapping[str, tuple[Route, ...]]
    internet_gateways: tuple[str, ...]
    nat_gateways: Mapping[str, str]
    gateway_endpoints: Mapping[str, tuple[str, ...]]
    nodes: tuple[NetworkNode, ...]
    gaps: tuple[Gap, ...]
    stack: StackJson

    def nodes_of(self, *kinds: NodeKind) -> list[NetworkNode]:
        """The nodes of some kinds."""
        return [node for node in self.nodes if node.kind in kinds]

    def attached(self, group: str) -> list[NetworkNode]:
        """The nodes that a security group is attached to."""
        return [node for node in self.nodes if group in node.groups]

    def is_public(self, subnet: Subnet) -> bool:
        """Whether a subnet's table leads to an internet gateway."""
        return any(route.to in self.internet_gateways for route in self.routes.get(subnet.address, ()))

    @property
    def rest(self) -> NetworkNode:
        """Any other address of the VPC: what a rule allows that names a block."""
        return NetworkNode(self.vpc, NodeKind.VPC, NodeKind.VPC, tuple(self.subnets.values()))


def read_topology(stack: StackJson, environment: Environment) -> Topology | tuple[Gap, ...]:
    """Read the network of an environment's stack; only what could not be read where it has not exactly one VPC."""
    reader = Reader(stack)
    vpcs = stack.all("aws_vpc")
    if len(vpcs) != 1:
        held = ", ".join(vpc.address for vpc in vpcs) or "none"
        return (Gap(vpcs[0].address if vpcs else "aws_vpc", f"is not the one VPC of the stack; it holds {held}"),)
    (vpc,) = vpcs
    block = reader.block(vpc, "cidr_block")
    if block is None:
        return tuple(reader.gaps)
    subnets = {subnet.address: subnet for subnet in _subnets(reader)}
    tables = _tables(reader, subnets)
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


def _tables(reader: Reader, subnets: Mapping[str, Subnet]) -> dict[str, list[str]]:
    """Route table → the subnets that it serves. A subnet without one has the VPC's own, which leads nowhere."""
    tables: dict[str, list[str]] = {table.address: [] for table in reader.stack.all("aws_route_table")}
    for association in reader.stack.all("aws_route_table_association"):
        table = reader.resource(association, "route_table_id", "aws_route_table")
        subnet = reader.resource(association, "subnet_id", "aws_subnet")
        if table and subnet and subnet.address in subnets:
            tables[table.address].append(subnet.address)
    return tables


def _routes(reader: Reader, tables: Mapping[str, list[str]]) -> dict[str, tuple[Route, ...]]:
    routes: dict[str, tuple[Route, ...]] = {}
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
                routes[subnet] = (*routes.get(subnet, ()), Route(route.address, gateway.address))
    return routes


def _nat_gateways(reader: Reader) -> Iterator[tuple[str, str]]:
    for gateway in reader.stack.all("aws_nat_gateway"):
        subnet = reader.resource(gateway, "subnet_id", "aws_subnet")
        if subnet and gateway.get("connectivity_type", "public") == "public" and gateway.get("allocation_id"):
            yield gateway.address, subnet.address


def _gateway_endpoints(reader: Reader, tables: Mapping[str, list[str]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for endpoint in reader.stack.all("aws_vpc_endpoint"):
        if is_gateway(endpoint):
            led = reader.resources(endpoint, "route_table_ids", "aws_route_table")
            yield endpoint.address, tuple(subnet for table in led for subnet in tables[table.address])
