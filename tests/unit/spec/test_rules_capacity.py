"""What the rules say of sizes, counts and versions."""

import pytest

from tests.unit.spec.builders import BOARD, USER, problems, the_problem
from wealist.spec.services import GRAFANA


def test_a_minimum_above_the_maximum_is_reported() -> None:
    found = problems(backend={"min_size": 5, "max_size": 2, "desired_capacity": 5})
    assert (found[0].field, found[0].value) == ("backend.min_size", 5)
    assert found[0].message == "is above max_size = 2"
    assert found[0].remedy == "lower it, or raise max_size"


@pytest.mark.parametrize(
    ("desired", "message", "remedy"),
    [(0, "is below min_size = 1", "write 1 or more"), (5, "is above max_size = 4", "write 4 or less")],
)
def test_a_desired_capacity_out_of_range_is_reported(desired: int, message: str, remedy: str) -> None:
    problem = the_problem(backend={"desired_capacity": desired})
    assert (problem.field, problem.value) == ("backend.desired_capacity", desired)
    assert (problem.message, problem.remedy) == (message, remedy)


@pytest.mark.parametrize("desired", [1, 4])
def test_the_desired_capacity_may_be_either_end_of_the_range(desired: int) -> None:
    assert problems(backend={"desired_capacity": desired}) == []


def test_a_negative_minimum_is_reported() -> None:
    problem = the_problem(backend={"min_size": -1})
    assert (problem.field, problem.value, problem.message) == ("backend.min_size", -1, "is negative")


def test_a_group_that_may_never_run_is_reported() -> None:
    problem = the_problem(backend={"min_size": 0, "max_size": 0, "desired_capacity": 0})
    assert (problem.field, problem.value, problem.message) == ("backend.max_size", 0, "lets no instance run")


@pytest.mark.parametrize("target", [0, 100, -1, 500])
def test_scaling_that_aims_at_no_percentage_is_reported(target: int) -> None:
    problem = the_problem(backend={"cpu_target": target})
    assert (problem.field, problem.value) == ("backend.cpu_target", target)


@pytest.mark.parametrize("part", ["backend", "monitoring"])
def test_a_root_volume_smaller_than_the_image_is_reported(part: str) -> None:
    assert problems(**{part: {"root_volume_gib": 8}}) == []
    problem = the_problem(**{part: {"root_volume_gib": 7}})
    assert (problem.field, problem.value) == (f"{part}.root_volume_gib", 7)
    assert problem.remedy == "write 8 or more"


@pytest.mark.parametrize("gib", [3, 0, -1, 16_385])
def test_a_data_volume_that_ebs_or_prometheus_could_not_use_is_reported(gib: int) -> None:
    problem = the_problem(monitoring={"data_volume_gib": gib})
    assert (problem.field, problem.value) == ("monitoring.data_volume_gib", gib)
    assert (problem.message, problem.remedy) == ("is not between 4 and 16384", "write 20, say")


@pytest.mark.parametrize("gib", [4, 16_384])
def test_a_data_volume_may_be_of_either_end_of_the_range(gib: int) -> None:
    assert problems(monitoring={"data_volume_gib": gib}) == []


@pytest.mark.parametrize(
    ("part", "field", "wrong", "example"),
    [
        ("backend", "instance_type", "small", "t3.small"),
        ("backend", "instance_type", "db.t3.micro", "t3.small"),
        ("monitoring", "instance_type", "t3.", "t3.small"),
        ("cache", "node_type", "t3.micro", "cache.t3.micro"),
        ("database", "instance_class", "cache.t3.micro", "db.t3.micro"),
    ],
)
def test_an_instance_type_of_another_service_is_reported(part: str, field: str, wrong: str, example: str) -> None:
    problem = the_problem(**{part: {field: wrong}})
    assert (problem.field, problem.value) == (f"{part}.{field}", wrong)
    assert problem.remedy == f"write one such as {example}"


def test_failover_with_one_node_is_reported() -> None:
    assert problems(cache={"nodes": 1}) == []
    problem = the_problem(enable_multi_az=True, cache={"nodes": 1})
    assert (problem.field, problem.value) == ("cache.nodes", 1)
    assert "no node to fail over to" in problem.message
    assert problem.remedy == "write 2 or more, or leave it out"


@pytest.mark.parametrize("nodes", [0, -1, 7])
def test_a_replication_group_of_a_size_aws_does_not_take_is_reported(nodes: int) -> None:
    problem = the_problem(cache={"nodes": nodes})
    assert (problem.field, problem.value, problem.message) == ("cache.nodes", nodes, "is not between 1 and 6")


