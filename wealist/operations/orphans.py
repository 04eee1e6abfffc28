"""What a killed apply made and its state does not know: found before the next apply makes it a second time.

plan.json ─┬─ what is to be created, by type and Name ──┐
           └─ ids that the state knows ─────────────────┤
AWS ─ what is tagged as this stack's, or bears its name ┴─► import blocks

Terraform writes its state every 20 seconds at best, so that what a killed apply made since is not in it. AWS makes some
things again without a word, and refuses others because their name is taken. Parts of them (routes, rules, records) are
left to Terraform's own error, which names the one that exists.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from wealist.operations.aws import Clients, clients, items
from wealist.operations.errors import BAD_INPUT, OperatorError
from wealist.spec.account import CDN_CERTIFICATE_REGION, REGION

EC2_TYPES: Final = {
    "eipalloc": "aws_eip",
    "fl": "aws_flow_log",
    "igw": "aws_internet_gateway",
    "nat": "aws_nat_gateway",
    "rtb": "aws_route_table",
    "sg": "aws_security_group",
    "subnet": "aws_subnet",
    "vol": "aws_ebs_volume",
    "vpc": "aws_vpc",
    "vpce": "aws_vpc_endpoint",
}
"""What an id of EC2 begins with → Terraform's type.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
"""


@dataclass(frozen=True)
class Listing:
    """How AWS lists the things of a type.

    Attributes:
        argument: Terraform's argument that holds the name.
        service: boto3's name of the service.
        operation: boto3's name of the operation.
        part: The part of the answer that holds the things.
        name: The key of a thing's name.
        id: The key of what an `import` block takes.
    """

    argument: str
    service: str
    operation: str
    part: str
    name: str
    id: str


NAMED: Final = {
    "aws_autoscaling_group": Listing(
        "name", "autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", *2 * ("AutoScalingGroupName",)
    ),
    "aws_cloudwatch_log_group": Listing("name", "logs", "describe_log_groups", "logGroups", *2 * ("logGroupName",)),
    "aws_db_instance": Listing(
        "identifier", "rds", "describe_db_instances", "DBInstances", *2 * ("DBInstanceIdentifier",)
    ),
    "aws_db_subnet_group": Listing(
        "name", "rds", "describe_db_subnet_groups", "DBSubnetGroups", *2 * ("DBSubnetGroupName",)
    ),
    "aws_ecr_repository": Listing("name", "ecr", "describe_repositories", "repositories", *2 * ("repositoryName",)),
    "aws_elasticache_replication_group": Listing(
        "replication_group_id",
        "elasticache",
        "describe_replication_groups",
        "ReplicationGroups",
        *2 * ("ReplicationGroupId",),
    ),
    "aws_iam_instance_profile": Listing(
        "name", "iam", "list_instance_profiles", "InstanceProfiles", *2 * ("InstanceProfileName",)
    ),
    "aws_iam_policy": Listing("name", "iam", "list_policies", "Policies", "PolicyName", "Arn"),
    "aws_iam_role": Listing("name", "iam", "list_roles", "Roles", *2 * ("RoleName",)),
    "aws_kms_alias": Listing("name", "kms", "list_aliases", "Aliases", *2 * ("AliasName",)),
    "aws_launch_template": Listing(
        "name", "ec2", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateName", "LaunchTemplateId"
    ),
    "aws_lb": Listing(
        "name", "elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerName", "LoadBalancerArn"
    ),
    "aws_lb_target_group": Listing(
        "name", "elbv2", "describe_target_groups", "TargetGroups", "TargetGroupName", "TargetGroupArn"
    ),
    "aws_s3_bucket": Listing("bucket", "s3", "list_buckets", "Buckets", *2 * ("Name",)),
    "aws_ssm_parameter": Listing("name", "ssm", "describe_parameters", "Parameters", *2 * ("Name",)),
}
"""Types whose name AWS takes once."""


@dataclass(frozen=True, order=True)
class Orphan:
    """A thing in AWS that a plan would make again.

    Attributes:
        address: Where the plan would make it.
        id: What an `import` block takes.
    """

    address: str
    id: str


@dataclass(frozen=True)
class _Thing:
    type: str
    name: str
    id: str


def imports(plan_json: Path, environ: Mapping[str, str]) -> dict[str, list[dict[str, str]]]:
    """Reads a plan, looks into AWS, and makes the `import` blocks of what an apply would make a second time.

    https://developer.hashicorp.com/terraform/language/import

    Args:
        plan_json: What `terraform show -json` wrote of a plan made after the kill.
        environ: The environment variables that lead to AWS.

    Returns:
        Terraform JSON for a file beside the stack's; empty when there is nothing to take in.

    Raises:
        OperatorError: the file is no plan, or AWS refuses to answer.
    """
    try:
        found = find(json.loads(plan_json.read_text(encoding="utf-8")), clients(environ))
    except (BotoCoreError, ClientError) as error:
        raise OperatorError(
            f"AWS does not answer: {error}", remedy="export the credentials that Terraform planned with"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise OperatorError(
            f"{plan_json} is no plan of a stack as JSON ({type(error).__name__})",
            remedy="run `python -m wealist plan ENV`, and give the path that it prints behind `json:`",
            exit_code=BAD_INPUT,
        ) from None
    return {"import": [{"to": orphan.address, "id": orphan.id} for orphan in found]} if found else {}


def find(planned: Mapping[str, Any], client: Clients) -> list[Orphan]:
    """The things that an apply of the plan would make a second time.

    Args:
        planned: A plan as data (`terraform show -json`), made after the kill.
        client: Makes boto3 clients that may read what the stack holds.

    Returns:
        Each thing with its address. Two things for one address are both there: an operator must look at them.
    """
    wanted = {(kind, name): address for kind, name, address in _created(planned)}
    kinds = {kind for kind, _ in wanted}
    known = set(_known(planned.get("prior_state", {}).get("values", {}).get("root_module", {})))
    found = (thing for thing in _things(client, kinds, _environment(planned)) if thing.id not in known)
    return sorted(
        {Orphan(wanted[thing.type, thing.name], thing.id) for thing in found if (thing.type, thing.name) in wanted}
    )


def _created(planned: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Type, name and address of what a plan creates."""
    for change in planned.get("resource_changes", []):
        if change["mode"] == "managed" and change["change"]["actions"] == ["create"]:
            after = change["change"]["after"]
            if change["type"] in NAMED:
                name = after.get(NAMED[change["type"]].argument)
            elif change["type"] == "aws_route53_zone":
                name = after["name"]  # a zone gets its tags after it was made, and may have been left without them
            else:
                name = (after.get("tags") or {}).get("Name")
            if name:
                yield change["type"], name, change["address"]


