"""Count the objects in an AWS account by type: those of one environment, and all others.

The counts come from AWS's API, not from Terraform. An object belongs to an environment if its description contains the
environment's name, tag or domain, its VPC or one of its instances.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from wealist.model import types
from wealist.operations.aws import Clients, items
from wealist.operations.lookup import list_objects
from wealist.progress import step
from wealist.spec.account import CDN_CERTIFICATE_REGION, DOMAIN, PIPELINE_WORD, PROJECT, REGION

_KEY: Final = "aws_kms_key"
_AWS_MANAGED: Final = ":iam::aws:"
"""Part of the ARN of an IAM policy that AWS manages."""
GONE: Final = re.compile(r'"(?:State|Status)": (?:\{[^}]*)?"(?:terminated|deleted|deleting)"')
"""AWS describes some objects for an hour after they are deleted."""


@dataclass
class ObjectCounts:
    """The number of objects of each type that belong to an environment (`own`), and of those that do not."""

    own: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)


def ownership_pattern(client: Clients, environment: str) -> re.Pattern[str]:
    """Return a pattern that matches the JSON description of an environment's objects.

    Call it while the environment's VPC and instances exist: it contains their ids.
    """
    ec2 = client("ec2")
    tag = [{"Name": "tag:Environment", "Values": [environment]}]
    ids = [vpc["VpcId"] for vpc in ec2.describe_vpcs(Filters=tag)["Vpcs"]]
    for reservation in ec2.describe_instances(Filters=[{"Name": "vpc-id", "Values": ids}])["Reservations"]:
        ids += [instance["InstanceId"] for instance in reservation["Instances"]]
    name, domain = re.escape(environment), re.escape(DOMAIN)
    patterns = [
        *ids,
        rf"\b{PROJECT}-{name}\b",
        # The pipeline's role that plans an environment belongs to the account.
        rf"\b{PROJECT}-(?!{PIPELINE_WORD}-)[a-z-]+-{name}\b",
        rf"/{PROJECT}/{name}/",
        rf"\b{name}\.{domain}\b",
        rf'"Value": "{name}"',
    ]
    return re.compile("|".join(patterns))


def count_objects(client: Clients, own: re.Pattern[str]) -> ObjectCounts:
    """Count the objects in the account.

    Args:
        client: Creates boto3 clients.
        own: The `ownership_pattern` of the environment.
    """
    counts = ObjectCounts()
    for kind, thing in all_objects(client):
        described = json.dumps(thing, default=str)
        if _AWS_MANAGED not in described and not GONE.search(described):
            (counts.own if own.search(described) else counts.others)[kind] += 1
    return counts


def count_before_and_after(
    client: Clients, environment: str, action: Callable[[], object]
) -> tuple[ObjectCounts, ObjectCounts]:
    """Count the objects in the account before and after an action.

    Args:
        client: Creates boto3 clients.
        environment: The environment whose objects are counted as its own.
        action: What to do between the counts.
    """
    own = ownership_pattern(client, environment)
    with step("count the objects in the account"):
        before = count_objects(client, own)
    action()
    with step("count the objects in the account"):
        return before, count_objects(client, own)


def all_objects(client: Clients) -> Iterator[tuple[str, Any]]:
    """Iterate over the objects of all types that types.toml can list: Terraform's type, AWS's description."""
    calls: set[tuple[str | None, str | None]] = set()
    for kind, row in types.rows().items():
        lookup = row.lookup
        if lookup and lookup.call and (call := (lookup.call, lookup.items)) not in calls and kind != _KEY:
            calls.add(call)
            yield from ((kind, thing) for thing in list_objects(row, client))
    yield from _records(client)
    yield from _keys(client)


def _records(client: Clients) -> Iterator[tuple[str, Any]]:
    dns = client("route53")
    for zone in items(dns, "list_hosted_zones", "HostedZones"):
        for record in items(dns, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone["Id"]):
            yield "aws_route53_record", record


def _keys(client: Clients) -> Iterator[tuple[str, Any]]:
    """Iterate over enabled keys, with their tags. KMS deletes a key weeks after it is destroyed, and disables it."""
    for kms in (client("kms", region) for region in (REGION, CDN_CERTIFICATE_REGION)):
        for key in items(kms, "list_keys", "Keys"):
            described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
            if described["KeyState"] == "Enabled":
                tags = kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]
                # KMS names the keys of its tags differently than other services.
                yield _KEY, described | {"Tags": [{"Key": tag["TagKey"], "Value": tag["TagValue"]} for tag in tags]}
