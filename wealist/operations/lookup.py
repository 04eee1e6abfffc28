"""Look up the objects of a type in an AWS account: their names, and the ids that `terraform import` takes.

How depends on the columns of `lookup` in the type's row of types.toml:

by, call    one list operation; `by` is an argument that AWS allows once, such as a name
code        several operations: LOOKUP_FUNCTIONS
prefix      EC2: by tag, or by name within a VPC (`network_objects`)
form        not looked up

Types of EC2 that connect other objects, such as routes and rules, are found by those objects: CONNECTING_TYPES.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wealist.model import types
from wealist.model.type_row import Lookup, Type
from wealist.operations.aws import Clients, items, search
from wealist.spec.account import ACCOUNT_ID, CDN_CERTIFICATE_REGION, REGION

BY_TAG: Final = "tags.Name"
"""`by` of types whose only name is their tag."""
_LOCATOR: Final = re.compile(r"(?:arn:|https?://).*[:/]")
"""The part of an ARN or URL before the name."""
_SERVICE_ARGUMENTS: Final[Mapping[str, Mapping[str, str]]] = {"budgets": {"AccountId": ACCOUNT_ID}}
"""Service → arguments that all its list operations require."""
_GONE: Final = {"deleted", "deleting", "failed"}
"""States in which EC2 describes NAT gateways and endpoints for an hour after deletion or failure."""

Value = Callable[[str], Any]
"""Returns the value of a Terraform argument, or None."""


@dataclass(frozen=True)
class AwsObject:
    """An object in AWS.

    Attributes:
        type: Terraform's type.
        name: Unique among the objects of the type.
        id: The id for an `import` block.
    """

    type: str
    name: str
    id: str


def lookup_of(kind: str) -> Lookup | None:
    """Return how objects of a type are looked up, or None if they are not."""
    row = types.row(kind)
    return row.lookup if row and row.lookup and not row.lookup.form else None


def list_objects(row: Type, client: Clients) -> Iterator[Any]:
    """Iterate over AWS's descriptions of all objects that the list operation of a row returns, in all its regions."""
    if row.lookup and row.lookup.call and row.lookup.items:
        service, _, operation = row.lookup.call.partition(".")
        for region in (REGION, CDN_CERTIFICATE_REGION) if row.cdn_region else (REGION,):
            arguments = _SERVICE_ARGUMENTS.get(service, {})
            yield from items(client(service, region), operation, row.lookup.items, **arguments)


def find_objects(client: Clients, kind: str) -> Iterator[AwsObject]:
    """Iterate over the objects of a type with a name.

    Args:
        client: Creates boto3 clients.
        kind: Terraform's type.
    """
    if kind in LOOKUP_FUNCTIONS:
        yield from (AwsObject(kind, name, id_) for name, id_ in LOOKUP_FUNCTIONS[kind](client))
        return
    row, lookup = types.row(kind), lookup_of(kind)
    if row is None or lookup is None:
        return
    for each in list_objects(row, client):
        for name in _names(lookup, each):
            yield AwsObject(kind, _LOCATOR.sub("", name), search(lookup.id, each) if lookup.id else name)


def _names(lookup: Lookup, entry: Any) -> list[str]:  # noqa: ANN401 -- a response of boto3
    found = search(lookup.name or "@", entry)
    return found if isinstance(found, list) else [found]


def _budgets(client: Clients) -> Iterator[tuple[str, str]]:
    for budget in items(client("budgets"), "describe_budgets", "Budgets", AccountId=ACCOUNT_ID):
        yield budget["BudgetName"], f"{ACCOUNT_ID}:{budget['BudgetName']}"


def _certificates(client: Clients) -> Iterator[tuple[str, str]]:
    for region in (REGION, CDN_CERTIFICATE_REGION):
        acm = client("acm", region)
        for certificate in items(acm, "list_certificates", "CertificateSummaryList"):
            arn = certificate["CertificateArn"]
            tags = acm.list_tags_for_certificate(CertificateArn=arn)["Tags"]
            yield from ((tag["Value"], arn) for tag in tags if tag["Key"] == "Name")


def _deployment_groups(client: Clients) -> Iterator[tuple[str, str]]:
    deploy = client("codedeploy")
    for app in items(deploy, "list_applications", "applications"):
        groups = items(deploy, "list_deployment_groups", "deploymentGroups", applicationName=app)
        yield from ((f"{app}:{group}", f"{app}:{group}") for group in groups)


def _keys(client: Clients) -> Iterator[tuple[str, str]]:
    for kms in (client("kms", region) for region in (REGION, CDN_CERTIFICATE_REGION)):
        for key in items(kms, "list_keys", "Keys"):
            described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
            if described["KeyManager"] == "CUSTOMER" and described["KeyState"] == "Enabled":
                tags = kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]
                yield from ((tag["TagValue"], key["KeyId"]) for tag in tags if tag["TagKey"] == "Name")


def _zones(client: Clients) -> Iterator[tuple[str, str]]:
    for zone in items(client("route53"), "list_hosted_zones", "HostedZones"):
        yield zone["Name"].removesuffix("."), zone["Id"].removeprefix("/hostedzone/")


