"""Rules about sizes, counts and versions (architecture, sections 4 to 6)."""

import re
from collections.abc import Iterator
from typing import Final

from wealist.spec.environment import Environment, ManagedDatabase
from wealist.spec.instance_types import nearest, offered
from wealist.spec.problems import Problem

_RETENTIONS: Final = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""
_LASTING_BACKUPS: Final = 14
_LEAST_BACKUP_DAYS: Final = 7
_MOST_BACKUP_DAYS: Final = 36_500
"""https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html"""
_SMALLEST_GP3_GIB: Final = 20
"""https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html"""
_LARGEST_RDS_GP3_GIB: Final = 65_536
"""The same page."""
_GROWTH_PERCENT: Final = 10
"""https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html"""
_LONGEST_BACKUPS: Final = 35
_LARGEST_GP3_GIB: Final = 16_384
"""https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html"""
_ROOT_GIB: Final = range(8, _LARGEST_GP3_GIB + 1)
"""At least as large as the images' snapshots."""
_DATA_GIB: Final = range(4, _LARGEST_GP3_GIB + 1)
"""Room for Prometheus to compact its blocks at the one end."""
_ARM64: Final = re.compile(r"(a1|[a-z]+\d+[a-z]*g[a-z]*)\..+")
"""Graviton's families have a `g` behind the generation: `t4g`, `m7gd`; but `g4dn` is a series of x86_64.

https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
"""
_LIFETIME_DAYS: Final = range(14, 366)
"""AWS takes one day to a year.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-max-instance-lifetime.html
"""
_NODES: Final = range(1, 7)
"""One primary and up to five replicas.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.Redis.Groups.html
"""


def sizes_are_in_order(environment: Environment) -> Iterator[Problem]:
    """0 ≤ min ≤ desired ≤ max, and at least one instance may run."""
    backend = environment.backend
    low, wanted, high = backend.min_size, backend.desired_capacity, backend.max_size

    def problem(field: str, value: int, message: str, remedy: str) -> Problem:
        return Problem(environment.name, f"backend.{field}", value, message, remedy)

    if low < 0:
        yield problem("min_size", low, "is negative", "write 0 or more")
    if high < 1:
        yield problem("max_size", high, "lets no instance run", "write 1 or more")
    if low > high:
        yield problem("min_size", low, f"is above max_size = {high}", "lower it, or raise max_size")
    if wanted < low:
        yield problem("desired_capacity", wanted, f"is below min_size = {low}", f"write {low} or more")
    if wanted > high:
        yield problem("desired_capacity", wanted, f"is above max_size = {high}", f"write {high} or less")


def scaling_aims_at_a_percentage(environment: Environment) -> Iterator[Problem]:
    """A target of 100 % would never scale out."""
    target = environment.backend.cpu_target
    if not 0 < target < 100:  # noqa: PLR2004  a percentage
        yield Problem(environment.name, "backend.cpu_target", target, "is not between 1 and 99", "write 60, say")


def root_volumes_hold_the_operating_system(environment: Environment) -> Iterator[Problem]:
    """The root volume is of a size that EBS makes, and at least as large as the images' snapshots."""
    for part in ("backend", "monitoring"):
        size = getattr(environment, part).root_volume_gib
        if size not in _ROOT_GIB:
            yield Problem(
                environment.name,
                f"{part}.root_volume_gib",
                size,
                f"is not between {_ROOT_GIB.start} and {_ROOT_GIB.stop - 1}",
                "write 30, say",
            )


def monitoring_has_room_for_its_data(environment: Environment) -> Iterator[Problem]:
    """The data volume is of a size that EBS makes and Prometheus can work in."""
    size = environment.monitoring.data_volume_gib
    if size not in _DATA_GIB:
        yield Problem(
            environment.name,
            "monitoring.data_volume_gib",
            size,
            f"is not between {_DATA_GIB.start} and {_DATA_GIB.stop - 1}",
            "write 20, say",
        )


def instance_types_are_instance_types(environment: Environment) -> Iterator[Problem]:
    """Each is one that AWS offers, with the prefix of its service: `t3.small`, `db.t3.micro`, `cache.t3.micro`."""
    found = {
        "backend.instance_type": (environment.backend.instance_type, "", "t3.small"),
        "monitoring.instance_type": (environment.monitoring.instance_type, "", "t3.small"),
        "cache.node_type": (environment.cache.node_type, "cache.", "cache.t3.micro"),
    }
    if isinstance(environment.database, ManagedDatabase):
        found["database.instance_class"] = (environment.database.instance_class, "db.", "db.t3.micro")
    for field, (value, prefix, example) in found.items():
        if not value.startswith(prefix) or value.removeprefix(prefix) not in offered():
            remedy = f"write one such as {', '.join(nearest(value, prefix) or [example])}"
            yield Problem(environment.name, field, value, "is not an instance type", remedy)


def instances_run_images_of_x86_64(environment: Environment) -> Iterator[Problem]:
    """The images of the operating systems, and those that the services are built into, are made for x86_64."""
    for part in ("backend", "monitoring"):
        value = getattr(environment, part).instance_type
        if _ARM64.fullmatch(value):
            message = "is of Graviton (arm64), and the images are made for x86_64"
            yield Problem(environment.name, f"{part}.instance_type", value, message, "write one such as t3.small")


