"""Subnets and routes of a synthesized network, by their documented names."""

from tests.synthesized import Resource, Stack, address_of, tags

_TARGETS = ("gateway_id", "nat_gateway_id", "vpc_endpoint_id", "network_interface_id", "transit_gateway_id")


def subnet_names(stack: Stack, resource: Resource, argument: str) -> list[str]:
    """Return the names of the subnets that an argument refers to: `private-subnet-1`."""
    names = [tags(stack.at(address_of(each)))["Name"] for each in resource[argument]]
    return [name.split("-", 2)[2] for name in names]


def subnets(stack: Stack, tier: str) -> list[Resource]:
    """Return the `public` or `private` subnets, in the order of their zones."""
    found = [each for each in stack.all("aws_subnet") if f"-{tier}-subnet-" in tags(each)["Name"]]
    return sorted(found, key=lambda subnet: str(subnet["availability_zone"]))


def table_of(stack: Stack, subnet: Resource) -> Resource:
    """Return the route table of a subnet."""
    (association,) = stack.pointing_at(subnet, "aws_route_table_association", "subnet_id")
    return stack.target(association, "route_table_id")


def routes_of(stack: Stack, table: Resource) -> dict[str, str]:
    """Return the routes of a table: destination → address of the target."""
    return {
        route["destination_cidr_block"]: address_of(next(route[target] for target in _TARGETS if target in route))
        for route in stack.pointing_at(table, "aws_route", "route_table_id")
    }