def _environment(planned: Mapping[str, Any]) -> str:
    """The value of the tag that the provider gives to everything of the stack."""
    provider = planned["configuration"]["provider_config"]["aws"]["expressions"]
    return str(provider["default_tags"][0]["tags"]["constant_value"]["Environment"])


def _known(module: Mapping[str, Any]) -> Iterator[str]:
    """Ids and ARNs of everything in a state."""
    for resource in module.get("resources", []):
        yield from (value for name in ("id", "arn") if (value := resource["values"].get(name)))
    for child in module.get("child_modules", []):
        yield from _known(child)


def _things(client: Clients, kinds: set[str], environment: str) -> Iterator[_Thing]:
    """What AWS holds of the wanted types. Asks for nothing else."""
    for kind in sorted(kinds & set(NAMED)):
        listing = NAMED[kind]
        for thing in items(client(listing.service), listing.operation, listing.part):
            yield _Thing(kind, thing[listing.name], thing[listing.id])
    if kinds & set(EC2_TYPES.values()):
        yield from _of_ec2(client("ec2"), environment)
    if "aws_kms_key" in kinds:
        yield from _of_kms(client("kms"))
    if "aws_acm_certificate" in kinds:
        for region in (REGION, CDN_CERTIFICATE_REGION):
            yield from _of_acm(client("acm", region))
    if "aws_route53_zone" in kinds:
        for zone in items(client("route53"), "list_hosted_zones", "HostedZones"):
            yield _Thing("aws_route53_zone", zone["Name"].removesuffix("."), zone["Id"].removeprefix("/hostedzone/"))


def _of_ec2(ec2: Any, environment: str) -> Iterator[_Thing]:  # noqa: ANN401  a boto3 client
    ours = {"Name": "tag:Environment", "Values": [environment]}
    ids = {tag["ResourceId"] for tag in items(ec2, "describe_tags", "Tags", Filters=[ours])}
    deleted = {"Name": "state", "Values": ["deleting", "deleted"]}
    gone = {gateway["NatGatewayId"] for gateway in items(ec2, "describe_nat_gateways", "NatGateways", Filter=[deleted])}
    for tag in items(ec2, "describe_tags", "Tags", Filters=[{"Name": "key", "Values": ["Name"]}]):
        kind = EC2_TYPES.get(tag["ResourceId"].partition("-")[0])
        if kind and tag["ResourceId"] in ids - gone:
            yield _Thing(kind, tag["Value"], tag["ResourceId"])


def _of_kms(kms: Any) -> Iterator[_Thing]:  # noqa: ANN401  a boto3 client
    for key in items(kms, "list_keys", "Keys"):
        described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        if described["KeyManager"] == "CUSTOMER" and described["KeyState"] == "Enabled":
            tags = kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]
            names = [tag["TagValue"] for tag in tags if tag["TagKey"] == "Name"]
            yield from (_Thing("aws_kms_key", name, key["KeyId"]) for name in names)


def _of_acm(acm: Any) -> Iterator[_Thing]:  # noqa: ANN401  a boto3 client
    for certificate in items(acm, "list_certificates", "CertificateSummaryList"):
        arn = certificate["CertificateArn"]
        tags = acm.list_tags_for_certificate(CertificateArn=arn)["Tags"]
        yield from (_Thing("aws_acm_certificate", tag["Value"], arn) for tag in tags if tag["Key"] == "Name")
