"""What an AWS account holds, asked of AWS's own API and not of Terraform: type by type, whose it is and how many.

Something is an environment's when its description says so: a name, a tag, a domain, the VPC or an instance.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from wealist.model import types
from wealist.operations.aws import Clients, items
from wealist.operations.lookup import listings
from wealist.progress import step
from wealist.spec.account import CDN_CERTIFICATE_REGION, DOMAIN, PIPELINE_WORD, PROJECT, REGION

_KEY: Final = "aws_kms_key"
_OF_AWS: Final = ":iam::aws:"
"""In the ARN of a policy that is AWS's own."""
GONE: Final = re.compile(r'"(?:State|Status)": (?:\{[^}]*)?"(?:terminated|deleted|deleting)"')
"""AWS describes some things for an hour after they are gone."""


@dataclass
class Holdings:
    """How many things of each type are an environment's, and how many are not."""

    own: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)


def marks(client: Clients, environment: str) -> re.Pattern[str]:
    """What the description of a thing of an environment holds. Ask while its VPC and its instances exist."""
    ec2 = client("ec2")
    tag = [{"Name": "tag:Environment", "Values": [environment]}]
    ids = [vpc["VpcId"] for vpc in ec2.describe_vpcs(Filters=tag)["Vpcs"]]
    for reservation in ec2.describe_instances(Filters=[{"Name": "vpc-id", "Values": ids}])["Reservations"]:
        ids += [instance["InstanceId"] for instance in reservation["Instances"]]
    name, domain = re.escape(environment), re.escape(DOMAIN)
    return re.compile(
        "|".join(
            [
                *ids,
                rf"\b{PROJECT}-{name}\b",
                # The role that plans an environment is the account's.
                rf"\b{PROJECT}-(?!{PIPELINE_WORD}-)[a-z-]+-{name}\b",
                rf"/{PROJECT}/{name}/",
                rf"\b{name}\.{domain}\b",
                rf'"Value": "{name}"',
            ]
        )
    )


def count(client: Clients, own: re.Pattern[str]) -> Holdings:
    """Count what the account holds.

    Args:
        client: Makes boto3 clients.
        own: What tells that a thing is the environment's.
    """
    holdings = Holdings()
    for kind, thing in everything(client):
        described = json.dumps(thing, default=str)
        if _OF_AWS not in described and not GONE.search(described):
            (holdings.own if own.search(described) else holdings.others)[kind] += 1
    return holdings


def around(client: Clients, environment: str, action: Callable[[], object]) -> tuple[Holdings, Holdings]:
    """Count what the account holds before and after something is done to an environment.

    Args:
        client: Makes boto3 clients.
        environment: Its name; what is its own is known by what it holds before.
        action: What is done.
    """
    own = marks(client, environment)
    with step("count what the account holds"):
        before = count(client, own)
    action()
    with step("count what the account holds"):
        return before, count(client, own)


def everything(client: Clients) -> Iterator[tuple[str, Any]]:
    """Every thing in the account that a type of types.toml lists: its type, and how AWS describes it."""
    calls: set[tuple[str | None, str | None]] = set()
    for kind, row in types.rows().items():
        lookup = row.lookup
        if lookup and lookup.call and (call := (lookup.call, lookup.items)) not in calls and kind != _KEY:
            calls.add(call)
            yield from ((kind, thing) for thing in listings(row, client))
    yield from _records(client)
    yield from _keys(client)


def _records(client: Clients) -> Iterator[tuple[str, Any]]:
    dns = client("route53")
    for zone in items(dns, "list_hosted_zones", "HostedZones"):
        for record in items(dns, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone["Id"]):
            yield "aws_route53_record", record


def _keys(client: Clients) -> Iterator[tuple[str, Any]]:
    """The keys with their tags; a destroyed key waits for its deletion for weeks, and is none."""
    for kms in (client("kms", region) for region in (REGION, CDN_CERTIFICATE_REGION)):
        for key in items(kms, "list_keys", "Keys"):
            described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
            if described["KeyState"] == "Enabled":
                yield _KEY, described | {"Tags": _as_elsewhere(kms.list_resource_tags(KeyId=key["KeyId"])["Tags"])}


def _as_elsewhere(tags: list[dict[str, str]]) -> list[dict[str, str]]:
    """KMS' tags in the shape of every other service's."""
    return [{"Key": tag["TagKey"], "Value": tag["TagValue"]} for tag in tags]
