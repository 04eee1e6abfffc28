"""Rules about sizes, counts, types and retention."""

from typing import Any

import pytest

from tests.unit.spec.builders import line, problems

PROTECTED = {"may_be_destroyed": False}
DESTROYABLE = {"may_be_destroyed": True}
REPORTED: dict[str, dict[str, Any]] = {
    "backend.desired_capacity = 0 is below min_size = 1; write 1 or more": {"backend": {"desired_capacity": 0}},
    "backend.desired_capacity = 5 is above max_size = 4; write 4 or less": {"backend": {"desired_capacity": 5}},
    "backend.min_size = -1 is negative; write 0 or more": {"backend": {"min_size": -1}},
    "backend.max_size = 0 lets no instance run; write 1 or more": {
        "backend": {"min_size": 0, "max_size": 0, "desired_capacity": 0}
    },
    "backend.cpu_target = 0 is not between 1 and 99; write 60, say": {"backend": {"cpu_target": 0}},
    "backend.cpu_target = 100 is not between 1 and 99; write 60, say": {"backend": {"cpu_target": 100}},
    "backend.root_volume_gib = 7 is not between 8 and 16384; write 30, say": {"backend": {"root_volume_gib": 7}},
    "monitoring.root_volume_gib = 16385 is not between 8 and 16384; write 30, say": {
        "monitoring": {"root_volume_gib": 16_385}
    },
    "monitoring.data_volume_gib = 3 is not between 4 and 16384; write 20, say": {"monitoring": {"data_volume_gib": 3}},
    "monitoring.data_volume_gib = 16385 is not between 4 and 16384; write 20, say": {
        "monitoring": {"data_volume_gib": 16_385}
    },
    "cache.nodes = 0 is not between 1 and 6; write 1 or 2, or leave it out": {"cache": {"nodes": 0}},
    "cache.nodes = 7 is not between 1 and 6; write 1 or 2, or leave it out": {"cache": {"nodes": 7}},
    "cache.nodes = 1 leaves no node to fail over to, and enable_multi_az is True; write 2 or more, or leave it out": {
        "enable_multi_az": True, "cache": {"nodes": 1}
    },
    "cache.snapshot_retention_days = 36 is not between 1 and 35; write 7, say": PROTECTED
    | {"cache": {"snapshot_retention_days": 36}},
    "cache.snapshot_retention_days = 0 is not between 1 and 35; write 7, say": PROTECTED
    | {"cache": {"snapshot_retention_days": 0}},
    "cache.snapshot_retention_days = -1 is not between 0 and 35; write 7, say": DESTROYABLE
    | {"cache": {"snapshot_retention_days": -1}},
    "database.backup_retention_days = 13 is not between 14 and 35; write 14": PROTECTED
    | {"database": {"backup_retention_days": 13}},
    "database.backup_retention_days = 36 is not between 14 and 35; write 14": PROTECTED
    | {"database": {"backup_retention_days": 36}},
    "database.backup_retention_days = 0 is not between 1 and 35; write 14": DESTROYABLE
    | {"database": {"backup_retention_days": 0}},
    "database.engine_version = 'latest' is not a version of PostgreSQL; "
    'write "17", or "17.4" to stay on one minor version': {"database": {"engine_version": "latest"}},
    "database.allocated_storage_gib = 19 is less than RDS accepts for gp3; write 20 or more": {
        "database": {"allocated_storage_gib": 19}
    },
    "database.max_allocated_storage_gib = 27 is not between 28 and 65536: "
    "RDS requires 10 % above allocated_storage_gib = 25; write 28 or more": {
        "database": {"allocated_storage_gib": 25, "max_allocated_storage_gib": 27}
    },
    "database.max_allocated_storage_gib = 65537 is not between 22 and 65536: "
    "RDS requires 10 % above allocated_storage_gib = 20; write 65536 or less": {
        "database": {"max_allocated_storage_gib": 65_537}
    },
    "log_retention_days = 31 is not offered by CloudWatch Logs; write 30": {"log_retention_days": 31},
    "log_retention_days = 0 is not offered by CloudWatch Logs; write 1": {"log_retention_days": 0},
    "log_retention_days = 10000 is not offered by CloudWatch Logs; write 3653": {"log_retention_days": 10_000},
    "generated_secrets_version = 0 is below 1; write 1 or more": {"generated_secrets_version": 0},
    "max_instance_lifetime_days = 13 is not between 14 and 365 days; write 30, say": {"max_instance_lifetime_days": 13},
    "max_instance_lifetime_days = 366 is not between 14 and 365 days; write 30, say": {
        "max_instance_lifetime_days": 366
    },
    "backups.retention_days = 6 is not between 7 and 36500 days; write 7 to 36500, or leave backups out": {
        "backups": {"retention_days": 6}
    },
    "backups.retention_days = 36501 is not between 7 and 36500 days; write 7 to 36500, or leave backups out": {
        "backups": {"retention_days": 36_501}
    },
}  # fmt: skip
ALLOWED: list[dict[str, Any]] = [
    {"backend": {"desired_capacity": 1, "root_volume_gib": 8, "cpu_target": 1}},
    {"backend": {"desired_capacity": 4, "root_volume_gib": 16_384, "cpu_target": 99}},
    {"monitoring": {"root_volume_gib": 8, "data_volume_gib": 4}},
    {"monitoring": {"root_volume_gib": 16_384, "data_volume_gib": 16_384}},
    {"cache": {"nodes": 1}},
    DESTROYABLE | {"cache": {"snapshot_retention_days": 0}, "database": {"backup_retention_days": 1}},
    PROTECTED | {"cache": {"snapshot_retention_days": 35}, "database": {"backup_retention_days": 35}},
    {"database": {"allocated_storage_gib": 25, "max_allocated_storage_gib": 28}},
    {"database": {"allocated_storage_gib": 100, "max_allocated_storage_gib": 110}},
    {"database": {"max_allocated_storage_gib": 65_536}},
    {"max_instance_lifetime_days": 14, "backups": {"retention_days": 7}},
    {"max_instance_lifetime_days": 365, "backups": {"retention_days": 36_500}},
    # The database and Redis run on Graviton, too.
    {"database": {"instance_class": "db.t4g.micro"}, "cache": {"node_type": "cache.t4g.micro"}},
]


