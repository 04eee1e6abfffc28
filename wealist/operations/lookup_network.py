"""Look up what EC2 holds for an environment, also where the tag `Environment` is missing.

tag Environment is the environment's  → by the tag Name
no such tag, in the environment's VPC → by the tag Name, or by what one object of a VPC has (a subnet's addresses)
no such tag, named by the state       → a part that the state still knows holds the id (an association's route table)
routes, associations, rules           → by the objects that they join; routes and associations have no tags at all

An object that is tagged with another environment is never one of ours.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wealist.operations.aws import items, search
from wealist.operations.lookup import AwsObject, lookup_of

GONE: Final = {"deleted", "deleting", "failed"}
"""EC2 describes NAT gateways and endpoints for an hour after they are deleted or could not be made."""

Value = Callable[[str], Any]
"""The value of an argument of Terraform's, None where it has none."""


@dataclass(frozen=True)
class NetworkObject:
    """An object of EC2.

    Attributes:
        id: What an `import` block takes.
        environment: The tag `Environment`, None where it is missing.
        tagged_name: The tag `Name`, None where it is missing.
        vpc: The VPC that it lies in, None where it lies in none.
        name: What no other object of its type in its VPC has, None where there is no such thing.
    """

    id: str
    environment: str | None
    tagged_name: str | None
    vpc: str | None
    name: str | None


def network_objects(ec2: Any, kind: str) -> Iterator[NetworkObject]:  # noqa: ANN401  a boto3 client
    """Every object of a type of EC2 that is not gone."""
    lookup = lookup_of(kind)
    if lookup is None or lookup.prefix is None or lookup.call is None or lookup.items is None:
        return
    for each in items(ec2, lookup.call.partition(".")[2], lookup.items):
        if each.get("State") not in GONE:
            tags = {tag["Key"]: tag["Value"] for tag in each.get("Tags", [])}
            yield NetworkObject(
                id=_id(each, lookup.prefix),
                environment=tags.get("Environment"),
                tagged_name=tags.get("Name"),
                vpc=_only(lookup.vpc, each),
                name=_only(lookup.name, each) if lookup.name else None,
            )


def _id(described: Mapping[str, Any], prefix: str) -> str:
    """The one value that begins with the prefix of a type's ids."""
    found = (value for value in described.values() if isinstance(value, str) and value.startswith(f"{prefix}-"))
    return next(found)


def _only(path: str, described: Mapping[str, Any]) -> str | None:
    """The value at a path. Of a list, the first."""
    found = search(path, described)
    value = next(iter(found), None) if isinstance(found, list) else found
    return None if value is None else str(value)


def _routes(ec2: Any) -> Iterator[AwsObject]:  # noqa: ANN401  a boto3 client
    for table in items(ec2, "describe_route_tables", "RouteTables"):
        for route in table["Routes"]:
            for key in ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"):
                if key in route:
                    name = f"{table['RouteTableId']}_{route[key]}"
                    yield AwsObject("aws_route", name, name)


def _route_name(value: Value) -> str | None:
    table = value("route_table_id")
    destinations = ("destination_cidr_block", "destination_ipv6_cidr_block", "destination_prefix_list_id")
    destination = _first(value, destinations)
    return f"{table}_{destination}" if table and destination else None


def _associations(ec2: Any) -> Iterator[AwsObject]:  # noqa: ANN401  a boto3 client
    for table in items(ec2, "describe_route_tables", "RouteTables"):
        for association in table["Associations"]:
            if "SubnetId" in association:
                name = f"{association['SubnetId']}/{table['RouteTableId']}"
                yield AwsObject("aws_route_table_association", name, name)


def _association_name(value: Value) -> str | None:
    subnet, table = value("subnet_id"), value("route_table_id")
    return f"{subnet}/{table}" if subnet and table else None


def _rules(kind: str, *, egress: bool) -> Callable[[Any], Iterator[AwsObject]]:
    def rules(ec2: Any) -> Iterator[AwsObject]:  # noqa: ANN401  a boto3 client
        for rule in items(ec2, "describe_security_group_rules", "SecurityGroupRules"):
            if rule["IsEgress"] is egress:
                described = rule | {"Group": rule.get("ReferencedGroupInfo", {}).get("GroupId")}
                peer = _first(described.get, ("CidrIpv4", "CidrIpv6", "PrefixListId", "Group"))
                ports = (rule.get("FromPort"), rule.get("ToPort"))
                yield AwsObject(
                    kind, _rule(rule["GroupId"], rule["IpProtocol"], ports, peer), rule["SecurityGroupRuleId"]
                )

    return rules


def _rule_name(value: Value) -> str | None:
    group = value("security_group_id")
    peer = _first(value, ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"))
    ports = (value("from_port"), value("to_port"))
    return _rule(group, value("ip_protocol"), ports, peer) if group and peer else None


def _rule(group: str, protocol: str, ports: tuple[int | None, int | None], peer: str) -> str:
    """What AWS takes once for each direction. A rule for every protocol has no ports, or -1."""
    first, last = (-1 if port is None else int(port) for port in ports)
    return f"{group} {protocol} {first}-{last} {peer}"


def _first(value: Value, names: tuple[str, ...]) -> Any:  # noqa: ANN401  a value of Terraform's or AWS's
    return next((found for name in names if (found := value(name))), None)


@dataclass(frozen=True)
class Joined:
    """A type that joins other objects, and is found by them.

    Attributes:
        objects: Every object of the type, by the client of EC2.
        name: The name of a resource of the type, by its arguments; None while one of what it joins is unknown.
    """

    objects: Callable[[Any], Iterator[AwsObject]]
    name: Callable[[Value], str | None]


_EGRESS, _INGRESS = "aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule"

JOINED: Final[Mapping[str, Joined]] = {
    "aws_route": Joined(_routes, _route_name),
    "aws_route_table_association": Joined(_associations, _association_name),
    _EGRESS: Joined(_rules(_EGRESS, egress=True), _rule_name),
    _INGRESS: Joined(_rules(_INGRESS, egress=False), _rule_name),
}
"""Types of EC2 that are found by what they join."""
