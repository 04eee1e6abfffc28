"""The drawings of the VPC (zones, subnets and the resources in them) and of its route tables."""

from collections.abc import Iterator
from itertools import product
from typing import Final

from wealist.diagram.canvas import Canvas
from wealist.diagram.drawing import Drawing
from wealist.diagram.resource_graph import ResourceGraph, at
from wealist.model.stack import Resource

_IN_SUBNETS: Final = (
    "aws_lb",
    "aws_autoscaling_group",
    "aws_db_instance",
    "aws_elasticache_replication_group",
    "aws_ebs_volume",
    "aws_nat_gateway",
)
"""Types that are drawn in their subnets, in this order."""
_GATEWAYS: Final = ("aws_internet_gateway", "aws_nat_gateway")
_SUBNET_GROUPS: Final = ("aws_db_subnet_group", "aws_elasticache_subnet_group")
_ZONE_ARGUMENTS: Final = ("availability_zone", "preferred_cache_cluster_azs")


def network(graph: ResourceGraph) -> Drawing:
    """Draw the VPC with its zones, subnets, gateways and endpoints."""
    canvas = Canvas("network", graph, "GRID")
    internet = canvas.add("internet", "internet")
    for vpc in canvas.place_all("aws_vpc"):
        for gateway in canvas.place_all("aws_internet_gateway", parent=vpc):
            canvas.link(internet, gateway, kind="both", flow="egress")
        for subnet in sorted(graph.all("aws_subnet"), key=lambda each: not is_public(graph, each.address)):
            box = place_subnet(canvas, subnet.address, vpc)
            for resource in _resources_in(graph, subnet.address):
                canvas.place(resource.address, box, within=subnet.address)
        canvas.place_all("aws_vpc_endpoint", parent=vpc)
    _default_routes(canvas)
    return canvas.drawing()


def routes(graph: ResourceGraph) -> Drawing:
    """Draw the route tables with their subnets and targets."""
    canvas = Canvas("routes", graph)
    for association in graph.all("aws_route_table_association"):
        for subnet in graph.targets(association.address, "aws_subnet"):
            placed = place_subnet(canvas, subnet)
            for table in graph.targets(association.address, "aws_route_table"):
                canvas.link(placed, canvas.place(table), kind="served", addresses=[association.address])
    for vpc in graph.all("aws_vpc"):
        for table in graph.referrers(vpc.address, "aws_route_table"):
            canvas.link(canvas.place(table), canvas.place(vpc.address), str(vpc.get("cidr_block", "")), kind="local")
    _route_targets(canvas)
    return canvas.drawing()


def _route_targets(canvas: Canvas) -> None:
    """Link each route table to its gateways and endpoints."""
    graph = canvas.graph
    for each in graph.all("aws_route", "aws_vpc_endpoint"):
        block = str(each.get("destination_cidr_block", ""))
        flow = "egress" if block else "endpoints"
        targets = graph.targets(each.address, *_GATEWAYS) or [each.address]
        for table, target in product(graph.targets(each.address, "aws_route_table"), targets):
            ends = canvas.place(table), canvas.place(target)
            canvas.link(*ends, block, kind="route", flow=flow, addresses=[each.address])


def place_subnet(canvas: Canvas, subnet: str, parent: str = "") -> str:
    """Add a public or private subnet, in the box of its zone. Returns the id of its node.

    Args:
        canvas: The drawing.
        subnet: The address of the subnet.
        parent: The id of the box that contains the zone.
    """
    zone = zone_of(canvas.graph, canvas.graph.resources[subnet])
    box = canvas.add(f"zone {zone}", "zone", zone, parent)
    return canvas.place(subnet, box, kind="public_subnet" if is_public(canvas.graph, subnet) else "private_subnet")


def is_public(graph: ResourceGraph, subnet: str) -> bool:
    """Whether the route table of a subnet has a route to an internet gateway."""
    tables = (
        table
        for each in graph.referrers(subnet, "aws_route_table_association")
        for table in graph.targets(each, "aws_route_table")
    )
    routes_ = (route for table in tables for route in graph.referrers(table, "aws_route"))
    return any(graph.targets(route, "aws_internet_gateway") for route in routes_)


def zone_of(graph: ResourceGraph, resource: Resource) -> str:
    """Return the zone that a resource names, directly or through a subnet. Empty if it names no zone."""
    for argument in _ZONE_ARGUMENTS:
        for subnet in graph.targets(resource.address, "aws_subnet", argument=argument):
            if resource.type != "aws_subnet":
                return zone_of(graph, graph.resources[subnet])
        if named := [each for each in at(resource, argument) if isinstance(each, str)]:
            return named[0]
    return ""


def subnets_of(graph: ResourceGraph, address: str) -> list[str]:
    """Return the subnets of a resource, directly or by its subnet group. A single zone limits them to that zone."""
    groups = graph.targets(address, *_SUBNET_GROUPS)
    subnets = [each for owner in (address, *groups) for each in graph.targets(owner, "aws_subnet")]
    resource = graph.resources[address]
    zone = "" if _is_multi_az(resource) else zone_of(graph, resource)
    return [each for each in dict.fromkeys(subnets) if zone in {"", zone_of(graph, graph.resources[each])}]


def _is_multi_az(resource: Resource) -> bool:
    return any(resource.get(argument) in (True, "true") for argument in ("multi_az", "multi_az_enabled"))


def _resources_in(graph: ResourceGraph, subnet: str) -> Iterator[Resource]:
    types = (*_IN_SUBNETS, *external_database(graph))
    for resource in sorted(graph.all(*types), key=lambda each: types.index(each.type)):
        if subnet in subnets_of(graph, resource.address):
            yield resource


def external_database(graph: ResourceGraph) -> tuple[str, ...]:
    """Return the type that represents a database outside Terraform: its subnet group. Empty if Terraform manages it."""
    return () if graph.all("aws_db_instance") else ("aws_db_subnet_group",)


def _default_routes(canvas: Canvas) -> None:
    """Link each subnet to the gateways of its route table."""
    graph = canvas.graph
    for route in graph.all("aws_route"):
        block = str(route.get("destination_cidr_block", ""))
        gateways = [_gateway_node(graph, each) for each in graph.targets(route.address, *_GATEWAYS)]
        for subnet, gateway in product(_subnets_routed_by(graph, route.address), gateways):
            canvas.link(subnet, gateway, block, kind="route", flow="egress", addresses=[route.address])


def _subnets_routed_by(graph: ResourceGraph, route: str) -> Iterator[str]:
    for table in graph.targets(route, "aws_route_table"):
        for association in graph.referrers(table, "aws_route_table_association"):
            yield from graph.targets(association, "aws_subnet")


def _gateway_node(graph: ResourceGraph, gateway: str) -> str:
    subnet = next(iter(graph.targets(gateway, "aws_subnet")), "")
    return f"{gateway}@{subnet}" if subnet else gateway
