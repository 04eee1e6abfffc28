"""Whatever has addresses in the VPC: where they lie, which security groups they wear, and which are public.

aws_lb ─────────────────────────────┐
aws_autoscaling_group → template ───┤
aws_db_instance → subnet group ─────┼─► Part (subnets, groups, public)
database made by hand: its names ───┤
replication group → subnet group ───┤
aws_vpc_endpoint, interfaces ───────┘
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network

from wealist.checks.reachability.parties import Party
from wealist.checks.reachability.reading import Reader
from wealist.model.stack import Resource
from wealist.spec.environment import Environment


@dataclass(frozen=True)
class Subnet:
    """A subnet.

    Attributes:
        address: Its Terraform address.
        zone: `ap-northeast-2a`.
        block: Its IPv4 block.
        gives_public_addresses: Whether it gives one to an instance that does not refuse.
    """

    address: str
    zone: str
    block: IPv4Network
    gives_public_addresses: bool


@dataclass(frozen=True)
class Part:
    """Something with addresses in the VPC.

    Attributes:
        address: Its Terraform address; of a database made by hand, its subnet group's.
        party: Which end of documented edges it is.
        label: For tables.
        subnets: Where its addresses are.
        groups: The addresses of the security groups that it wears.
        public: The argument that gives it public addresses, with its value; None where it has none.
    """

    address: str
    party: Party
    label: str
    subnets: tuple[Subnet, ...]
    groups: frozenset[str]
    public: str | None


def read_parts(reader: Reader, subnets: Mapping[str, Subnet], environment: Environment) -> Iterator[Part]:
    """Every part of a stack."""
    yield from _load_balancers(reader, subnets)
    yield from _fleets(reader, subnets)
    yield from _databases(reader, subnets)
    if environment.database.mode == "external":
        yield from _database_made_by_hand(reader, subnets, environment)
    yield from _caches(reader, subnets)
    yield from _endpoints(reader, subnets)


def is_gateway(endpoint: Resource) -> bool:
    """Whether an endpoint is one that routes lead to, which AWS makes unless told otherwise."""
    return bool(endpoint.get("vpc_endpoint_type", "Gateway") == "Gateway")


def _load_balancers(reader: Reader, subnets: Mapping[str, Subnet]) -> Iterator[Part]:
    for lb in reader.stack.all("aws_lb"):
        if (kind := lb.get("load_balancer_type", "application")) != "application":
            reader.reject(lb, f"load_balancer_type = {kind!r} is not application")
        internal = reader.flag(lb, "internal", lb.get("internal"))
        yield Part(
            lb.address,
            Party.ALB,
            "ALB",
            _where(subnets, reader.resources(lb, "subnets", "aws_subnet")),
            _groups(reader.resources(lb, "security_groups", "aws_security_group")),
            public=None if internal else f"internal = {lb.get('internal', False)}",
        )


def _fleets(reader: Reader, subnets: Mapping[str, Subnet]) -> Iterator[Part]:
    for fleet in reader.stack.all("aws_autoscaling_group"):
        launched = fleet.block("launch_template").get("id", "")
        called = reader.resource(fleet, "launch_template.id", "aws_launch_template", value=launched)
        where = _where(subnets, reader.resources(fleet, "vpc_zone_identifier", "aws_subnet"))
        groups: frozenset[str] = frozenset()
        public = None
        if called:
            groups, public = _interfaces(reader, called, given=any(subnet.gives_public_addresses for subnet in where))
        roles = [tag.get("value") for tag in fleet.blocks("tag") if tag.get("key") == "Role"]
        label = str(roles[0]) if roles else fleet.address
        yield Part(fleet.address, Party.EC2, label, where, groups, public)


def _interfaces(reader: Reader, template: Resource, *, given: bool) -> tuple[frozenset[str], str | None]:
    """The groups that a template's instances wear, and what gives them public addresses."""
    groups = _groups(reader.resources(template, "vpc_security_group_ids", "aws_security_group"))
    public = None
    for interface in template.blocks("network_interfaces") or [{}]:
        argument = "network_interfaces.security_groups"
        worn = interface.get("security_groups") or []
        groups |= _groups(reader.resources(template, argument, "aws_security_group", value=worn))
        asked = interface.get("associate_public_ip_address")
        if asked is None and given:
            public = "map_public_ip_on_launch = True of a subnet"
        elif reader.flag(template, "network_interfaces.associate_public_ip_address", asked):
            public = f"associate_public_ip_address = {asked} of {template.address}"
    return groups, public


