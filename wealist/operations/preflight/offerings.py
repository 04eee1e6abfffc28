"""Checks of what AWS offers in the region and its zones: instance types, database classes, cache nodes, endpoints."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from wealist.model.stack import Resource, StackJson
from wealist.operations.aws import items
from wealist.operations.preflight.check import Answer, Check, Subject
from wealist.spec.account import REGION

_INTERFACE: Final = "Interface"
_UNKNOWN_SERVICE: Final = "InvalidServiceName"


def instance_types(subject: Subject) -> Iterator[Check]:
    """Check each instance type, in the zones of the Auto Scaling groups that start it."""
    stack = subject.stack
    zones_of: dict[str, set[str]] = defaultdict(set)
    for group in stack.all("aws_autoscaling_group"):
        if template := stack.target(group.block("launch_template").get("id")):
            zones_of[str(template.get("instance_type"))] |= _zones(stack, group.get("vpc_zone_identifier"))
    for kind, zones in sorted(zones_of.items()):
        yield _in_zones(subject, f"instance type {kind}", zones, partial(_type_zones, subject.client("ec2"), kind))


def database_classes(subject: Subject) -> Iterator[Check]:
    """Check each class of a managed database, for its engine version, in the zones of its subnets."""
    stack = subject.stack
    for database in stack.all("aws_db_instance"):
        group = stack.target(database.get("db_subnet_group_name"))
        zones = _zones(stack, group.get("subnet_ids") if group else [])
        what = " ".join(str(database.get(name)) for name in ("instance_class", "engine", "engine_version"))
        look = partial(_class_zones, subject.client("rds"), database)
        yield _in_zones(subject, f"database class {what}", zones, look)


def cache_nodes(subject: Subject) -> Iterator[Check]:
    """Check each type of cache node, in the region: AWS has no API for the zones."""
    for kind in sorted({str(each.get("node_type")) for each in subject.stack.all("aws_elasticache_replication_group")}):
        yield Check(
            f"cache node type {kind}",
            f"in {REGION}",
            f"choose another in wealist/spec/environments/{subject.environment.name}.py",
            partial(_cache_node, subject.client("elasticache"), kind),
        )


def endpoint_services(subject: Subject) -> Iterator[Check]:
    """Check the service of each VPC endpoint, in the zones of the endpoint's subnets."""
    for endpoint in subject.stack.all("aws_vpc_endpoint"):
        is_interface = endpoint.get("vpc_endpoint_type") == _INTERFACE
        zones = _zones(subject.stack, endpoint.get("subnet_ids")) if is_interface else set()
        name = str(endpoint.get("service_name"))
        look = partial(_service_zones, subject.client("ec2"), name)
        yield _in_zones(subject, f"endpoint service {name}", zones, look)


def _in_zones(subject: Subject, what: str, zones: set[str], offered: Callable[[], set[str]]) -> Check:
    """Return a check that something is offered in every one of some zones; without zones, anywhere in the region."""

    def look() -> Answer:
        found = offered()
        return Answer(bool(found) and zones <= found, f"in {_join(found)}" if found else f"nowhere in {REGION}")

    remedy = f"choose another, or other zones, for {subject.environment.name} in wealist/spec"
    return Check(what, f"in {_join(zones) if zones else REGION}", remedy, look)


def _join(zones: Iterable[str]) -> str:
    return ", ".join(sorted(zones))


def _zones(stack: StackJson, subnets: list[str] | None) -> set[str]:
    """Return the zones of subnets that are given by reference."""
    targets = (stack.target(each) for each in subnets or [])
    return {str(subnet.get("availability_zone")) for subnet in targets if subnet}


def _type_zones(ec2: Any, kind: str) -> set[str]:  # noqa: ANN401  a boto3 client
    offerings = items(
        ec2,
        "describe_instance_type_offerings",
        "InstanceTypeOfferings",
        LocationType="availability-zone",
        Filters=[{"Name": "instance-type", "Values": [kind]}],
    )
    return {each["Location"] for each in offerings}


def _class_zones(rds: Any, database: Resource) -> set[str]:  # noqa: ANN401  a boto3 client
    """Return the zones that offer a class for a version; a major version stands for its minor ones."""
    version = str(database.get("engine_version"))
    options = items(
        rds,
        "describe_orderable_db_instance_options",
        "OrderableDBInstanceOptions",
        Engine=database.get("engine"),
        DBInstanceClass=database.get("instance_class"),
        Vpc=True,
    )
    matches = (each for each in options if f"{each['EngineVersion']}.".startswith(f"{version}."))
    return {zone["Name"] for each in matches for zone in each["AvailabilityZones"]}


def _cache_node(elasticache: Any, kind: str) -> Answer:  # noqa: ANN401  a boto3 client
    """Ask for reservations of a node type: AWS offers them for every type that the region has."""
    offerings = items(
        elasticache,
        "describe_reserved_cache_nodes_offerings",
        "ReservedCacheNodesOfferings",
        CacheNodeType=kind,
    )
    found = next(offerings, None) is not None
    return Answer(found, f"in {REGION}; AWS does not report zones" if found else f"nowhere in {REGION}")


def _service_zones(ec2: Any, name: str) -> set[str]:  # noqa: ANN401  a boto3 client
    try:
        services = list(items(ec2, "describe_vpc_endpoint_services", "ServiceDetails", ServiceNames=[name]))
    except ClientError as error:
        if error.response["Error"]["Code"] == _UNKNOWN_SERVICE:
            return set()
        raise
    return {zone for service in services for zone in service["AvailabilityZones"]}
