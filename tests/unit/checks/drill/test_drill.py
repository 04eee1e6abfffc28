"""What is said of a loss is what the architecture promises for it, and no more."""

from functools import cache
from io import StringIO

import pytest
from rich.console import Console

from tests.guarded import Edit, mutated, synthesis
from tests.synthesized import environment, otherwise
from tests.unit.checks.faults.edits import drop, put
from wealist.checks.drill import Outcome, State, drill, table

pytestmark = pytest.mark.exhaustive

WORKS, DEGRADED, UNKNOWN, LOST = State.WORKS, State.DEGRADED, State.UNKNOWN, State.LOST
REDIS, DATABASE = "aws_elasticache_replication_group.cache_replication_group", "aws_db_instance.database_instance"


@cache
def outcomes(name: str, *edits: Edit, multi_az: bool = False) -> dict[tuple[str, str], Outcome]:
    """(event, part) → outcome, in an environment as committed but for the switch."""
    found = synthesis(environment(name, enable_multi_az=multi_az))
    for edit in edits:
        found = mutated(found, name, edit)
    return {(each.event, each.part): each for each in drill(found, name)}


def states(name: str, event: str, *edits: Edit, multi_az: bool = False) -> dict[str, State]:
    """Part → state in one event."""
    return {
        part: each.state
        for (happened, part), each in outcomes(name, *edits, multi_az=multi_az).items()
        if happened == event
    }


def test_every_part_is_told_in_every_event() -> None:
    found = outcomes("dev")
    events, parts = {event for event, _ in found}, {part for _, part in found}
    assert events == {
        "zone a is lost",
        "zone c is lost",
        "zone d is lost",
        "the NAT gateway is lost",
        "one backend instance is lost",
        "the monitoring instance is lost",
        "the Redis primary is lost",
        "the database's zone is lost",
    }
    assert len(found) == len(events) * len(parts)
    assert all(each.why for each in found.values())


def test_the_site_is_in_no_zone_and_works_always(name: str) -> None:
    assert {each.state for (_, part), each in outcomes(name).items() if part == "site"} == {WORKS}


# The NAT gateway


def test_without_the_nat_gateway_instances_serve_but_pull_no_images_and_no_new_ones_come() -> None:
    found = states("prod", "the NAT gateway is lost")
    assert found == {
        "site": WORKS,
        "API: user": DEGRADED,
        "API: board": DEGRADED,
        "new instances": LOST,
        "deployments, image pulls": LOST,
        "Systems Manager": WORKS,
        "database": WORKS,
        "cache": WORKS,
        "monitoring": DEGRADED,
    }
    assert "keep serving" in outcomes("prod")["the NAT gateway is lost", "API: user"].why


def test_systems_manager_falls_with_the_nat_gateway_where_it_has_no_endpoint() -> None:
    found = states("prod", "the NAT gateway is lost", drop("aws_vpc_endpoint", "endpoints_ssm"))
    assert found["Systems Manager"] is LOST


def test_with_a_nat_gateway_per_zone_one_zone_alone_is_cut_off(name: str) -> None:
    found = {(each.event, each.part): each for each in drill(synthesis(otherwise(name)), name)}
    pulls = found["the NAT gateway of zone c is lost", "deployments, image pulls"]
    assert pulls.state is DEGRADED
    assert "in zone c:" in pulls.why
    assert found["zone a is lost", "deployments, image pulls"].state is WORKS
    assert found["zone a is lost", "new instances"].state is WORKS
    launching = found["the NAT gateway of zone c is lost", "new instances"]
    assert launching.state is DEGRADED
    assert "none in zone c becomes healthy" in launching.why


# Zones


def test_with_the_zone_of_the_single_nat_gateway_nothing_can_be_replaced() -> None:
    found = outcomes("prod")
    assert found["zone a is lost", "new instances"].state is LOST
    assert found["zone a is lost", "deployments, image pulls"].state is LOST
    assert found["zone c is lost", "new instances"].state is WORKS
    api = found["zone a is lost", "API: user"]
    assert "aws_autoscaling_group.backend_fleet_asg keeps at least 1 of its 2 instances" in api.why
    assert "launches new ones in zones c, d, and none becomes healthy" in api.why


def test_auto_scaling_launches_again_in_the_zones_that_remain() -> None:
    assert "launches new ones in zones a, d" in outcomes("prod")["zone c is lost", "new instances"].why


def test_the_only_instance_may_have_been_in_the_lost_zone() -> None:
    api = outcomes("dev")["zone d is lost", "API: board"]
    assert api.state is LOST
    assert "may have no instance left" in api.why


def test_systems_manager_reaches_what_remains_of_its_endpoints(name: str) -> None:
    found = outcomes(name)
    assert {found[f"zone {zone} is lost", "Systems Manager"].state for zone in "acd"} == {WORKS}
    only_a = put("aws_vpc_endpoint.endpoints_ssmmessages.subnet_ids", to=["${aws_subnet.network_private_subnet_a.id}"])
    assert states(name, "zone a is lost", only_a)["Systems Manager"] is LOST
    assert states(name, "zone c is lost", only_a)["Systems Manager"] is WORKS


def test_monitoring_is_in_one_zone_alone_and_says_what_is_kept(name: str) -> None:
    lost = outcomes(name)["zone d is lost", "monitoring"]
    assert lost.state is LOST
    assert "in zone d alone" in lost.why
    assert "kept on aws_ebs_volume.monitoring_data_volume" in lost.why
    assert outcomes(name)["zone c is lost", "monitoring"].state is WORKS