LOOKUP_FUNCTIONS: Final[Mapping[str, Callable[[Clients], Iterator[tuple[str, str]]]]] = {
    "aws_budgets_budget": _budgets,
    "aws_acm_certificate": _certificates,
    "aws_codedeploy_deployment_group": _deployment_groups,
    "aws_kms_key": _keys,
    "aws_route53_zone": _zones,
}
"""Types that need several operations → a function that returns the names and import ids of their objects."""


@dataclass(frozen=True)
class NetworkObject:
    """An object of EC2.

    Attributes:
        id: The id for an `import` block.
        environment: The tag `Environment`, or None.
        tagged_name: The tag `Name`, or None.
        vpc: The VPC that contains it, or None.
        name: A property that is unique among the objects of its type in its VPC, such as a subnet's CIDR block, or
            None.
    """

    id: str
    environment: str | None
    tagged_name: str | None
    vpc: str | None
    name: str | None


def network_objects(ec2: Any, kind: str) -> Iterator[NetworkObject]:  # noqa: ANN401 -- a boto3 client
    """Iterate over the existing objects of a type of EC2."""
    lookup = lookup_of(kind)
    if lookup is None or lookup.prefix is None or lookup.call is None or lookup.items is None:
        return
    for each in items(ec2, lookup.call.partition(".")[2], lookup.items):
        if each.get("State") not in _GONE:
            tags = {tag["Key"]: tag["Value"] for tag in each.get("Tags", [])}
            yield NetworkObject(
                id=_id(each, lookup.prefix),
                environment=tags.get("Environment"),
                tagged_name=tags.get("Name"),
                vpc=_first_at(lookup.vpc, each),
                name=_first_at(lookup.name, each) if lookup.name else None,
            )


def _id(described: Mapping[str, Any], prefix: str) -> str:
    return next(value for value in described.values() if isinstance(value, str) and value.startswith(f"{prefix}-"))


def _first_at(path: str, described: Mapping[str, Any]) -> str | None:
    """Return the value at a path; the first element if it is a list."""
    found = search(path, described)
    value = next(iter(found), None) if isinstance(found, list) else found
    return None if value is None else str(value)


def _routes(ec2: Any) -> Iterator[AwsObject]:  # noqa: ANN401 -- a boto3 client
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


def _associations(ec2: Any) -> Iterator[AwsObject]:  # noqa: ANN401 -- a boto3 client
    for table in items(ec2, "describe_route_tables", "RouteTables"):
        for association in table["Associations"]:
            if "SubnetId" in association:
                name = f"{association['SubnetId']}/{table['RouteTableId']}"
                yield AwsObject("aws_route_table_association", name, name)


def _association_name(value: Value) -> str | None:
    subnet, table = value("subnet_id"), value("route_table_id")
    return f"{subnet}/{table}" if subnet and table else None


def _rules(kind: str, *, egress: bool) -> Callable[[Any], Iterator[AwsObject]]:
    def rules(ec2: Any) -> Iterator[AwsObject]:  # noqa: ANN401 -- a boto3 client
        for rule in items(ec2, "describe_security_group_rules", "SecurityGroupRules"):
            if rule["IsEgress"] is egress:
                described = rule | {"Group": rule.get("ReferencedGroupInfo", {}).get("GroupId")}
                peer = _first(described.get, ("CidrIpv4", "CidrIpv6", "PrefixListId", "Group"))
                ports = (rule.get("FromPort"), rule.get("ToPort"))
                name = _rule(rule["GroupId"], rule["IpProtocol"], ports, peer)
                yield AwsObject(kind, name, rule["SecurityGroupRuleId"])

    return rules


def _rule_name(value: Value) -> str | None:
    group = value("security_group_id")
    peer = _first(value, ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"))
    ports = (value("from_port"), value("to_port"))
    return _rule(group, value("ip_protocol"), ports, peer) if group and peer else None


def _rule(group: str, protocol: str, ports: tuple[int | None, int | None], peer: str) -> str:
    """Return what AWS allows once per direction. A rule for all protocols has no ports, or -1."""
    first, last = (-1 if port is None else int(port) for port in ports)
    return f"{group} {protocol} {first}-{last} {peer}"


def _first(value: Value, names: tuple[str, ...]) -> Any:  # noqa: ANN401 -- a value of Terraform or AWS
    return next((found for name in names if (found := value(name))), None)


@dataclass(frozen=True)
class ConnectingType:
    """A type whose objects connect two others, and are named after them.

    Attributes:
        objects: Returns every object of the type, given the client of EC2.
        name: Returns the name of a resource of the type, given its arguments; None if one of them is unknown.
    """

    objects: Callable[[Any], Iterator[AwsObject]]
    name: Callable[[Value], str | None]


_EGRESS, _INGRESS = "aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule"

CONNECTING_TYPES: Final[Mapping[str, ConnectingType]] = {
    "aws_route": ConnectingType(_routes, _route_name),
    "aws_route_table_association": ConnectingType(_associations, _association_name),
    _EGRESS: ConnectingType(_rules(_EGRESS, egress=True), _rule_name),
    _INGRESS: ConnectingType(_rules(_INGRESS, egress=False), _rule_name),
}
