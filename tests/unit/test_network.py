"""Section 2 of the architecture, on the synthesized JSON."""

from tests.synthesized import Stack, tags


def test_prod_has_the_documented_vpc(prod: Stack) -> None:
    vpc = prod.only("aws_vpc")
    assert vpc["cidr_block"] == "10.1.0.0/16"
    assert tags(vpc)["Name"] == "wealist-prod-vpc"


def test_private_subnets_leave_by_the_nat_gateway_in_public_subnet_1(stack: Stack) -> None:
    (table,) = stack.all("aws_route_table", vpc_id="${aws_vpc.network_vpc.id}", tags=stack.at("aws_route_table.network_private_rt")["tags"])
    route = stack.only("aws_route", route_table_id=f"${{{table.address}.id}}")
    nat = stack.target(route, "nat_gateway_id")
    assert stack.target(nat, "subnet_id").address == "aws_subnet.network_public_subnet_a"
