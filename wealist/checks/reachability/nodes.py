"""Read the nodes of a VPC: resources with network addresses.

wealist/model/types.toml lists the arguments of each type: subnet, group and public. Those of instances are in their
launch template. A database that an operator creates is represented by its subnet group and its security group.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from ipaddress import IPv4Network
from typing import Final

from wealist.checks.reachability.reader import Reader, is_absent
from wealist.model.stack import Resource
from wealist.model.type_row import NetworkPart
from wealist.model.types import row
from wealist.model.values import as_list
from wealist.spec.environment import Environment


class NodeKind(StrEnum):
    """The kinds of nodes that the claims distinguish, in the order of the matrix. `OTHER` is any other type."""

    INTERNET = "internet"
    VPC = "rest of the VPC"
    LOAD_BALANCER = "ALB"
    INSTANCES = "instances"
    DATABASE = "PostgreSQL"
    CACHE = "Redis"
    OTHER = "other"
    ENDPOINT = "endpoint"
    GATEWAY_ENDPOINT = "gateway endpoint"


_KINDS: Final[Mapping[str, NodeKind]] = {
    "aws_lb": NodeKind.LOAD_BALANCER,
    "aws_autoscaling_group": NodeKind.INSTANCES,
    "aws_db_instance": NodeKind.DATABASE,
    "aws_rds_cluster": NodeKind.DATABASE,
    "aws_elasticache_cluster": NodeKind.CACHE,
    "aws_elasticache_replication_group": NodeKind.CACHE,
    "aws_vpc_endpoint": NodeKind.ENDPOINT,
}
SUBNET_GROUPS: Final = ("aws_db_subnet_group", "aws_elasticache_subnet_group")
_WITHOUT_ADDRESSES: Final = frozenset({*SUBNET_GROUPS, "aws_nat_gateway", "aws_route_table_association"})
"""Types with subnet arguments that are not nodes."""
_PUBLIC_BY_DEFAULT: Final = frozenset({"vpc_config.endpoint_public_access"})
_BY_SUBNET: Final = "associate_public_ip_address"
"""Argument of instances; if it is not set, the subnet decides."""


@dataclass(frozen=True)
class Subnet:
    """A subnet.

    Attributes:
        address: Its Terraform address.
        zone: `ap-northeast-2a`.
        block: Its IPv4 block.
        gives_public_addresses: Whether it assigns instances public addresses by default.
    """

    address: str
    zone: str
    block: IPv4Network
    gives_public_addresses: bool


@dataclass(frozen=True)
class NetworkNode:
    """A resource with addresses in the VPC, or an end of connections outside of it.

    Attributes:
        address: Its Terraform address; for a database that an operator creates, that of its subnet group.
        kind: Its kind.
        label: Its name in tables.
        subnets: The subnets of its addresses.
        groups: The addresses of its security groups.
        public: The argument that gives it public addresses, with its value; None if it has none.
    """

    address: str
    kind: NodeKind
    label: str
    subnets: tuple[Subnet, ...] = ()
    groups: frozenset[str] = frozenset()
    public: str | None = None


@cache
def network_arguments(kind: str) -> Mapping[str, NetworkPart]:
    """Return the network arguments of a type from types.toml."""
    known = row(kind)
    return known.network or {} if known else {}


def is_node(kind: str) -> bool:
    """Return whether resources of a type have addresses in subnets."""
    parts = set(network_arguments(kind).values())
    return kind in _KINDS or ("subnet" in parts and "rule" not in parts and kind not in _WITHOUT_ADDRESSES)


def is_gateway(endpoint: Resource) -> bool:
    """Return whether a VPC endpoint is a gateway endpoint, which is the default."""
    return bool(endpoint.get("vpc_endpoint_type", "Gateway") == "Gateway")


INTERNET: Final = NetworkNode("internet", NodeKind.INTERNET, NodeKind.INTERNET, public="by definition")


class NodeReader:
    """Reads the nodes of one stack.

    Args:
        reader: The reader of the stack, which records gaps.
        subnets: The stack's subnets, by address.
    """

    def __init__(self, reader: Reader, subnets: Mapping[str, Subnet]) -> None:
        self._reader = reader
        self._subnets = subnets

    def nodes(self, environment: Environment) -> Iterator[NetworkNode]:
        """Yield every node, in the order of the matrix."""
        nodes = [node for resource in self._reader.stack.resources.values() for node in self._node(resource)]
        if environment.database.mode == "external":
            nodes += self._external_database(environment)
        order = list(NodeKind)
        yield from sorted(nodes, key=lambda node: (order.index(node.kind), node.address))

    def _node(self, resource: Resource) -> Iterator[NetworkNode]:
        if not is_node(resource.type):
            return
        if resource.type == "aws_vpc_endpoint" and resource.get("vpc_endpoint_type") != "Interface":
            yield from self._gateway_endpoint(resource)
            return
        subnets = self._subnets_of(resource)
        public = self._public(resource, subnets)
        known = resource.type in _KINDS
        if known and not subnets:
            self._reader.reject(resource, "names no subnet of this stack")
        if known or subnets or public:
            kind = _KINDS.get(resource.type, NodeKind.OTHER)
            yield NetworkNode(resource.address, kind, _label(resource), subnets, self._groups(resource), public)

    def _gateway_endpoint(self, endpoint: Resource) -> Iterator[NetworkNode]:
        if is_gateway(endpoint):
            yield NetworkNode(endpoint.address, NodeKind.GATEWAY_ENDPOINT, service_name(endpoint).upper())
        else:
            kind = endpoint.get("vpc_endpoint_type")
            self._reader.reject(endpoint, f"vpc_endpoint_type = {kind!r} is neither Interface nor Gateway")

    def _external_database(self, environment: Environment) -> Iterator[NetworkNode]:
        """Yield the database that an operator creates with the prepared subnet group and security group."""
        name = environment.names("rds-sg")
        attached = [group for group in self._reader.stack.all("aws_security_group") if group.get("name") == name]
        for group in self._reader.stack.all("aws_db_subnet_group"):
            subnets = tuple(self._subnets_at(group, "subnet_ids", group.get("subnet_ids")))
            label = f"{NodeKind.DATABASE} (by hand)"
            yield NetworkNode(group.address, NodeKind.DATABASE, label, subnets, _addresses(attached))

    def _subnets_of(self, resource: Resource) -> tuple[Subnet, ...]:
        """Return the subnets of a resource; for a replica that names none, those of its source."""
        named = (s for path, value in _arguments(resource, "subnet") for s in self._subnets_at(resource, path, value))
        subnets = tuple(dict.fromkeys(named))
        source = self._reader.stack.target(resource.get("replicate_source_db"))
        return self._subnets_of(source) if not subnets and source and source is not resource else subnets

    def _subnets_at(self, owner: Resource, path: str, value: object) -> Iterator[Subnet]:
        """Yield the subnets that an argument refers to, directly or by a subnet group."""
        for target in self._reader.resources(owner, path, "aws_subnet", *SUBNET_GROUPS, value=as_list(value)):
            if target.type in SUBNET_GROUPS:
                yield from self._subnets_at(target, "subnet_ids", target.get("subnet_ids"))
            elif target.address in self._subnets:
                yield self._subnets[target.address]

    def _groups(self, resource: Resource) -> frozenset[str]:
        owner = self._template(resource) or resource
        groups = (
            group
            for path, value in _arguments(owner, "group")
            for group in self._reader.resources(owner, path, "aws_security_group", value=value)
        )
        return _addresses(groups)

    def _public(self, resource: Resource, subnets: Iterable[Subnet]) -> str | None:
        if resource.type == "aws_lb":
            kind = resource.get("load_balancer_type", "application")
            if kind != "application":
                self._reader.reject(resource, f"load_balancer_type = {kind!r} is not application")
            internal = self._reader.flag(resource, "internal", resource.get("internal"))
            return None if internal else f"internal = {resource.get('internal', False)}"
        owner = self._template(resource) or resource
        by_subnet = any(subnet.gives_public_addresses for subnet in subnets)
        for path, part in network_arguments(owner.type).items():
            for value in owner.at(path) if part == "public" else ():
                if value is None and (path in _PUBLIC_BY_DEFAULT or (path.endswith(_BY_SUBNET) and by_subnet)):
                    return f"{path} of {owner.address}, which is not set"
                if self._reader.flag(owner, path, value):
                    return f"{path} = {value} of {owner.address}"
        return None

    def _template(self, resource: Resource) -> Resource | None:
        """Return the launch template of an Auto Scaling group; None for other types."""
        if resource.type != "aws_autoscaling_group":
            return None
        named = resource.block("launch_template").get("id", "")
        return self._reader.resource(resource, "launch_template.id", "aws_launch_template", value=named)


def service_name(endpoint: Resource) -> str:
    """Return `ssm` for an endpoint of `com.amazonaws.ap-northeast-2.ssm`."""
    return str(endpoint.get("service_name")).rpartition(".")[2]


def _arguments(resource: Resource, part: NetworkPart) -> Iterator[tuple[str, object]]:
    """Yield the path and value of each argument for a part of the network that is set."""
    for path, each in network_arguments(resource.type).items():
        if each == part:
            yield from ((path, value) for value in resource.at(path) if not is_absent(value))


def _label(resource: Resource) -> str:
    if resource.type == "aws_autoscaling_group":
        roles = [tag.get("value") for tag in resource.blocks("tag") if tag.get("key") == "Role"]
        return str(roles[0]) if roles else resource.address
    kind = _KINDS.get(resource.type, NodeKind.OTHER)
    if kind is NodeKind.ENDPOINT:
        return f"endpoint {service_name(resource)}"
    return kind if kind is not NodeKind.OTHER else resource.address.removeprefix("aws_").replace("_", " ")


def _addresses(groups: Iterable[Resource]) -> frozenset[str]:
    return frozenset(group.address for group in groups)