def failover_has_a_second_node(environment: Environment) -> Iterator[Problem]:
    """Automatic failover needs a replica to fail over to."""
    nodes = environment.cache.nodes
    if nodes is None:
        return
    if nodes not in _NODES:
        yield Problem(environment.name, "cache.nodes", nodes, "is not between 1 and 6", "write 1 or 2, or leave it out")
    elif environment.enable_multi_az and nodes == 1:
        yield Problem(
            environment.name,
            "cache.nodes",
            nodes,
            "leaves no node to fail over to, and enable_multi_az is True",
            "write 2 or more, or leave it out",
        )


def database_keeps_what_a_lasting_environment_needs(environment: Environment) -> Iterator[Problem]:
    """A version of PostgreSQL, and backups: 14 days where the environment may not be destroyed (RDS.11)."""
    database = environment.database
    if not isinstance(database, ManagedDatabase):
        return
    least = 1 if environment.may_be_destroyed else _LASTING_BACKUPS
    if not least <= database.backup_retention_days <= _LONGEST_BACKUPS:
        yield Problem(
            environment.name,
            "database.backup_retention_days",
            database.backup_retention_days,
            f"is not between {least} and {_LONGEST_BACKUPS}",
            f"write {max(least, _LASTING_BACKUPS)}",
        )
    if not re.fullmatch(r"\d{2}(\.\d+)?", database.engine_version):
        yield Problem(
            environment.name,
            "database.engine_version",
            database.engine_version,
            "is not a version of PostgreSQL",
            'write "17", or "17.4" to stay on one minor version',
        )


def database_has_room_to_grow(environment: Environment) -> Iterator[Problem]:
    """Storage of a size that RDS makes, which may grow by a tenth at least."""
    database = environment.database
    if not isinstance(database, ManagedDatabase):
        return
    at_first, at_most = database.allocated_storage_gib, database.max_allocated_storage_gib
    if at_first < _SMALLEST_GP3_GIB:
        yield Problem(
            environment.name,
            "database.allocated_storage_gib",
            at_first,
            "is less than RDS takes for gp3",
            f"write {_SMALLEST_GP3_GIB} or more",
        )
    least = -(-at_first * (100 + _GROWTH_PERCENT) // 100)  # rounded up
    if not least <= at_most <= _LARGEST_RDS_GP3_GIB:
        yield Problem(
            environment.name,
            "database.max_allocated_storage_gib",
            at_most,
            f"is not between {least} and {_LARGEST_RDS_GP3_GIB}: "
            f"RDS wants {_GROWTH_PERCENT} % above allocated_storage_gib = {at_first}",
            f"write {least} or more" if at_most < least else f"write {_LARGEST_RDS_GP3_GIB} or less",
        )


def backups_are_kept_for_a_week(environment: Environment) -> Iterator[Problem]:
    """What is lost is often missed days later only."""
    backups = environment.backups
    if backups and not _LEAST_BACKUP_DAYS <= backups.retention_days <= _MOST_BACKUP_DAYS:
        remedy = f"write {_LEAST_BACKUP_DAYS} to {_MOST_BACKUP_DAYS}, or leave backups out"
        message = "is less than a week, or longer than AWS Backup keeps anything"
        yield Problem(environment.name, "backups.retention_days", backups.retention_days, message, remedy)


def snapshots_of_redis_are_kept(environment: Environment) -> Iterator[Problem]:
    """At most 35 days; at least one where the environment may not be destroyed (ElastiCache.1)."""
    days = environment.cache.snapshot_retention_days
    least = 0 if environment.may_be_destroyed else 1
    if not least <= days <= _LONGEST_BACKUPS:
        yield Problem(
            environment.name,
            "cache.snapshot_retention_days",
            days,
            f"is not between {least} and {_LONGEST_BACKUPS}",
            "write 7, say",
        )


def retention_is_one_that_cloudwatch_offers(environment: Environment) -> Iterator[Problem]:
    """CloudWatch Logs takes a fixed set of days."""
    days = environment.log_retention_days
    if days not in _RETENTIONS:
        nearest = min(_RETENTIONS, key=lambda offered: abs(offered - days))
        yield Problem(
            environment.name, "log_retention_days", days, "is not offered by CloudWatch Logs", f"write {nearest}"
        )


def instances_are_renewed(environment: Environment) -> Iterator[Problem]:
    """Often enough for a security update to matter, and not so often that instances are always being replaced."""
    days = environment.max_instance_lifetime_days
    if days not in _LIFETIME_DAYS:
        message = f"is not between {_LIFETIME_DAYS.start} and {_LIFETIME_DAYS.stop - 1} days"
        yield Problem(environment.name, "max_instance_lifetime_days", days, message, "write 30, say")


def secrets_version_counts_up(environment: Environment) -> Iterator[Problem]:
    """Terraform writes a write-only value again when its version changes; versions start at 1."""
    version = environment.generated_secrets_version
    if version < 1:
        yield Problem(environment.name, "generated_secrets_version", version, "is below 1", "write 1 or more")
