"""The drill reports the effects of a loss that the architecture documents."""

from functools import cache
from typing import Any

import pytest

from tests.syntheses import mutated, synthesis
from tests.synthesized import all_changed, environment
from tests.unit.checks.faults.tables import edit_from
from wealist.checks.drill import Outcome, State, drill, table

pytestmark = pytest.mark.exhaustive

WORKS, DEGRADED, UNKNOWN, LOST = State.WORKS, State.DEGRADED, State.UNKNOWN, State.LOST
REDIS, DATABASE = "aws_elasticache_replication_group.cache_replication_group", "aws_db_instance.database_instance"
GATEWAY, PRIMARY, STORE = "the NAT gateway is lost", "the Redis primary is lost", "the database's zone is lost"
USER, BOARD = (f"scaling while {name} is broken" for name in ("user", "board"))
A, C, D = (f"zone {zone} is lost" for zone in "acd")
IMAGES, LAUNCHES, AGENT = "deployments, image pulls", "new instances", "Systems Manager"
FAILOVER = f"{DATABASE} (multi_az) fails over within 60 to 120 seconds"
AWAY = "the database is unavailable for 120 s"
USER_TARGETS = "aws_lb_target_group.load_balancer_user_tg"
BY_HAND = "the JSON specifies neither its zone nor a standby"

