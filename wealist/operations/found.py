"""How a thing of each type is found in AWS, by its name, and what `terraform import` takes for it.

NAMED      by a name that AWS takes once       ┐
SEARCHED   in a way of the type's own          ├─► type, name, import id
EC2_TYPES  by the tags Environment and Name    ┘
PARTS      not at all: declared, with the import id's form

The forms of the import ids: https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wealist.operations.aws import Clients, items
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
        region: Where it is listed.
    """

    argument: str
    service: str
    operation: str
    part: str
    name: str
    id: str
    region: str = REGION


NAMED: Final = {
    "aws_autoscaling_group": Listing(
        "name", "autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", *2 * ("AutoScalingGroupName",)
    ),
    "aws_cloudwatch_log_delivery_destination": Listing(
        "name",
        "logs",
        "describe_delivery_destinations",
        "deliveryDestinations",
        *2 * ("name",),
        region=CDN_CERTIFICATE_REGION,
    ),
    "aws_cloudwatch_log_delivery_source": Listing(
        "name", "logs", "describe_delivery_sources", "deliverySources", *2 * ("name",), region=CDN_CERTIFICATE_REGION
    ),
    "aws_cloudwatch_log_group": Listing("name", "logs", "describe_log_groups", "logGroups", *2 * ("logGroupName",)),
    "aws_db_instance": Listing(
        "identifier", "rds", "describe_db_instances", "DBInstances", *2 * ("DBInstanceIdentifier",)
    ),
    "aws_db_parameter_group": Listing(
        "name", "rds", "describe_db_parameter_groups", "DBParameterGroups", *2 * ("DBParameterGroupName",)
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
    "aws_elasticache_subnet_group": Listing(
        "name", "elasticache", "describe_cache_subnet_groups", "CacheSubnetGroups", *2 * ("CacheSubnetGroupName",)
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

_SET_AGAIN: Final = "setting it again changes nothing"
_OF_A_BUCKET: Final = f"BUCKET; {_SET_AGAIN}"

PARTS: Final = {
    "aws_acm_certificate_validation": "none: it only waits",
    "aws_autoscaling_policy": f"GROUP/POLICY; {_SET_AGAIN}",
    "aws_cloudwatch_log_delivery": "the delivery's id; AWS refuses a second one",
    "aws_default_security_group": "sg-…; AWS makes it, and Terraform only takes it over",
    "aws_ecr_lifecycle_policy": f"REPOSITORY; {_SET_AGAIN}",
    "aws_iam_openid_connect_provider": "the provider's ARN; AWS refuses a second one",
    "aws_iam_role_policy": f"ROLE:POLICY; {_SET_AGAIN}",
    "aws_iam_role_policy_attachment": f"ROLE/POLICY'S ARN; {_SET_AGAIN}",
    "aws_lb_listener": "the listener's ARN; AWS answers with the same one again",
    "aws_lb_listener_rule": "the rule's ARN; AWS refuses a second one",
    "aws_route": "rtb-…_DESTINATION; AWS refuses a second one",
    "aws_route53_record": "ZONE_NAME_TYPE; AWS refuses a second one",
    "aws_route_table_association": "subnet-…/rtb-…; AWS refuses a second one",
    "aws_s3_bucket_lifecycle_configuration": _OF_A_BUCKET,
    "aws_s3_bucket_ownership_controls": _OF_A_BUCKET,
    "aws_s3_bucket_policy": _OF_A_BUCKET,
    "aws_s3_bucket_public_access_block": _OF_A_BUCKET,
    "aws_s3_bucket_server_side_encryption_configuration": _OF_A_BUCKET,
    "aws_s3_bucket_versioning": _OF_A_BUCKET,
    "aws_s3_object": f"BUCKET/KEY; {_SET_AGAIN}",
    "aws_vpc_security_group_egress_rule": "sgr-…; AWS refuses a second one",
    "aws_vpc_security_group_ingress_rule": "sgr-…; AWS refuses a second one",
}
"""Types that are not looked for → what `terraform import` takes, and what a second apply without it comes to.
"""


@dataclass(frozen=True)
class Thing:
    """A thing in AWS.

    Attributes:
        type: Terraform's type.
        name: What it is known by among those of its type.
        id: What an `import` block takes.
    """

    type: str
    name: str
    id: str


def things(client: Clients, kinds: set[str], environment: str) -> Iterator[Thing]:
    """What AWS holds of the wanted types. Asks for nothing else.

    Args:
        client: Makes boto3 clients that may read.
        kinds: Terraform's types.
        environment: The tag of those things of EC2 that are wanted.
    """
    for kind in sorted(kinds & NAMED.keys()):
        listing = NAMED[kind]
        for thing in items(client(listing.service, listing.region), listing.operation, listing.part):
            yield Thing(kind, thing[listing.name], thing[listing.id])
    for kind in sorted(kinds & SEARCHED.keys()):
        yield from (Thing(kind, name, id_) for name, id_ in SEARCHED[kind](client))
    if kinds & set(EC2_TYPES.values()):
        yield from _of_ec2(client("ec2"), environment)


def _of_ec2(ec2: Any, environment: str) -> Iterator[Thing]:  # noqa: ANN401  a boto3 client
    ours = {"Name": "tag:Environment", "Values": [environment]}
    ids = {tag["ResourceId"] for tag in items(ec2, "describe_tags", "Tags", Filters=[ours])}
    deleted = {"Name": "state", "Values": ["deleting", "deleted"]}
    gone = {gateway["NatGatewayId"] for gateway in items(ec2, "describe_nat_gateways", "NatGateways", Filter=[deleted])}
    for tag in items(ec2, "describe_tags", "Tags", Filters=[{"Name": "key", "Values": ["Name"]}]):
        kind = EC2_TYPES.get(tag["ResourceId"].partition("-")[0])
        if kind and tag["ResourceId"] in ids - gone:
            yield Thing(kind, tag["Value"], tag["ResourceId"])


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
"""Types that are found in a way of their own → the names and import ids of all of them."""
