"""Look up the objects of a type in an AWS account, by name, with the id that `terraform import` takes.

lookup.toml ─┬─ NAMED      by a name that AWS takes once          ┐
             │  SEARCHED   by calls of the type's own             ├─► type, name, import id
             ├─ NETWORK    EC2: by tag or VPC (lookup_network.py) ┘
             └─ PARTS      not looked up
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wealist.operations.aws import Clients, items
from wealist.spec.account import CDN_CERTIFICATE_REGION, REGION

_TABLE: Final = tomllib.loads(Path(__file__).with_name("lookup.toml").read_text(encoding="utf-8"))


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


@dataclass(frozen=True)
class Listing:
    """How AWS lists the objects of a type. `lookup.toml` explains the fields."""

    argument: str
    service: str
    call: str
    part: str
    name: str
    id: str
    region: str


@dataclass(frozen=True)
class NetworkListing:
    """How EC2 lists the objects of a type. `lookup.toml` explains the fields."""

    call: str
    part: str
    id: str
    vpc: str | None = None
    name: str | None = None
    argument: str | None = None


@dataclass(frozen=True)
class Part:
    """A type that is not looked up.

    Attributes:
        id: The form of its import id; empty where it cannot be imported.
        again: What an apply does that does not know of the one that exists.
    """

    id: str
    again: str


def _listing(row: Mapping[str, str]) -> Listing:
    region = CDN_CERTIFICATE_REGION if row.get("region") == "cdn" else REGION
    return Listing(**{"id": row["name"], **row, "region": region})


NAMED: Final[Mapping[str, Listing]] = {kind: _listing(row) for kind, row in _TABLE["named"].items()}
"""Types whose name AWS takes once."""

NETWORK: Final[Mapping[str, NetworkListing]] = {kind: NetworkListing(**row) for kind, row in _TABLE["network"].items()}
"""Types of EC2, each after those that its arguments refer to."""

PARTS: Final[Mapping[str, Part]] = {kind: Part(**row) for kind, row in _TABLE["parts"].items()}
"""Types that are not looked up."""


def objects(client: Clients, kind: str) -> Iterator[AwsObject]:
    """Every object of a type in NAMED or SEARCHED.

    Args:
        client: Makes boto3 clients that may read.
        kind: Terraform's type.
    """
    if kind in SEARCHED:
        yield from (AwsObject(kind, name, id_) for name, id_ in SEARCHED[kind](client))
        return
    listing = NAMED[kind]
    for each in items(client(listing.service, listing.region), listing.call, listing.part):
        yield AwsObject(kind, each[listing.name], each[listing.id])


def _certificates(client: Clients) -> Iterator[tuple[str, str]]:
    for region in (REGION, CDN_CERTIFICATE_REGION):
        acm = client("acm", region)
        for certificate in items(acm, "list_certificates", "CertificateSummaryList"):
            arn = certificate["CertificateArn"]
            tags = acm.list_tags_for_certificate(CertificateArn=arn)["Tags"]
            yield from ((tag["Value"], arn) for tag in tags if tag["Key"] == "Name")


def _distributions(client: Clients) -> Iterator[tuple[str, str]]:
    for page in client("cloudfront").get_paginator("list_distributions").paginate():
        for distribution in page["DistributionList"].get("Items", []):
            # An alias is one distribution's, and the list holds no tags.
            yield from ((alias, distribution["Id"]) for alias in distribution["Aliases"].get("Items", []))


def _access_controls(client: Clients) -> Iterator[tuple[str, str]]:
    for page in client("cloudfront").get_paginator("list_origin_access_controls").paginate():
        yield from ((control["Name"], control["Id"]) for control in page["OriginAccessControlList"].get("Items", []))


def _applications(client: Clients) -> Iterator[tuple[str, str]]:
    yield from ((name, name) for name in items(client("codedeploy"), "list_applications", "applications"))


def _deployment_groups(client: Clients) -> Iterator[tuple[str, str]]:
    for app, _ in _applications(client):
        groups = items(client("codedeploy"), "list_deployment_groups", "deploymentGroups", applicationName=app)
        yield from ((f"{app}:{group}", f"{app}:{group}") for group in groups)


def _keys(client: Clients) -> Iterator[tuple[str, str]]:
    kms = client("kms")
    for key in items(kms, "list_keys", "Keys"):
        described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        if described["KeyManager"] == "CUSTOMER" and described["KeyState"] == "Enabled":
            tags = kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]
            yield from ((tag["TagValue"], key["KeyId"]) for tag in tags if tag["TagKey"] == "Name")


def _zones(client: Clients) -> Iterator[tuple[str, str]]:
    for zone in items(client("route53"), "list_hosted_zones", "HostedZones"):
        yield zone["Name"].removesuffix("."), zone["Id"].removeprefix("/hostedzone/")


SEARCHED: Final[Mapping[str, Callable[[Clients], Iterator[tuple[str, str]]]]] = {
    "aws_acm_certificate": _certificates,
    "aws_cloudfront_distribution": _distributions,
    "aws_cloudfront_origin_access_control": _access_controls,
    "aws_codedeploy_app": _applications,
    "aws_codedeploy_deployment_group": _deployment_groups,
    "aws_kms_key": _keys,
    "aws_route53_zone": _zones,
}
"""Types that are looked up by calls of their own → the names and import ids of all their objects."""