@pytest.mark.parametrize("text", REPORTED)
def test_a_value_out_of_range_is_reported_with_its_remedy(text: str) -> None:
    assert line(**REPORTED[text]) == text


@pytest.mark.parametrize("changes", ALLOWED, ids=str)
def test_values_at_the_limits_are_allowed(changes: dict[str, Any]) -> None:
    assert problems(**changes) == []


def test_a_minimum_above_the_maximum_is_reported() -> None:
    found = problems(backend={"min_size": 5, "max_size": 2, "desired_capacity": 5})
    assert str(found[0]) == "stage: backend.min_size = 5 is above max_size = 2; lower it, or raise max_size"


@pytest.mark.parametrize(
    ("group", "field", "wrong", "nearest"),
    [
        ("backend", "instance_type", "t3.smal", "t3.small"),
        ("backend", "instance_type", "t3-large", "t3.large"),
        ("backend", "instance_type", "db.t3.micro", "t3.micro"),
        ("backend", "instance_type", "T3.small", "t3.small"),
        ("monitoring", "instance_type", "m5.larg", "m5.large"),
        ("cache", "node_type", "t3.micro", "cache.t3.micro"),
        ("database", "instance_class", "db.m5.lage", "db.m5.large"),
        # Without a similar type, the remedy is an example.
        ("backend", "instance_type", "?", "t3.small"),
        ("cache", "node_type", "", "cache.t3.micro"),
        ("database", "instance_class", "..........", "db.t3.micro"),
    ],
)
def test_an_unknown_instance_type_is_reported_with_the_nearest_types(
    group: str, field: str, wrong: str, nearest: str
) -> None:
    text = line(**{group: {field: wrong}})
    problem, _, remedy = text.partition("; write one such as ")
    assert problem == f"{group}.{field} = {wrong!r} is not an instance type"
    assert nearest in remedy.split(", ")


@pytest.mark.parametrize("group", ["backend", "monitoring"])
@pytest.mark.parametrize(
    "graviton", ["t4g.small", "c7gn.xlarge", "r6gd.medium", "im4gn.large", "g5g.xlarge", "a1.medium"]
)
def test_an_instance_type_of_graviton_is_reported(group: str, graviton: str) -> None:
    reason = "is of Graviton (arm64), and the images are built for x86_64"
    expected = f"{group}.instance_type = {graviton!r} {reason}; write one such as t3.small"
    assert line(**{group: {"instance_type": graviton}}) == expected


@pytest.mark.parametrize("x86_64", ["t3a.small", "m7i-flex.large", "g4dn.xlarge", "g6.xlarge", "gr6.4xlarge"])
def test_an_instance_type_of_x86_64_is_allowed(x86_64: str) -> None:
    assert problems(backend={"instance_type": x86_64}) == []