@pytest.mark.parametrize("days", [0, 13, 36])
def test_backups_too_short_or_too_long_in_a_lasting_environment_are_reported(days: int) -> None:
    problem = the_problem(may_be_destroyed=False, database={"backup_retention_days": days})
    assert (problem.field, problem.value) == ("database.backup_retention_days", days)
    assert (problem.message, problem.remedy) == ("is not between 14 and 35", "write 14")


def test_an_environment_that_may_be_destroyed_keeps_backups_for_a_day_at_least() -> None:
    assert problems(may_be_destroyed=True, database={"backup_retention_days": 1}) == []
    problem = the_problem(may_be_destroyed=True, database={"backup_retention_days": 0})
    assert (problem.field, problem.value) == ("database.backup_retention_days", 0)


def test_storage_without_room_to_grow_is_reported() -> None:
    problem = the_problem(database={"allocated_storage_gib": 100, "max_allocated_storage_gib": 100})
    assert (problem.field, problem.value) == ("database.max_allocated_storage_gib", 100)
    assert "allocated_storage_gib = 100" in problem.message


@pytest.mark.parametrize("days", [-1, 36])
def test_snapshots_of_redis_kept_for_a_time_aws_does_not_take_are_reported(days: int) -> None:
    problem = the_problem(cache={"snapshot_retention_days": days})
    assert (problem.field, problem.value) == ("cache.snapshot_retention_days", days)


def test_a_lasting_environment_without_snapshots_of_redis_is_reported() -> None:
    assert problems(may_be_destroyed=True, cache={"snapshot_retention_days": 0}) == []
    assert the_problem(cache={"snapshot_retention_days": 0}).field == "cache.snapshot_retention_days"


@pytest.mark.parametrize(("days", "nearest"), [(31, 30), (0, 1), (99, 90), (10_000, 3653)])
def test_a_retention_that_is_not_offered_is_reported_with_the_nearest_that_is(days: int, nearest: int) -> None:
    problem = the_problem(log_retention_days=days)
    assert (problem.field, problem.value) == ("log_retention_days", days)
    assert problem.remedy == f"write {nearest}"


def test_a_version_of_secrets_below_one_is_reported() -> None:
    problem = the_problem(generated_secrets_version=0)
    assert (problem.field, problem.value, problem.remedy) == ("generated_secrets_version", 0, "write 1 or more")


@pytest.mark.parametrize("field", ["port", "priority", "path_pattern", "database_name", "database_user"])
def test_two_services_that_share_what_tells_them_apart_are_reported(field: str) -> None:
    value = USER[field]
    problem = the_problem(services=(USER, {**BOARD, field: value}))
    assert (problem.field, problem.value) == (f"services[board].{field}", value)
    assert (problem.message, problem.remedy) == ("is user's too", "choose another")


def test_two_services_of_one_name_are_reported() -> None:
    problem = the_problem(services=(USER, {**BOARD, "name": "user"}))
    assert (problem.field, problem.value) == ("services[user].name", "user")


@pytest.mark.parametrize(("field", "value"), [("port", 3001), ("priority", 30), ("path_pattern", "/monitoring/*")])
def test_a_service_that_takes_grafanas_place_is_reported(field: str, value: object) -> None:
    assert getattr(GRAFANA, field) == value
    problem = the_problem(services=(USER, {**BOARD, field: value}))
    assert problem.value == value
    assert "board's too" in problem.message


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_is_no_tcp_port_is_reported(port: int) -> None:
    problem = the_problem(services=(USER, {**BOARD, "port": port}))
    assert (problem.field, problem.value, problem.message) == ("services[board].port", port, "is not a TCP port")


@pytest.mark.parametrize("priority", [0, 50_001])
def test_a_priority_that_a_listener_does_not_take_is_reported(priority: int) -> None:
    problem = the_problem(services=(USER, {**BOARD, "priority": priority}))
    assert (problem.field, problem.value) == ("services[board].priority", priority)


def test_a_service_or_grafana_on_the_port_of_node_metrics_is_reported() -> None:
    problem = the_problem(services=(USER, {**BOARD, "port": 9100}))
    assert (problem.field, problem.value) == ("services[board].port", 9100)
    assert (problem.message, problem.remedy) == ("is the port of node metrics", "choose another")
    assert the_problem(grafana={**GRAFANA.model_dump(), "port": 9100}).field == "grafana.port"


def test_a_problem_of_grafana_names_grafanas_own_field() -> None:
    problem = the_problem(grafana={**GRAFANA.model_dump(), "port": 0})
    assert problem.field == "grafana.port"
