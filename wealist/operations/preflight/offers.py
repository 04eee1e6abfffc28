"""What the region and its zones offer: instance types, database classes, cache nodes, endpoint services."""

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
_NO_SERVICE: Final = "InvalidServiceName"


def instance_types(subject: Subject) -> Iterator[Check]:
    """Each instance type, in the zones of the Auto Scaling groups that start it."""
    stack = subject.stack
    wanted: dict[str, set[str]] = defaultdict(set)
    for group in stack.all("aws_autoscaling_group"):
        if template := stack.target(group.block("launch_template").get("id")):
            wanted[str(template.get("instance_type"))] |= _zones(stack, group.get("vpc_zone_identifier"))
    for kind, zones in sorted(wanted.items()):
        yield _in_zones(subject, f"instance type {kind}", zones, partial(_type_offerings, subject.client("ec2"), kind))


def database_classes(subject: Subject) -> Iterator[Check]:
    """Each class of a database that is made here, for its engine's version, in the zones of its subnets."""
    stack = subject.stack
    for database in stack.all("aws_db_instance"):
        group = stack.target(database.get("db_subnet_group_name"))
        zones = _zones(stack, group.get("subnet_ids") if group else [])
        what = " ".join(str(database.get(name)) for name in ("instance_class", "engine", "engine_version"))
        look = partial(_orderable, subject.client("rds"), database)
        yield _in_zones(subject, f"database class {what}", zones, look)


def cache_nodes(subject: Subject) -> Iterator[Check]:
    """Each type of cache node, in the region: no call of AWS tells the zones."""
    for kind in sorted({str(each.get("node_type")) for each in subject.stack.all("aws_elasticache_replication_group")}):
        yield Check(
            f"cache node type {kind}",
            f"in {REGION}",
            f"choose another in wealist/spec/environments/{subject.environment.name}.py",
            partial(_node_offered, subject.client("elasticache"), kind),
        )


def endpoint_services(subject: Subject) -> Iterator[Check]:
    """Each service that a VPC endpoint leads to, in the zones of the endpoint's subnets."""
    for endpoint in subject.stack.all("aws_vpc_endpoint"):
        of_interface = endpoint.get("vpc_endpoint_type") == _INTERFACE
        zones = _zones(subject.stack, endpoint.get("subnet_ids")) if of_interface else set()
        name = str(endpoint.get("service_name"))
        yield _in_zones(subject, f"endpoint service {name}", zones, partial(_service, subject.client("ec2"), name))


def _in_zones(subject: Subject, what: str, zones: set[str], offered: Callable[[], set[str]]) -> Check:
    """Something that must be offered in zones; in the region, where no zones are named."""

    def look() -> Answer:
        found = offered()
        return Answer(bool(found) and zones <= found, f"in {_listed(found)}" if found else f"nowhere in {REGION}")

    remedy = f"choose another, or other zones, for {subject.environment.name} in wealist/spec"
    return Check(what, f"in {_listed(zones) if zones else REGION}", remedy, look)


def _listed(zones: Iterable[str]) -> str:
    return ", ".join(sorted(zones))


def _zones(stack: StackJson, subnets: list[str] | None) -> set[str]:
    """The zones of subnets, given by reference."""
    found = (stack.target(each) for each in subnets or [])
    return {str(subnet.get("availability_zone")) for subnet in found if subnet}


def _type_offerings(ec2: Any, kind: str) -> set[str]:  # noqa: ANN401  a boto3 client
    listed = items(
        ec2,
        "describe_instance_type_offerings",
        "InstanceTypeOfferings",
        LocationType="availability-zone",
        Filters=[{"Name": "instance-type", "Values": [kind]}],
    )
    return {each["Location"] for each in listed}


def _orderable(rds: Any, database: Resource) -> set[str]:  # noqa: ANN401  a boto3 client
    """The zones in which a class can be had for a version, or for any minor one of a major version."""
    version = str(database.get("engine_version"))
    options = items(
        rds,
        "describe_orderable_db_instance_options",
        "OrderableDBInstanceOptions",
        Engine=database.get("engine"),
        DBInstanceClass=database.get("instance_class"),
        Vpc=True,
    )
    fitting = (each for each in options if f"{each['EngineVersion']}.".startswith(f"{version}."))
    return {zone["Name"] for each in fitting for zone in each["AvailabilityZones"]}


def _node_offered(elasticache: Any, kind: str) -> Answer:  # noqa: ANN401  a boto3 client
    """Whether nodes of a type can be reserved in the region: those are the types that it has."""
    offers = items(
        elasticache,
        "describe_reserved_cache_nodes_offerings",
        "ReservedCacheNodesOfferings",
        CacheNodeType=kind,
    )
    found = next(offers, None) is not None
    return Answer(found, f"in {REGION}; AWS does not tell the zones" if found else f"nowhere in {REGION}")


def _service(ec2: Any, name: str) -> set[str]:  # noqa: ANN401  a boto3 client
    try:
        services = list(items(ec2, "describe_vpc_endpoint_services", "ServiceDetails", ServiceNames=[name]))
    except ClientError as error:
        if error.response["Error"]["Code"] == _NO_SERVICE:
            return set()
        raise
    return {zone for service in services for zone in service["AvailabilityZones"]}
