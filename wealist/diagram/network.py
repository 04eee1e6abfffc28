"""The VPC: zones as columns, subnets in them, and in each subnet what has addresses there; and the route tables."""

from collections.abc import Iterator
from typing import Final

from wealist.diagram.canvas import Canvas
from wealist.diagram.drawing import Drawing
from wealist.diagram.reading import Reading, at
from wealist.model.stack import Resource

_PLACED: Final = (
    "aws_lb",
    "aws_autoscaling_group",
    "aws_db_instance",
    "aws_elasticache_replication_group",
    "aws_ebs_volume",
    "aws_nat_gateway",
)
_SUBNET_GROUPS: Final = ("aws_db_subnet_group", "aws_elasticache_subnet_group")
_ZONES: Final = ("availability_zone", "preferred_cache_cluster_azs")


def network(reading: Reading) -> Drawing:
    """The VPC with its zones, subnets, gateways and endpoints."""
    canvas = Canvas("network", reading, "GRID")
    internet = canvas.add("internet", "internet")
    for vpc in canvas.place_all("aws_vpc"):
        for gateway in canvas.place_all("aws_internet_gateway", parent=vpc):
            canvas.link(internet, gateway, kind="both", flow="egress")
        subnets = sorted(
            reading.all("aws_subnet"), key=lambda each: (not is_public(reading, each.address), each.address)
        )
        for subnet in subnets:
            zone = zone_of(reading, subnet)
            box = canvas.add(f"zone {zone}", "zone", zone, vpc)
            _fill(canvas, place_subnet(canvas, subnet.address, box), subnet)
        _endpoints(canvas, vpc)
    _ways_out(canvas)
    return canvas.drawing()


def routes(reading: Reading) -> Drawing:
    """The route tables: the subnets that each serves, and where it leads."""
    canvas = Canvas("routes", reading)
    for association in reading.all("aws_route_table_association"):
        for subnet in reading.targets(association.address, "aws_subnet"):
            zone = zone_of(reading, reading.resources[subnet])
            placed = place_subnet(canvas, subnet, canvas.add(f"zone {zone}", "zone", zone))
            for table in reading.targets(association.address, "aws_route_table"):
                canvas.link(placed, canvas.place(table), kind="served", addresses=[association.address])
    for vpc in reading.all("aws_vpc"):
        for table in reading.referrers(vpc.address, "aws_route_table"):
            canvas.link(canvas.place(table), canvas.place(vpc.address), str(vpc.get("cidr_block", "")), kind="local")
    _gateways(canvas)
    return canvas.drawing()


def _gateways(canvas: Canvas) -> None:
    """From each table to the gateways and endpoints that it leads to."""
    reading = canvas.reading
    for each in reading.all("aws_route", "aws_vpc_endpoint"):
        block = str(each.get("destination_cidr_block", ""))
        found = reading.targets(each.address, "aws_internet_gateway", "aws_nat_gateway") or [each.address]
        for table in reading.targets(each.address, "aws_route_table"):
            for gateway in found:
                flow = "egress" if block else "endpoints"
                ends = canvas.place(table), canvas.place(gateway)
                canvas.link(*ends, block, kind="route", flow=flow, addresses=[each.address])


def place_subnet(canvas: Canvas, subnet: str, box: str) -> str:
    """Put a subnet into a box, as the public or private one that it is; returns the id of its node."""
    return canvas.place(subnet, box, kind="public_subnet" if is_public(canvas.reading, subnet) else "private_subnet")


def is_public(reading: Reading, subnet: str) -> bool:
    """Whether a subnet's table leads to an internet gateway."""
    tables = (
        table
        for each in reading.referrers(subnet, "aws_route_table_association")
        for table in reading.targets(each, "aws_route_table")
    )
    ways = (route for table in tables for route in reading.referrers(table, "aws_route"))
    return any(reading.targets(route, "aws_internet_gateway") for route in ways)


def zone_of(reading: Reading, resource: Resource) -> str:
    """The zone that a resource names, or of the subnet that it refers to for it; empty where it names none."""
    for argument in _ZONES:
        for subnet in reading.targets(resource.address, "aws_subnet", argument=argument):
            if resource.type != "aws_subnet":
                return zone_of(reading, reading.resources[subnet])
        if named := [each for each in at(resource, argument) if isinstance(each, str)]:
            return named[0]
    return ""


def subnets_of(reading: Reading, address: str) -> list[str]:
    """The subnets that a resource stands in, directly or by its subnet group; of one with a zone, that zone's."""
    groups = reading.targets(address, *_SUBNET_GROUPS)
    held = reading.targets(address, "aws_subnet") + [
        each for group in groups for each in reading.targets(group, "aws_subnet")
    ]
    resource = reading.resources[address]
    zone = "" if _is_spread(resource) else zone_of(reading, resource)
    return [each for each in dict.fromkeys(held) if zone in {"", zone_of(reading, reading.resources[each])}]


def _is_spread(resource: Resource) -> bool:
    return any(resource.get(argument) in (True, "true") for argument in ("multi_az", "multi_az_enabled"))


def _fill(canvas: Canvas, box: str, subnet: Resource) -> None:
    for resource in _standing_in(canvas.reading, subnet.address):
        canvas.place(resource.address, box, within=subnet.address)


def _standing_in(reading: Reading, subnet: str) -> Iterator[Resource]:
    by_hand = () if reading.all("aws_db_instance") else ("aws_db_subnet_group",)
    for resource in sorted(reading.all(*_PLACED, *by_hand), key=lambda each: [*_PLACED, *by_hand].index(each.type)):
        if subnet in subnets_of(reading, resource.address):
            yield resource


def _endpoints(canvas: Canvas, vpc: str) -> None:
    for endpoint in canvas.reading.all("aws_vpc_endpoint"):
        canvas.place(endpoint.address, vpc)


def _ways_out(canvas: Canvas) -> None:
    """From each subnet to the gateway that its default route leads to."""
    reading = canvas.reading
    for route in reading.all("aws_route"):
        block = str(route.get("destination_cidr_block", ""))
        gateways = reading.targets(route.address, "aws_internet_gateway", "aws_nat_gateway")
        for table in reading.targets(route.address, "aws_route_table"):
            for association in reading.referrers(table, "aws_route_table_association"):
                for subnet in reading.targets(association, "aws_subnet"):
                    for gateway in gateways:
                        inside = next(iter(reading.targets(gateway, "aws_subnet")), "")
                        target = f"{gateway}@{inside}" if inside else gateway
                        canvas.link(subnet, target, block, kind="route", flow="egress", addresses=[route.address])
