"""Rules about sizes, counts and retention (architecture, sections 4 to 6)."""

import functools
import gzip
import json
import re
from collections.abc import Iterator
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from wealist.spec.environment import Environment, ManagedDatabase
from wealist.spec.problems import Problem, outside

_RETENTIONS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545),
    *(731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""
_BACKUP_DAYS: Final = range(7, 36_501)
"""https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html"""
_MOST_SNAPSHOT_DAYS: Final = 35
_LARGEST_GP3_GIB: Final = 16_384
"""https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html"""
_ROOT_GIB: Final = range(8, _LARGEST_GP3_GIB + 1)
"""The images' snapshots have 8 GiB."""
_DATA_GIB: Final = range(4, _LARGEST_GP3_GIB + 1)
"""Prometheus needs room to compact its blocks."""
_ARM64: Final = re.compile(r"(a1|[a-z]+\d+[a-z]*g[a-z]*)\..+")
"""Families of Graviton have a `g` after the generation: `t4g`, `m7gd`. `g4dn` is a series of x86_64.

https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
"""
_LIFETIME_DAYS: Final = range(14, 366)
"""AWS accepts 1 to 365 days; shorter lifetimes than 14 days would replace instances all the time.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-max-instance-lifetime.html
"""
_NODES: Final = range(1, 7)
"""One primary and up to five replicas.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.Redis.Groups.html
"""
_OFFERINGS: Final = "ec2/resources/instance_type_offerings/region/*.json.gz"


def sizes_are_in_order(environment: Environment) -> Iterator[Problem]:
    """0 ≤ min ≤ desired ≤ max, and 1 ≤ max."""
    backend = environment.backend
    low, wanted, high = backend.min_size, backend.desired_capacity, backend.max_size
    if low < 0:
        yield Problem("backend.min_size", low, "is negative", "write 0 or more")
    if high < 1:
        yield Problem("backend.max_size", high, "lets no instance run", "write 1 or more")
    if low > high:
        yield Problem("backend.min_size", low, f"is above max_size = {high}", "lower it, or raise max_size")
    if wanted < low:
        yield Problem("backend.desired_capacity", wanted, f"is below min_size = {low}", f"write {low} or more")
    if wanted > high:
        yield Problem("backend.desired_capacity", wanted, f"is above max_size = {high}", f"write {high} or less")


def cpu_target_is_a_percentage(environment: Environment) -> Iterator[Problem]:
    """A target of 100 % would never scale out."""
    yield from outside("backend.cpu_target", environment.backend.cpu_target, range(1, 100), "write 60, say")


def volumes_are_large_enough(environment: Environment) -> Iterator[Problem]:
    """EBS limits the size of a volume; images and Prometheus need a minimum."""
    for part in ("backend", "monitoring"):
        size = getattr(environment, part).root_volume_gib
        yield from outside(f"{part}.root_volume_gib", size, _ROOT_GIB, "write 30, say")
    data = environment.monitoring.data_volume_gib
    yield from outside("monitoring.data_volume_gib", data, _DATA_GIB, "write 20, say")


def instance_types_exist(environment: Environment) -> Iterator[Problem]:
    """AWS must offer each type, with the prefix of its service: `t3.small`, `db.t3.micro`, `cache.t3.micro`."""
    chosen = {
        "backend.instance_type": (environment.backend.instance_type, "", "t3.small"),
        "monitoring.instance_type": (environment.monitoring.instance_type, "", "t3.small"),
        "cache.node_type": (environment.cache.node_type, "cache.", "cache.t3.micro"),
    }
    if isinstance(environment.database, ManagedDatabase):
        chosen["database.instance_class"] = (environment.database.instance_class, "db.", "db.t3.micro")
    for field, (value, prefix, example) in chosen.items():
        name = value.removeprefix(prefix)
        if not value.startswith(prefix) or name not in _instance_types():
            nearest = [f"{prefix}{each}" for each in get_close_matches(name, sorted(_instance_types()))]
            remedy = f"write one such as {', '.join(nearest or [example])}"
            yield Problem(field, value, "is not an instance type", remedy)


@functools.cache
def _instance_types() -> frozenset[str]:
    """Return the instance types that EC2 offers in any region, from the lists in moto (which is not imported).

    RDS and ElastiCache name their types after them. The list of a single region would be too strict, as AWS adds types
    to a region faster than moto is released.
    """
    spec = find_spec("moto")
    folder = Path(str(spec.origin)).parent if spec else Path()
    regions = [json.loads(gzip.decompress(file.read_bytes())) for file in folder.glob(_OFFERINGS)]
    return frozenset(each["InstanceType"] for region in regions for each in region)


def instances_run_images_of_x86_64(environment: Environment) -> Iterator[Problem]:
    """The images of the operating systems and of the services are built for x86_64."""
    for part in ("backend", "monitoring"):
        value = getattr(environment, part).instance_type
        if _ARM64.fullmatch(value):
            message = "is of Graviton (arm64), and the images are built for x86_64"
            yield Problem(f"{part}.instance_type", value, message, "write one such as t3.small")


def failover_has_a_second_node(environment: Environment) -> Iterator[Problem]:
    """Automatic failover needs a replica."""
    nodes = environment.cache.nodes
    if nodes is None:
        return
    yield from outside("cache.nodes", nodes, _NODES, "write 1 or 2, or leave it out")
    if environment.enable_multi_az and nodes == 1:
        message = "leaves no node to fail over to, and enable_multi_az is True"
        yield Problem("cache.nodes", nodes, message, "write 2 or more, or leave it out")


def backups_are_kept_for_a_week(environment: Environment) -> Iterator[Problem]:
    """A loss is often noticed days later."""
    if backups := environment.backups:
        remedy = f"write {_BACKUP_DAYS.start} to {_BACKUP_DAYS.stop - 1}, or leave backups out"
        yield from outside("backups.retention_days", backups.retention_days, _BACKUP_DAYS, remedy, " days")


def snapshots_of_redis_are_kept(environment: Environment) -> Iterator[Problem]:
    """At most 35 days; at least one day in a protected environment (ElastiCache.1)."""
    allowed = range(0 if environment.may_be_destroyed else 1, _MOST_SNAPSHOT_DAYS + 1)
    days = environment.cache.snapshot_retention_days
    yield from outside("cache.snapshot_retention_days", days, allowed, "write 7, say")


def retention_is_one_of_cloudwatch(environment: Environment) -> Iterator[Problem]:
    """CloudWatch Logs accepts a fixed set of days."""
    days = environment.log_retention_days
    if days not in _RETENTIONS:
        nearest = min(_RETENTIONS, key=lambda each: abs(each - days))
        yield Problem("log_retention_days", days, "is not offered by CloudWatch Logs", f"write {nearest}")


def instances_are_renewed(environment: Environment) -> Iterator[Problem]:
    """Security updates must arrive in time, without replacing instances all the time."""
    days = environment.max_instance_lifetime_days
    yield from outside("max_instance_lifetime_days", days, _LIFETIME_DAYS, "write 30, say", " days")


def secrets_version_is_positive(environment: Environment) -> Iterator[Problem]:
    """Versions of write-only values start at 1."""
    version = environment.generated_secrets_version
    if version < 1:
        yield Problem("generated_secrets_version", version, "is below 1", "write 1 or more")
