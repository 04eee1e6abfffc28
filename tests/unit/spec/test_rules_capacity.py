"""What the rules say of sizes, counts and versions."""

import pytest

from tests.unit.spec.builders import problems, the_problem


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
@pytest.mark.parametrize("gib", [7, 16_385])
def test_a_root_volume_that_ebs_does_not_make_or_no_image_fits_is_reported(part: str, gib: int) -> None:
    problem = the_problem(**{part: {"root_volume_gib": gib}})
    assert (problem.field, problem.value) == (f"{part}.root_volume_gib", gib)
    assert (problem.message, problem.remedy) == ("is not between 8 and 16384", "write 30, say")


@pytest.mark.parametrize("part", ["backend", "monitoring"])
@pytest.mark.parametrize("gib", [8, 16_384])
def test_a_root_volume_may_be_of_either_end_of_the_range(part: str, gib: int) -> None:
    assert problems(**{part: {"root_volume_gib": gib}}) == []


@pytest.mark.parametrize("gib", [3, 0, -1, 16_385])
def test_a_data_volume_that_ebs_or_prometheus_could_not_use_is_reported(gib: int) -> None:
    problem = the_problem(monitoring={"data_volume_gib": gib})
    assert (problem.field, problem.value) == ("monitoring.data_volume_gib", gib)
    assert (problem.message, problem.remedy) == ("is not between 4 and 16384", "write 20, say")


@pytest.mark.parametrize("gib", [4, 16_384])
def test_a_data_volume_may_be_of_either_end_of_the_range(gib: int) -> None:
    assert problems(monitoring={"data_volume_gib": gib}) == []


@pytest.mark.parametrize(
    ("part", "field", "wrong", "nearest"),
    [
        ("backend", "instance_type", "t3.smal", "t3.small"),
        ("backend", "instance_type", "t3-large", "t3.large"),
        ("backend", "instance_type", "db.t3.micro", "t3.micro"),
        ("backend", "instance_type", "T3.small", "t3.small"),
        ("monitoring", "instance_type", "m5.larg", "m5.large"),
        ("monitoring", "instance_type", "t3.smaller", "t3.small"),
        ("cache", "node_type", "t3.micro", "cache.t3.micro"),
        ("cache", "node_type", "cache.t3.mirco", "cache.t3.micro"),
        ("database", "instance_class", "db.m5.lage", "db.m5.large"),
        ("database", "instance_class", "t3.micro", "db.t3.micro"),
    ],
)
def test_an_unknown_instance_type_is_refused_with_the_nearest_ones(
    part: str, field: str, wrong: str, nearest: str
) -> None:
    problem = the_problem(**{part: {field: wrong}})
    assert (problem.field, problem.value) == (f"{part}.{field}", wrong)
    assert problem.message == "is not an instance type"
    assert nearest in problem.remedy.removeprefix("write one such as ").split(", ")


@pytest.mark.parametrize(
    ("part", "field", "wrong", "example"),
    [
        ("backend", "instance_type", "?", "t3.small"),
        ("cache", "node_type", "", "cache.t3.micro"),
        ("database", "instance_class", "..........", "db.t3.micro"),
    ],
)
def test_what_is_like_no_instance_type_is_refused_with_an_example(
    part: str, field: str, wrong: str, example: str
) -> None:
    assert the_problem(**{part: {field: wrong}}).remedy == f"write one such as {example}"


@pytest.mark.parametrize("part", ["backend", "monitoring"])
@pytest.mark.parametrize(
    "graviton", ["t4g.small", "m7g.large", "c7gn.xlarge", "r6gd.medium", "im4gn.large", "g5g.xlarge", "a1.medium"]
)
def test_an_instance_type_that_the_images_do_not_start_on_is_reported(part: str, graviton: str) -> None:
    problem = the_problem(**{part: {"instance_type": graviton}})
    assert (problem.field, problem.value) == (f"{part}.instance_type", graviton)
    assert problem.message == "is of Graviton (arm64), and the images are built for x86_64"
    assert problem.remedy == "write one such as t3.small"


@pytest.mark.parametrize("x86_64", ["t3a.small", "m7i-flex.large", "g4dn.xlarge", "g6.xlarge", "gr6.4xlarge"])
def test_an_instance_type_of_x86_64_will_do(x86_64: str) -> None:
    assert problems(backend={"instance_type": x86_64}) == []


def test_a_database_and_redis_may_run_on_graviton() -> None:
    assert problems(database={"instance_class": "db.t4g.micro"}, cache={"node_type": "cache.t4g.micro"}) == []


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


@pytest.mark.parametrize(("at_first", "at_most", "least"), [(100, 109, 110), (100, 100, 110), (25, 27, 28)])
def test_storage_without_room_to_grow_by_a_tenth_is_reported(at_first: int, at_most: int, least: int) -> None:
    storage = {"allocated_storage_gib": at_first, "max_allocated_storage_gib": at_most}
    problem = the_problem(database=storage)
    assert (problem.field, problem.value) == ("database.max_allocated_storage_gib", at_most)
    assert problem.message.endswith(f"RDS requires 10 % above allocated_storage_gib = {at_first}")
    assert problem.remedy == f"write {least} or more"
    assert problems(database=storage | {"max_allocated_storage_gib": least}) == []


def test_storage_that_may_grow_beyond_what_rds_makes_is_reported() -> None:
    assert problems(database={"max_allocated_storage_gib": 65_536}) == []
    problem = the_problem(database={"max_allocated_storage_gib": 65_537})
    assert (problem.field, problem.remedy) == ("database.max_allocated_storage_gib", "write 65536 or less")


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


@pytest.mark.parametrize("days", [13, 366, 1, 0, -1, 3650])
def test_instances_that_are_renewed_too_often_or_hardly_ever_are_reported(days: int) -> None:
    problem = the_problem(max_instance_lifetime_days=days)
    assert (problem.field, problem.value) == ("max_instance_lifetime_days", days)
    assert (problem.message, problem.remedy) == ("is not between 14 and 365 days", "write 30, say")


@pytest.mark.parametrize("days", [14, 30, 365])
def test_instances_may_be_renewed_fortnightly_or_yearly(days: int) -> None:
    assert problems(max_instance_lifetime_days=days) == []


@pytest.mark.parametrize("days", [0, 6, 36_501])
def test_backups_that_are_gone_before_anybody_misses_something_are_reported(days: int) -> None:
    problem = the_problem(backups={"retention_days": days})
    assert (problem.field, problem.value) == ("backups.retention_days", days)
    assert problem.remedy == "write 7 to 36500, or leave backups out"