def test_a_load_balancer_in_one_zone_is_lost_with_it(name: str) -> None:
    edit = put("aws_lb.load_balancer_alb.subnets", to=["${aws_subnet.network_public_subnet_c.id}"])
    assert "no load balancer is left" in outcomes(name, edit)["zone c is lost", "API: user"].why
    assert "no load balancer is left" not in outcomes(name, edit)["zone d is lost", "API: user"].why


def test_of_a_zone_that_the_json_does_not_say_the_worst_is_told() -> None:
    found = outcomes("prod")["the database's zone is lost", "cache"]
    assert found.state is LOST
    assert found.why.startswith("at worst, where that is zone c: ")


def test_of_a_zone_that_the_json_says_its_own_losses_are_told() -> None:
    assert states("dev", "the database's zone is lost") == states("dev", "zone a is lost")


# Stores


@pytest.mark.parametrize(("event", "state"), [("zone a is lost", LOST), ("zone c is lost", WORKS)])
def test_a_database_without_a_standby_is_lost_with_its_zone(event: str, state: State) -> None:
    assert states("dev", event)["database"] is state


@pytest.mark.parametrize("event", ["zone a is lost", "zone d is lost", "the database's zone is lost"])
def test_a_database_with_a_standby_fails_over_whichever_zone_it_is(event: str) -> None:
    found = outcomes("dev", multi_az=True)[event, "database"]
    assert found.state is DEGRADED
    assert f"{DATABASE} (multi_az) fails over within 60 to 120 seconds" in found.why


def test_of_a_database_made_by_hand_nothing_is_said() -> None:
    found = outcomes("prod")
    for event in ("zone a is lost", "zone c is lost", "the database's zone is lost"):
        assert found[event, "database"].state is UNKNOWN
        assert "the JSON says neither its zone nor whether it has a standby" in found[event, "database"].why
        assert found[event, "API: user"].state is UNKNOWN
    assert found["the NAT gateway is lost", "database"].state is WORKS


def test_a_zone_that_rds_chose_is_unknown() -> None:
    assert states("dev", "zone c is lost", put(f"{DATABASE}.availability_zone", to=None))["database"] is UNKNOWN


def test_an_api_is_lost_with_its_database() -> None:
    assert states("dev", "the database's zone is lost")["API: user"] is LOST


def test_redis_without_a_replica_is_lost_with_its_only_node() -> None:
    found = outcomes("prod")
    assert found["the Redis primary is lost", "cache"].state is LOST
    assert found["zone c is lost", "cache"].state is LOST
    assert found["zone d is lost", "cache"].state is WORKS
    api = found["the Redis primary is lost", "API: user"]
    assert api.state is DEGRADED
    assert "where /api/users/actuator/health asks Redis" in api.why


def test_redis_with_failover_promotes_its_replica() -> None:
    found = outcomes("prod", multi_az=True)
    assert found["the Redis primary is lost", "cache"].state is DEGRADED
    assert "some 30 seconds" in found["zone c is lost", "cache"].why
    assert "loses a replica" in found["zone d is lost", "cache"].why
    assert found["zone a is lost", "cache"].state is WORKS


def test_redis_with_replicas_but_without_failover_takes_no_writes() -> None:
    edits = (
        put(f"{REDIS}.num_cache_clusters", to=2),
        put(f"{REDIS}.preferred_cache_cluster_azs", to=["ap-northeast-2c", "ap-northeast-2d"]),
    )
    found = outcomes("prod", *edits)["the Redis primary is lost", "cache"]
    assert found.state is LOST
    assert "none takes writes" in found.why


# Instances


def test_one_of_two_instances_is_missed_and_replaced() -> None:
    found = states("prod", "one backend instance is lost")
    assert found["API: user"] is DEGRADED
    assert found["deployments, image pulls"] is WORKS


def test_the_last_instance_is_a_loss_until_it_is_replaced() -> None:
    found = outcomes("dev")["one backend instance is lost", "API: user"]
    assert found.state is LOST
    assert "healthy within minutes" in found.why


def test_a_group_that_may_be_empty_promises_no_instance() -> None:
    edit = put("aws_autoscaling_group.backend_fleet_asg.min_size", to=0)
    assert states("prod", "zone c is lost", edit)["API: user"] is LOST
    assert states("prod", "the Redis primary is lost", edit)["API: user"] is DEGRADED


def test_the_monitoring_instance_takes_nothing_else_with_it() -> None:
    found = states("prod", "the monitoring instance is lost")
    assert {part for part, state in found.items() if state is not WORKS} == {"monitoring"}
    without = outcomes("prod", lambda document: document["resource"].pop("aws_ebs_volume"))
    assert "is lost with its root volume" in without["the monitoring instance is lost", "monitoring"].why


def test_a_site_that_is_not_in_s3_is_not_vouched_for() -> None:
    edit = put("aws_cloudfront_distribution.frontend_distribution.origin.0.domain_name", to="site.example.com")
    assert states("prod", "zone a is lost", edit)["site"] is UNKNOWN


def test_the_table_tells_every_outcome() -> None:
    found = drill(synthesis(environment("dev")), "dev")
    console = Console(width=160, record=True, file=StringIO())
    console.print(table("dev", found))
    words = console.export_text()
    for each in found:
        assert each.event in words
        assert each.part in words
        assert str(each.state) in words
