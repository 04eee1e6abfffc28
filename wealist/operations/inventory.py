"""What an AWS account holds, asked of AWS's own API and not of Terraform: type by type, whose it is and how many.

Something is an environment's when its description says so: a name, a tag, a domain, the VPC or an instance.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from wealist.operations.aws import Clients, items
from wealist.progress import step
from wealist.spec.account import CDN_CERTIFICATE_REGION, DOMAIN, PROJECT

LISTINGS: Final = (
    ("ACM certificates", "acm", "list_certificates", "CertificateSummaryList"),
    ("Auto Scaling groups", "autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups"),
    ("Auto Scaling policies", "autoscaling", "describe_policies", "ScalingPolicies"),
    ("CodeDeploy applications", "codedeploy", "list_applications", "applications"),
    ("ECR repositories", "ecr", "describe_repositories", "repositories"),
    ("EC2 addresses", "ec2", "describe_addresses", "Addresses"),
    ("EC2 flow logs", "ec2", "describe_flow_logs", "FlowLogs"),
    ("EC2 instances", "ec2", "describe_instances", "Reservations"),
    ("EC2 internet gateways", "ec2", "describe_internet_gateways", "InternetGateways"),
    ("EC2 launch templates", "ec2", "describe_launch_templates", "LaunchTemplates"),
    ("EC2 NAT gateways", "ec2", "describe_nat_gateways", "NatGateways"),
    ("EC2 network ACLs", "ec2", "describe_network_acls", "NetworkAcls"),
    ("EC2 network interfaces", "ec2", "describe_network_interfaces", "NetworkInterfaces"),
    ("EC2 route tables", "ec2", "describe_route_tables", "RouteTables"),
    ("EC2 security groups", "ec2", "describe_security_groups", "SecurityGroups"),
    ("EC2 security group rules", "ec2", "describe_security_group_rules", "SecurityGroupRules"),
    ("EC2 subnets", "ec2", "describe_subnets", "Subnets"),
    ("EC2 volumes", "ec2", "describe_volumes", "Volumes"),
    ("EC2 VPC endpoints", "ec2", "describe_vpc_endpoints", "VpcEndpoints"),
    ("EC2 VPCs", "ec2", "describe_vpcs", "Vpcs"),
    ("ElastiCache clusters", "elasticache", "describe_cache_clusters", "CacheClusters"),
    ("ElastiCache replication groups", "elasticache", "describe_replication_groups", "ReplicationGroups"),
    ("ElastiCache subnet groups", "elasticache", "describe_cache_subnet_groups", "CacheSubnetGroups"),
    ("IAM instance profiles", "iam", "list_instance_profiles", "InstanceProfiles"),
    ("IAM roles", "iam", "list_roles", "Roles"),
    ("KMS aliases", "kms", "list_aliases", "Aliases"),
    ("Load balancers", "elbv2", "describe_load_balancers", "LoadBalancers"),
    ("Load balancer target groups", "elbv2", "describe_target_groups", "TargetGroups"),
    ("Log groups", "logs", "describe_log_groups", "logGroups"),
    ("RDS instances", "rds", "describe_db_instances", "DBInstances"),
    ("RDS parameter groups", "rds", "describe_db_parameter_groups", "DBParameterGroups"),
    ("RDS snapshots", "rds", "describe_db_snapshots", "DBSnapshots"),
    ("RDS subnet groups", "rds", "describe_db_subnet_groups", "DBSubnetGroups"),
    ("S3 buckets", "s3", "list_buckets", "Buckets"),
    ("Secrets", "secretsmanager", "list_secrets", "SecretList"),
    ("SSM parameters", "ssm", "describe_parameters", "Parameters"),
)
"""Type, service, operation, and the part of the answer that holds the things."""

CDN_LISTINGS: Final = (
    ("ACM certificates of CloudFront", "acm", "list_certificates", "CertificateSummaryList"),
    ("Log deliveries", "logs", "describe_deliveries", "deliveries"),
    ("Log delivery destinations", "logs", "describe_delivery_destinations", "deliveryDestinations"),
    ("Log delivery sources", "logs", "describe_delivery_sources", "deliverySources"),
)
"""The same, in CloudFront's region."""

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
                rf"\b{PROJECT}-[a-z-]+-{name}\b",
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
        if not GONE.search(described):
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
    """Every thing in the account: its type, and how AWS describes it."""
    for kind, service, operation, part in LISTINGS:
        yield from ((kind, thing) for thing in items(client(service), operation, part))
    for kind, service, operation, part in CDN_LISTINGS:
        yield from ((kind, thing) for thing in items(client(service, CDN_CERTIFICATE_REGION), operation, part))
    yield from _with_arguments(client)


def _with_arguments(client: Clients) -> Iterator[tuple[str, Any]]:
    """What cannot be listed without saying where, or is nested deeper."""
    iam, cdn, dns, kms = client("iam"), client("cloudfront"), client("route53"), client("kms")
    for policy in iam.get_paginator("list_policies").paginate(Scope="Local").search("Policies[]"):
        yield "IAM policies", policy
    for page in cdn.get_paginator("list_distributions").paginate():
        yield from (("CloudFront distributions", item) for item in page["DistributionList"].get("Items", []))
    for control in cdn.list_origin_access_controls()["OriginAccessControlList"].get("Items", []):
        yield "CloudFront origin access controls", control
    for zone in dns.list_hosted_zones()["HostedZones"]:
        yield "Route 53 zones", zone
        for record in items(dns, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone["Id"]):
            yield "Route 53 records", record
    for key in items(kms, "list_keys", "Keys"):
        described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        if described["KeyState"] == "Enabled":  # a destroyed key waits for its deletion for weeks
            yield "KMS keys", described | {"Tags": _as_elsewhere(kms.list_resource_tags(KeyId=key["KeyId"])["Tags"])}


def _as_elsewhere(tags: list[dict[str, str]]) -> list[dict[str, str]]:
    """KMS' tags in the shape of every other service's."""
    return [{"Key": tag["TagKey"], "Value": tag["TagValue"]} for tag in tags]