DOCUMENTED: list[tuple[str, str, str, State, str]] = [
    # Without the NAT gateway, instances keep serving, but pull no images, and no new ones start.
    ("prod", GATEWAY, "API: user", DEGRADED, "keep serving"),
    ("prod", GATEWAY, "API: board", DEGRADED, "keep serving"),
    ("prod", GATEWAY, LAUNCHES, LOST, ""),
    ("prod", GATEWAY, IMAGES, LOST, ""),
    ("prod", GATEWAY, AGENT, WORKS, ""),
    ("prod", GATEWAY, "database", WORKS, ""),
    ("prod", GATEWAY, "cache", WORKS, ""),
    ("prod", GATEWAY, "monitoring", DEGRADED, ""),
    # Without the zone of the single NAT gateway, nothing can be replaced.
    ("prod", A, LAUNCHES, LOST, ""),
    ("prod", A, IMAGES, LOST, ""),
    ("prod", A, "API: user", UNKNOWN, "aws_autoscaling_group.backend_fleet_asg keeps at least 1 of its 2 instances"),
    ("prod", A, "API: user", UNKNOWN, "launches new ones in zones c, d, and none becomes healthy"),
    ("prod", C, LAUNCHES, WORKS, "launches new ones in zones a, d"),
    ("dev", D, "API: board", LOST, "may have no instance left"),
    *((name, zone, AGENT, WORKS, "") for name in ("dev", "prod") for zone in (A, C, D)),
    ("prod", D, "monitoring", LOST, "only in zone d"),
    ("prod", D, "monitoring", LOST, "kept on aws_ebs_volume.monitoring_data_volume"),
    ("prod", C, "monitoring", WORKS, ""),
    # Stores.
    ("prod", STORE, "cache", LOST, "at worst, if that is zone c: "),
    ("dev", A, "database", LOST, ""),
    ("dev", C, "database", WORKS, ""),
    *(("dev in two zones", event, "database", DEGRADED, FAILOVER) for event in (A, D, STORE)),
    *(("prod", event, "database", UNKNOWN, BY_HAND) for event in (A, C, STORE)),
    ("dev", STORE, "API: user", LOST, ""),
    ("prod", PRIMARY, "cache", LOST, ""),
    ("prod", C, "cache", LOST, ""),
    ("prod", D, "cache", WORKS, ""),
    ("prod", PRIMARY, "API: user", DEGRADED, "if /api/users/actuator/health checks Redis"),
    ("prod in two zones", PRIMARY, "cache", DEGRADED, ""),
    ("prod in two zones", C, "cache", DEGRADED, "about 30 seconds"),
    ("prod in two zones", D, "cache", DEGRADED, "loses a replica"),
    ("prod in two zones", A, "cache", WORKS, ""),
    # A failover of the database replaces no instance.
    *((name, AWAY, "database", DEGRADED, "it is available again after that") for name in ("dev", "prod")),
    *(
        (name, AWAY, f"API: {service}", DEGRADED, "for 180 s until an instance is unhealthy: none is replaced")
        for name in ("dev", "prod", "dev in two zones")
        for service in ("user", "board")
    ),
    ("prod otherwise", D, "API: user", DEGRADED, "none is replaced"),
    ("dev", AWAY, "new instances", WORKS, ""),
    ("prod", AWAY, "monitoring", WORKS, ""),
    # Instances.
    ("prod", "one backend instance is lost", "API: user", DEGRADED, ""),
    ("prod", "one backend instance is lost", IMAGES, WORKS, ""),
    ("dev", "one backend instance is lost", "API: user", LOST, "healthy within minutes"),
    ("prod", "the monitoring instance is lost", "monitoring", LOST, ""),
    ("prod", "the monitoring instance is lost", "API: user", WORKS, ""),
    # A NAT gateway in each zone.
    ("prod otherwise", "the NAT gateway of zone c is lost", IMAGES, DEGRADED, "in zone c:"),
    ("prod otherwise", "the NAT gateway of zone c is lost", LAUNCHES, DEGRADED, "none in zone c becomes healthy"),
    ("prod otherwise", A, IMAGES, WORKS, ""),
    ("prod otherwise", A, LAUNCHES, WORKS, ""),
    # With a broken revision of one service, new instances still start and serve the other service.
    *((name, BOARD, LAUNCHES, WORKS, "leaves the target group of board") for name in ("dev", "prod")),
    ("prod", BOARD, "API: user", WORKS, ""),
    ("prod", BOARD, "API: board", DEGRADED, "new ones start without it"),
    ("prod", USER, "API: board", WORKS, ""),
    ("prod", USER, "API: user", DEGRADED, "new ones start without it"),
    ("prod", USER, IMAGES, WORKS, ""),
    # Blue/green deployments use CodeDeploy's launch hooks.
    ("prod otherwise", BOARD, LAUNCHES, LOST, "terminates each instance on which its last revision fails"),
    ("prod otherwise", BOARD, "API: user", DEGRADED, "none is added"),
]
FLEET = "aws_autoscaling_group.backend_fleet_asg"
GROUPS = "aws_codedeploy_deployment_group.deployments"
HOOK = "aws_autoscaling_lifecycle_hook.backend_fleet_launch_hook"
CHANGED: list[tuple[str, dict[str, Any], str, str, State, str]] = [
    ("prod", {"aws_vpc_endpoint.endpoints_ssm": None}, GATEWAY, AGENT, LOST, ""),
    (
        "prod",
        {"aws_vpc_endpoint.endpoints_ssmmessages subnet_ids": ["${aws_subnet.network_private_subnet_a.id}"]},
        A,
        AGENT,
        LOST,
        "",
    ),
    (
        "prod",
        {"aws_lb.load_balancer_alb subnets": ["${aws_subnet.network_public_subnet_c.id}"]},
        C,
        "API: user",
        LOST,
        "no load balancer is left",
    ),
    ("dev", {f"{DATABASE} availability_zone": None}, C, "database", UNKNOWN, "RDS chose its zone"),
    (
        "prod",
        {
            f"{REDIS} num_cache_clusters": 2,
            f"{REDIS} preferred_cache_cluster_azs": ["ap-northeast-2c", "ap-northeast-2d"],
        },
        PRIMARY,
        "cache",
        LOST,
        "none accepts writes",
    ),
    *(
        ("dev", {f"{USER_TARGETS} health_check {field}": value}, AWAY, "API: user", LOST, f"after {seconds} s: Auto Sc")
        for field, value, seconds in (
            ("interval", 10, 90),
            ("unhealthy_threshold", 2, 20),
            ("unhealthy_threshold", 7, 120),
            ("unhealthy_threshold", None, 40),
        )
    ),
    ("dev", {f"{USER_TARGETS} health_check path": None}, AWAY, "API: user", DEGRADED, "checks / for 180 s"),
    ("dev", {f"{USER_TARGETS} health_check interval": "20"}, AWAY, "API: user", DEGRADED, "for 180 s"),
    ("dev", {f"{USER_TARGETS} health_check interval": "${var.x}"}, AWAY, "API: user", DEGRADED, "for 270 s"),
    ("dev", {f"{USER_TARGETS} health_check interval": None}, AWAY, "API: user", DEGRADED, "for 270 s"),
    ("dev", {f"{USER_TARGETS} health_check interval": 10}, AWAY, "API: board", DEGRADED, "none is replaced"),
    ("prod", {"aws_autoscaling_group.backend_fleet_asg min_size": 0}, C, "API: user", LOST, ""),
    ("prod", {"aws_ebs_volume": None}, "the monitoring instance is lost", "monitoring", LOST, "its root volume"),
    (
        "prod",
        {"aws_cloudfront_distribution.frontend_distribution origin 0 domain_name": "site.example.com"},
        A,
        "site",
        UNKNOWN,
        "which is not S3",
    ),
    (
        "prod",
        {f"{GROUPS}_board_service_group.autoscaling_groups": [f"${{{FLEET}.name}}"]},
        BOARD,
        LAUNCHES,
        LOST,
        f"CodeDeploy's launch hook of {GROUPS}_board_service_group",
    ),
    ("prod", {f"{GROUPS}_board_service_group.autoscaling_groups": [f"${{{FLEET}.name}}"]}, USER, LAUNCHES, WORKS, ""),
    ("prod", {HOOK: None}, BOARD, LAUNCHES, LOST, "no launch hook"),
    ("prod", {f"{HOOK}.autoscaling_group_name": "another"}, BOARD, LAUNCHES, LOST, "no launch hook"),
    (
        "prod",
        {f"{HOOK}.lifecycle_transition": "autoscaling:EC2_INSTANCE_TERMINATING"},
        USER,
        LAUNCHES,
        LOST,
        "no launch hook",
    ),
]


