"""Resources are in the zones that the settings choose."""

from typing import Final

import pytest

from tests.syntheses import environment_only
from tests.synthesized import Stack, environment, synthesized
from wealist.checks.check import BOOKKEEPING, findings, guard_of
from wealist.checks.waivers import apply_waivers, read
from wealist.spec.environment import Cache, Environment, ManagedDatabase, Monitoring, Network

HERE: Final = "ap-northeast-2"


def elsewhere() -> Environment:
    """Return production in two zones, with every other setting of a zone changed."""
    return environment(
        "prod",
        network=Network(cidr="10.1.0.0/16", zones=("d", "b"), nat_zone="b", endpoint_zones=("b",)),
        monitoring=Monitoring(zone="b"),
        database=ManagedDatabase(zone="d"),
        cache=Cache(nodes=3, zones=("b", "d")),
    )


@pytest.fixture(scope="module")
def stack() -> Stack:
    return synthesized(elsewhere())


def zones(stack: Stack, address: str, argument: str) -> list[str]:
    """Return the zones of the subnets in an argument."""
    named = stack.at(address).refers_to(argument)
    return [stack.at(each)["availability_zone"] for each in ([named] if isinstance(named, str) else named)]


def test_subnets_are_in_the_zones_of_the_network_in_order(stack: Stack) -> None:
    by_name = {subnet["tags"]["Name"]: subnet["availability_zone"] for subnet in stack.all("aws_subnet")}
    assert by_name == {
        f"wealist-prod-{kind}-subnet-{number}": f"{HERE}{zone}"
        for kind in ("public", "private")
        for number, zone in ((1, "d"), (2, "b"))
    }


@pytest.mark.parametrize(
    ("address", "argument", "chosen"),
    [
        ("aws_nat_gateway.network_nat", "subnet_id", "b"),
        ("aws_vpc_endpoint.endpoints_ssm", "subnet_ids", "b"),
        ("aws_vpc_endpoint.endpoints_ssmmessages", "subnet_ids", "b"),
        ("aws_vpc_endpoint.endpoints_ec2messages", "subnet_ids", "b"),
        ("aws_autoscaling_group.monitoring_fleet_asg", "vpc_zone_identifier", "b"),
        ("aws_autoscaling_group.backend_fleet_asg", "vpc_zone_identifier", "db"),
        ("aws_lb.load_balancer_alb", "subnets", "db"),
    ],
)
def test_resources_are_in_the_chosen_zones(stack: Stack, address: str, argument: str, chosen: str) -> None:
    assert zones(stack, address, argument) == [f"{HERE}{zone}" for zone in chosen]


def test_the_monitoring_volume_is_in_the_zone_of_its_instance(stack: Stack) -> None:
    assert stack.target(stack.only("aws_ebs_volume"), "availability_zone")["availability_zone"] == f"{HERE}b"


def test_database_and_redis_nodes_are_in_the_chosen_zones(stack: Stack) -> None:
    assert stack.only("aws_db_instance")["availability_zone"] == f"{HERE}d"
    redis = stack.only("aws_elasticache_replication_group")
    assert redis["preferred_cache_cluster_azs"] == [f"{HERE}{zone}" for zone in "bdb"]


def test_a_single_gateway_is_in_the_first_zone_by_default() -> None:
    config = environment("prod", network=Network(cidr="10.1.0.0/16", zones=("c", "d", "a")))
    assert zones(synthesized(config), "aws_nat_gateway.network_nat", "subnet_id") == [f"{HERE}c"]


def test_other_zones_pass_all_checks() -> None:
    found = [each for each in findings(environment_only(elsewhere())) if guard_of(each) not in BOOKKEEPING]
    assert apply_waivers(found, read()).failed == ()
