"""Section 2 of the architecture: the VPC, its subnets and routes, and how private subnets reach AWS."""

from collections.abc import Mapping
from typing import Any, Final

from tests.synthesized import Resource, Stack, address_of, tags

ZONES: Final = ("a", "c", "d")
BLOCKS: Final = {"dev": "10.0.0.0/16", "prod": "10.1.0.0/16"}
LAYOUT: Final = {
    ("dev", "public"): ("10.0.0.0/24", "10.0.1.0/24", "10.0.14.0/24"),
    ("dev", "private"): ("10.0.2.0/24", "10.0.3.0/24", "10.0.4.0/24"),
    ("prod", "public"): ("10.1.0.0/24", "10.1.1.0/24", "10.1.2.0/24"),
    ("prod", "private"): ("10.1.10.0/24", "10.1.11.0/24", "10.1.12.0/24"),
}


def named(stack: Stack, kind: str, name: str) -> Resource:
    """The one resource of a type with a tag `Name`."""
    (found,) = (resource for resource in stack.all(kind) if tags(resource).get("Name") == name)
    return found


def subnets(stack: Stack, environment_name: str, tier: str) -> list[Resource]:
    """The public or private subnets 1, 2 and 3, as the document names them."""
    return [named(stack, "aws_subnet", f"wealist-{environment_name}-{tier}-subnet-{n}") for n in (1, 2, 3)]


def table_of(stack: Stack, subnet: Resource) -> Resource:
    """The one route table that a subnet is associated with."""
    (association,) = stack.pointing_at(subnet, "aws_route_table_association", "subnet_id")
    return stack.target(association, "route_table_id")


def routes_of(stack: Stack, table: Resource) -> dict[str, str]:
    """Destination → address of what the traffic goes to, for each route of a table."""
    targets = ("gateway_id", "nat_gateway_id", "vpc_endpoint_id", "network_interface_id", "transit_gateway_id")
    return {
        route["destination_cidr_block"]: address_of(next(route[target] for target in targets if target in route))
        for route in stack.pointing_at(table, "aws_route", "route_table_id")
    }


def test_there_is_one_vpc_with_the_documented_block_and_name(name: str, stack: Stack) -> None:
    vpc = stack.only("aws_vpc")
    assert vpc["cidr_block"] == BLOCKS[name]
    assert tags(vpc)["Name"] == f"wealist-{name}-vpc"


def test_the_vpc_resolves_names_as_private_dns_of_endpoints_needs(stack: Stack) -> None:
    vpc = stack.only("aws_vpc")
    assert vpc["enable_dns_support"] is True
    assert vpc["enable_dns_hostnames"] is True


def test_the_subnets_are_exactly_the_documented_ones(name: str, stack: Stack) -> None:
    found = {(tags(each)["Name"], each["cidr_block"], each["availability_zone"]) for each in stack.all("aws_subnet")}
    assert found == {
        (f"wealist-{name}-{tier}-subnet-{number}", LAYOUT[name, tier][number - 1], f"ap-northeast-2{zone}")
        for tier in ("public", "private")
        for number, zone in enumerate(ZONES, start=1)
    }


def test_everything_of_the_network_is_in_the_vpc(stack: Stack) -> None:
    vpc = stack.only("aws_vpc").address
    kinds = ("aws_subnet", "aws_internet_gateway", "aws_route_table", "aws_vpc_endpoint", "aws_default_security_group")
    parts = [each for kind in kinds for each in stack.all(kind)]
    assert len(parts) >= 6 + 1 + 2 + 4 + 1
    assert {each.refers_to("vpc_id") for each in parts} == {vpc}


def test_no_subnet_gives_out_public_addresses(stack: Stack) -> None:
    assert [each for each in stack.all("aws_subnet") if each["map_public_ip_on_launch"] is not False] == []


def test_public_subnets_leave_by_the_internet_gateway_alone(name: str, stack: Stack) -> None:
    gateway = stack.only("aws_internet_gateway")
    assert tags(gateway)["Name"] == f"wealist-{name}-igw"
    for subnet in subnets(stack, name, "public"):
        table = table_of(stack, subnet)
        assert tags(table)["Name"] == f"wealist-{name}-public-rt"
        assert routes_of(stack, table) == {"0.0.0.0/0": gateway.address}


def test_private_subnets_leave_by_the_nat_gateway_in_public_subnet_1_alone(name: str, stack: Stack) -> None:
    nat = stack.only("aws_nat_gateway")
    assert stack.target(nat, "subnet_id").address == subnets(stack, name, "public")[0].address
    for subnet in subnets(stack, name, "private"):
        table = table_of(stack, subnet)
        assert tags(table)["Name"] == f"wealist-{name}-private-rt"
        assert routes_of(stack, table) == {"0.0.0.0/0": nat.address}


def test_there_are_two_route_tables_and_no_route_but_the_documented_ones(stack: Stack) -> None:
    assert len(stack.all("aws_route_table")) == 2
    assert len(stack.all("aws_route")) == 2
    assert len(stack.all("aws_route_table_association")) == 6
    # Routes inside a table and routes of their own undo each other.
    assert [table for table in stack.all("aws_route_table") if "route" in table] == []