@cache
def outcomes(variant: str) -> dict[tuple[str, str], Outcome]:
    """(event, part) → outcome."""
    name, _, how = variant.partition(" ")
    described = all_changed(name) if how == "otherwise" else environment(name, enable_multi_az=how == "in two zones")
    return {(each.event, each.part): each for each in drill(synthesis(described), name)}


def test_every_part_is_reported_in_every_event() -> None:
    found = outcomes("dev")
    events, parts = {event for event, _ in found}, {part for _, part in found}
    instances = {"one backend instance is lost", "the monitoring instance is lost"}
    assert events == {A, C, D, GATEWAY, PRIMARY, STORE, AWAY, USER, BOARD} | instances
    assert len(found) == len(events) * len(parts)
    assert all(each.why for each in found.values())


def test_the_site_works_after_every_event(name: str) -> None:
    assert {each.state for (_, part), each in outcomes(name).items() if part == "site"} == {WORKS}


@pytest.mark.parametrize(("variant", "event", "part", "state", "why"), DOCUMENTED)
def test_each_part_has_its_documented_state(variant: str, event: str, part: str, state: State, why: str) -> None:
    found = outcomes(variant)[event, part]
    assert (found.state, why in found.why) == (state, True), found.why


@pytest.mark.parametrize(("name", "row", "event", "part", "state", "why"), CHANGED)
def test_a_change_of_the_json_changes_the_state(
    name: str, row: dict[str, Any], event: str, part: str, state: State, why: str
) -> None:
    found = drill(mutated(synthesis(environment(name)), name, edit_from(row)), name)
    (outcome,) = [each for each in found if (each.event, each.part) == (event, part)]
    assert (outcome.state, why in outcome.why) == (state, True), outcome.why


@pytest.mark.parametrize(
    ("event", "why"),
    [(AWAY, "liveness, which does not check the database: no instance is replaced"), (PRIMARY, "is lost")],
)
def test_a_service_with_a_liveness_path_is_not_replaced_when_its_stores_fail(event: str, why: str) -> None:
    user, board = environment("dev").services
    alive = user.model_copy(update={"liveness_path": "/api/users/actuator/health/liveness"})
    found = drill(synthesis(environment("dev", services=(alive, board))), "dev")
    (outcome,) = [each for each in found if (each.event, each.part) == (event, "API: user")]
    assert (outcome.state, why in outcome.why, "Auto Scaling replaces" in outcome.why) == (DEGRADED, True, False)


def test_the_table_contains_every_outcome() -> None:
    expected = [(str(each.state), each.event, each.part, each.why) for each in outcomes("dev").values()]
    assert table("dev", list(outcomes("dev").values())).rows == expected