def _databases(reader: Reader, subnets: Mapping[str, Subnet]) -> Iterator[Part]:
    for database in reader.stack.all("aws_db_instance"):
        public = reader.flag(database, "publicly_accessible", database.get("publicly_accessible"))
        yield Part(
            database.address,
            Party.RDS,
            "PostgreSQL",
            _by_group(reader, subnets, database, "db_subnet_group_name", "aws_db_subnet_group"),
            _groups(reader.resources(database, "vpc_security_group_ids", "aws_security_group")),
            public=f"publicly_accessible = {database.get('publicly_accessible')}" if public else None,
        )


def _database_made_by_hand(reader: Reader, subnets: Mapping[str, Subnet], environment: Environment) -> Iterator[Part]:
    """What an operator is to choose for it in the console: the subnet group and the security group of its name."""
    name = environment.names("rds-sg")
    worn = [group for group in reader.stack.all("aws_security_group") if group.get("name") == name]
    for subnet_group in reader.stack.all("aws_db_subnet_group"):
        where = _where(subnets, reader.resources(subnet_group, "subnet_ids", "aws_subnet"))
        yield Part(subnet_group.address, Party.RDS, "PostgreSQL (by hand)", where, _groups(worn), public=None)


def _caches(reader: Reader, subnets: Mapping[str, Subnet]) -> Iterator[Part]:
    for cache in reader.stack.all("aws_elasticache_replication_group"):
        yield Part(
            cache.address,
            Party.REDIS,
            "Redis",
            _by_group(reader, subnets, cache, "subnet_group_name", "aws_elasticache_subnet_group"),
            _groups(reader.resources(cache, "security_group_ids", "aws_security_group")),
            public=None,
        )


def _endpoints(reader: Reader, subnets: Mapping[str, Subnet]) -> Iterator[Part]:
    for endpoint in reader.stack.all("aws_vpc_endpoint"):
        kind, service = endpoint.get("vpc_endpoint_type", "Gateway"), str(endpoint.get("service_name"))
        if kind == "Interface":
            yield Part(
                endpoint.address,
                Party.ENDPOINTS,
                f"endpoint {service.rpartition('.')[2]}",
                _where(subnets, reader.resources(endpoint, "subnet_ids", "aws_subnet")),
                _groups(reader.resources(endpoint, "security_group_ids", "aws_security_group")),
                public=None,
            )
        elif is_gateway(endpoint) and service.endswith(".s3"):
            # It has no address: its traffic leaves by a route, to addresses of S3's own.
            yield Part(endpoint.address, Party.S3, "S3", (), frozenset(), public=None)
        else:
            reader.reject(endpoint, f"vpc_endpoint_type = {kind!r} of {service} is not one that the proof reads")


def _by_group(
    reader: Reader, subnets: Mapping[str, Subnet], owner: Resource, argument: str, type_: str
) -> tuple[Subnet, ...]:
    """The subnets of the subnet group that an argument names."""
    group = reader.resource(owner, argument, type_)
    return _where(subnets, reader.resources(group, "subnet_ids", "aws_subnet")) if group else ()


def _where(subnets: Mapping[str, Subnet], found: Iterable[Resource]) -> tuple[Subnet, ...]:
    return tuple(subnets[subnet.address] for subnet in found if subnet.address in subnets)


def _groups(found: Iterable[Resource]) -> frozenset[str]:
    return frozenset(group.address for group in found)