def test_the_nat_gateway_has_an_elastic_ip_and_waits_for_the_internet_gateway(stack: Stack) -> None:
    nat = stack.only("aws_nat_gateway")
    assert nat.get("connectivity_type", "public") == "public"
    assert stack.target(nat, "allocation_id").address == stack.only("aws_eip", domain="vpc").address
    assert stack.only("aws_internet_gateway").address in nat["depends_on"]


def test_the_default_security_group_is_emptied(stack: Stack) -> None:
    group = stack.only("aws_default_security_group")
    assert not group.get("ingress")
    assert not group.get("egress")


# Endpoints


def endpoints(stack: Stack, kind: str) -> dict[str, Resource]:
    """Short service name → endpoint of one type."""
    region = "com.amazonaws.ap-northeast-2."
    found = stack.all("aws_vpc_endpoint", vpc_endpoint_type=kind)
    assert all(each["service_name"].startswith(region) for each in found)
    return {each["service_name"].removeprefix(region): each for each in found}


def test_the_endpoints_are_exactly_the_documented_ones(stack: Stack) -> None:
    assert set(endpoints(stack, "Interface")) == {"ssm", "ssmmessages", "ec2messages"}
    assert set(endpoints(stack, "Gateway")) == {"s3"}
    assert len(stack.all("aws_vpc_endpoint")) == 4


def test_interface_endpoints_answer_under_the_public_name_in_every_private_subnet(name: str, stack: Stack) -> None:
    private = {subnet.address for subnet in subnets(stack, name, "private")}
    for endpoint in endpoints(stack, "Interface").values():
        assert set(endpoint.refers_to("subnet_ids")) == private
        assert endpoint["private_dns_enabled"] is True


def test_s3_is_reached_by_the_private_route_table_only(name: str, stack: Stack) -> None:
    private = {table_of(stack, subnet).address for subnet in subnets(stack, name, "private")}
    assert set(endpoints(stack, "Gateway")["s3"].refers_to("route_table_ids")) == private


def test_endpoints_let_only_principals_of_the_account_through(stack: Stack) -> None:
    """But for reading S3: package repositories and image layers lie in AWS's own buckets, read without credentials."""
    own = {"StringEquals": {"aws:PrincipalAccount": "290008131187"}}
    for service, endpoint in {**endpoints(stack, "Interface"), **endpoints(stack, "Gateway")}.items():
        for statement in endpoint.statements().values():
            assert {action.partition(":")[0] for action in statement["Action"]} == {service}
            if statement.get("Condition") != own:
                assert statement["Action"] == ["s3:GetObject"]


def test_nothing_but_an_object_is_read_from_s3_without_credentials(stack: Stack) -> None:
    statements = endpoints(stack, "Gateway")["s3"].statements().values()
    open_to_all = [each for each in statements if "Condition" not in each]
    assert [each["Action"] for each in open_to_all] == [["s3:GetObject"]]


# Settings


def test_with_nat_per_zone_each_private_subnet_leaves_by_its_own_zone(name: str, otherwise: Stack) -> None:
    public = {each["availability_zone"]: each.address for each in subnets(otherwise, name, "public")}
    tables = set()
    for subnet in subnets(otherwise, name, "private"):
        table = table_of(otherwise, subnet)
        (target,) = routes_of(otherwise, table).values()
        nat = otherwise.at(target)
        assert nat.address.startswith("aws_nat_gateway.")
        assert otherwise.target(nat, "subnet_id").address == public[subnet["availability_zone"]]
        tables.add(table.address)
    assert len(tables) == 3
    assert set(endpoints(otherwise, "Gateway")["s3"].refers_to("route_table_ids")) == tables


def test_with_nat_per_zone_each_gateway_has_an_address_of_its_own(otherwise: Stack) -> None:
    gateways = otherwise.all("aws_nat_gateway")
    assert len(gateways) == 3
    assert len({gateway.refers_to("allocation_id") for gateway in gateways}) == len(otherwise.all("aws_eip")) == 3


def test_with_nat_per_zone_public_subnets_still_leave_by_the_internet_gateway(name: str, otherwise: Stack) -> None:
    gateway = otherwise.only("aws_internet_gateway").address
    for subnet in subnets(otherwise, name, "public"):
        assert routes_of(otherwise, table_of(otherwise, subnet)) == {"0.0.0.0/0": gateway}


# Where it lies


def providers(stack: Stack) -> dict[str, Mapping[str, Any]]:
    """Region → provider."""
    return {provider["region"]: provider for provider in stack.document["provider"]["aws"]}


def test_everything_is_in_seoul_but_what_cloudfront_reads_in_virginia(stack: Stack) -> None:
    assert set(providers(stack)) == {"ap-northeast-2", "us-east-1"}
    elsewhere = {
        resource.address.partition(".")[0]
        for resource in stack.resources.values()
        if stack.region(resource) != "ap-northeast-2"
    }
    assert elsewhere == {
        "aws_acm_certificate",
        "aws_acm_certificate_validation",
        "aws_cloudwatch_log_delivery",
        "aws_cloudwatch_log_delivery_destination",
        "aws_cloudwatch_log_delivery_source",
    }


def test_every_provider_refuses_other_accounts_and_tags_what_it_makes(name: str, stack: Stack) -> None:
    for provider in providers(stack).values():
        assert provider["allowed_account_ids"] == ["290008131187"]
        (default,) = provider["default_tags"]
        assert default["tags"] == {"Project": "wealist", "Environment": name, "ManagedBy": "terraform"}
