"""Section 2 of the architecture: the VPC, its subnets, routes and endpoints."""

from typing import Final

from tests.routing import routes_of, subnet_names, subnets, table_of
from tests.synthesized import Stack, tags

BLOCKS: Final = {"dev": "10.0.0.0/16", "prod": "10.1.0.0/16"}
SUBNETS: Final = {
    ("dev", "public"): ("10.0.0.0/24", "10.0.1.0/24", "10.0.14.0/24"),
    ("dev", "private"): ("10.0.2.0/24", "10.0.3.0/24", "10.0.4.0/24"),
    ("prod", "public"): ("10.1.0.0/24", "10.1.1.0/24", "10.1.2.0/24"),
    ("prod", "private"): ("10.1.10.0/24", "10.1.11.0/24", "10.1.12.0/24"),
}
ENDPOINTS: Final = {"ssm": "Interface", "ssmmessages": "Interface", "ec2messages": "Interface", "s3": "Gateway"}


def test_the_vpc_has_the_documented_block_and_name(name: str, stack: Stack) -> None:
    vpc = stack.only("aws_vpc", cidr_block=BLOCKS[name])
    assert tags(vpc)["Name"] == f"wealist-{name}-vpc"


def test_there_are_a_public_and_a_private_subnet_in_each_of_the_zones_a_c_and_d(name: str, stack: Stack) -> None:
    found = {(tags(each)["Name"], each["cidr_block"], each["availability_zone"]) for each in stack.all("aws_subnet")}
    assert found == {
        (f"wealist-{name}-{tier}-subnet-{number}", SUBNETS[name, tier][number - 1], f"ap-northeast-2{zone}")
        for tier in ("public", "private")
        for number, zone in enumerate("acd", start=1)
    }


def test_public_subnets_route_to_the_internet_gateway(name: str, stack: Stack) -> None:
    gateway = stack.only("aws_internet_gateway")
    assert tags(gateway)["Name"] == f"wealist-{name}-igw"
    for subnet in subnets(stack, "public"):
        table = table_of(stack, subnet)
        assert tags(table)["Name"] == f"wealist-{name}-public-rt"
        assert routes_of(stack, table) == {"0.0.0.0/0": gateway.address}


def test_private_subnets_route_to_one_nat_gateway_in_public_subnet_1(name: str, stack: Stack) -> None:
    nat = stack.only("aws_nat_gateway")
    assert tags(stack.target(nat, "subnet_id"))["Name"] == f"wealist-{name}-public-subnet-1"
    assert stack.target(nat, "allocation_id").address == stack.only("aws_eip").address
    for subnet in subnets(stack, "private"):
        table = table_of(stack, subnet)
        assert tags(table)["Name"] == f"wealist-{name}-private-rt"
        assert routes_of(stack, table) == {"0.0.0.0/0": nat.address}


def test_there_are_three_interface_endpoints_and_a_gateway_endpoint_of_s3(stack: Stack) -> None:
    found = {each["service_name"]: each["vpc_endpoint_type"] for each in stack.all("aws_vpc_endpoint")}
    assert found == {f"com.amazonaws.ap-northeast-2.{service}": kind for service, kind in ENDPOINTS.items()}


def test_private_subnets_use_the_endpoints_by_private_dns_and_routes(stack: Stack) -> None:
    for endpoint in stack.all("aws_vpc_endpoint", vpc_endpoint_type="Interface"):
        assert subnet_names(stack, endpoint, "subnet_ids") == [f"private-subnet-{number}" for number in (1, 2, 3)]
        assert endpoint["private_dns_enabled"] is True
    s3 = stack.only("aws_vpc_endpoint", vpc_endpoint_type="Gateway")
    assert {table_of(stack, each).address for each in subnets(stack, "private")} == set(s3.refers_to("route_table_ids"))
