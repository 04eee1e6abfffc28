"""Look up the objects of a type in an AWS account, by name, with the id that `terraform import` takes.

`lookup` of a type's row ─┬─ by, call    what one call lists, by a name that AWS takes once ┐
                          ├─ code        CODE below: several calls                         ├─► type, name, import id
                          ├─ prefix      EC2: by tag or VPC (lookup_network.py)            ┘
                          └─ form        not looked up
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wealist.model import types
from wealist.model.types import Lookup, Type
from wealist.operations.aws import Clients, items, search
from wealist.spec.account import ACCOUNT_ID, CDN_CERTIFICATE_REGION, REGION

BY_TAG: Final = "tags.Name"
"""`by` of types that have no name but their tag."""
_LOCATOR: Final = re.compile(r"(?:arn:|https?://).*[:/]")
"""What stands before the name in an ARN or URL."""
_OF_ACCOUNT: Final[Mapping[str, Mapping[str, str]]] = {"budgets": {"AccountId": ACCOUNT_ID}}
"""Services that are asked for one account's things → how."""


@dataclass(frozen=True)
class AwsObject:
    """An object in AWS.

    Attributes:
        type: Terraform's type.
        name: Tells it from the others of its type.
        id: What an `import` block takes.
    """

    type: str
    name: str
    id: str


def lookup_of(kind: str) -> Lookup | None:
    """How objects of a type are looked up; None where they are not."""
    row = types.row(kind)
    return row.lookup if row and row.lookup and not row.lookup.form else None


def listings(row: Type, client: Clients) -> Iterator[Any]:
    """Everything that the call of a row's lookup lists, in each region that the type is made in."""
    if row.lookup and row.lookup.call and row.lookup.items:
        service, _, operation = row.lookup.call.partition(".")
        for region in regions(row):
            yield from items(client(service, region), operation, row.lookup.items, **_OF_ACCOUNT.get(service, {}))


def regions(row: Type) -> tuple[str, ...]:
    """Where objects of a type may be."""
    return (REGION, CDN_CERTIFICATE_REGION) if row.cdn_region else (REGION,)


def objects(client: Clients, kind: str) -> Iterator[AwsObject]:
    """Every object of a type that is looked up by a name, or by code.

    Args:
        client: Makes boto3 clients that may read.
        kind: Terraform's type.
    """
    if kind in CODE:
        yield from (AwsObject(kind, name, id_) for name, id_ in CODE[kind](client))
        return
    row, lookup = types.row(kind), lookup_of(kind)
    if row is None or lookup is None:
        return
    for each in listings(row, client):
        for name in _names(lookup, each):
            yield AwsObject(kind, _LOCATOR.sub("", name), search(lookup.id, each) if lookup.id else name)


def _names(lookup: Lookup, entry: Any) -> list[str]:  # noqa: ANN401  as boto3 answers
    found = search(lookup.name or "@", entry)
    return found if isinstance(found, list) else [found]


def _budgets(client: Clients) -> Iterator[tuple[str, str]]:
    for budget in items(client("budgets"), "describe_budgets", "Budgets", **_OF_ACCOUNT["budgets"]):
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


CODE: Final[Mapping[str, Callable[[Clients], Iterator[tuple[str, str]]]]] = {
    "aws_budgets_budget": _budgets,
    "aws_acm_certificate": _certificates,
    "aws_codedeploy_deployment_group": _deployment_groups,
    "aws_kms_key": _keys,
    "aws_route53_zone": _zones,
}
"""Types that take several calls → the names and import ids of all their objects."""
