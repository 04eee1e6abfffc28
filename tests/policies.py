"""IAM policies as tests read them: taken apart, evaluated, and held against what AWS knows."""

import json
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Final, NamedTuple

import botocore.session
from moto.iam.aws_managed_policies import aws_managed_policies_data

from tests.synthesized import Stack

_EXPRESSION: Final = re.compile(r"\$\{([^}]*)\}")
_OPERATORS: Final = ("ArnLike", "StringEquals", "StringLike")
"""Condition operators that hold where the key is there and matches."""
_WITHOUT_AN_OPERATION: Final = {
    "PassRole",
    # What Systems Manager's agent calls, and nobody else.
    "ListInstanceAssociations",
    "UpdateInstanceAssociationStatus",
    "UpdateInstanceInformation",
}


class Grant(NamedTuple):
    """One action on one resource, as a statement of a policy grants it, or refuses it."""

    action: str
    resource: str
    condition: str = ""
    effect: str = "Allow"


def grants(policy: str) -> set[Grant]:
    """A policy document, taken apart. References stand as `aws_kms_key.encryption_key.arn`."""
    return {
        Grant(
            action,
            _EXPRESSION.sub(r"\1", resource),
            json.dumps(statement["Condition"], sort_keys=True) if "Condition" in statement else "",
            statement["Effect"],
        )
        for statement in json.loads(policy)["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
    }


def grants_of(stack: Stack, role: str) -> set[Grant]:
    """All that the customer-managed policies of a role say."""
    return {grant for policy in stack.policies(role).values() for grant in grants(policy["policy"])}


def allows(given: Iterable[Grant], action: str, resource: str, **context: str) -> bool:
    """Whether IAM would allow an action: a grant matches, and no refusal does.

    The context gives condition keys by their last word: `PassedToService="ec2.amazonaws.com"`. A key that it lacks
    fails its condition, as in IAM.
    """
    effects = {
        grant.effect
        for grant in given
        if fnmatchcase(action.lower(), grant.action.lower())
        and fnmatchcase(resource, grant.resource)
        and _holds(grant.condition, context)
    }
    return effects == {"Allow"}


def _holds(condition: str, context: Mapping[str, str]) -> bool:
    for operator, keys in json.loads(condition or "{}").items():
        if operator not in _OPERATORS:
            raise ValueError(f"{operator} holds in another way than this reads it; known: {', '.join(_OPERATORS)}")
        for key, wanted in keys.items():
            value = context.get(re.split(r"[:/]", key)[-1])
            patterns = [wanted] if isinstance(wanted, str) else wanted
            if value is None or not any(fnmatchcase(value, pattern) for pattern in patterns):
                return False
    return True


@cache
def operations(service: str) -> frozenset[str]:
    """Every operation of an AWS service, as AWS's own client knows them."""
    client = {"elasticloadbalancing": "elbv2"}.get(service, service)
    return frozenset(botocore.session.get_session().get_service_model(client).operation_names)


def exists(action: str) -> bool:
    """Whether AWS has an action. S3's object actions and those without a client of their own are written out."""
    service, _, verb = action.partition(":")
    by_hand = {
        "s3": {"GetObject", "GetObjectVersion", "PutObject", "DeleteObject", "ListBucket"},
        "ssmmessages": {f"{verb}{kind}Channel" for verb in ("Create", "Open") for kind in ("Control", "Data")},
        "ec2messages": {
            "AcknowledgeMessage", "DeleteMessage", "FailMessage", "GetEndpoint", "GetMessages", "SendReply"
        },
    }  # fmt: skip
    return verb in by_hand[service] if service in by_hand else verb in operations(service) | _WITHOUT_AN_OPERATION


@cache
def managed(name: str) -> frozenset[str]:
    """The actions of one of AWS's own managed policies."""
    statements = json.loads(aws_managed_policies_data)[name]["Document"]["Statement"]
    return frozenset(action for statement in statements for action in statement["Action"])


WITHOUT_RESOURCE: Final = {
    "ecr:GetAuthorizationToken",
    "ec2:DescribeInstances",
    "ec2:DescribeInstanceStatus",
    "ec2:DescribeAvailabilityZones",
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeLifecycleHooks",
    "autoscaling:DescribeNotificationConfigurations",
    "autoscaling:DescribePolicies",
    "autoscaling:DescribeScheduledActions",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTargetGroupAttributes",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
}
"""Actions that AWS authorizes on `*` alone: https://docs.aws.amazon.com/service-authorization/latest/reference/."""

LIFE: Final = {
    "aws_acm_certificate": "acm RequestCertificate DescribeCertificate DeleteCertificate AddTagsToCertificate",
    "aws_autoscaling_group": "autoscaling CreateAutoScalingGroup DescribeAutoScalingGroups UpdateAutoScalingGroup "
    "DeleteAutoScalingGroup CreateOrUpdateTags DeleteTags AttachLoadBalancerTargetGroups StartInstanceRefresh",
    "aws_autoscaling_policy": "autoscaling PutScalingPolicy DescribePolicies DeletePolicy",
    "aws_cloudfront_distribution": "cloudfront CreateDistribution GetDistribution UpdateDistribution "
    "DeleteDistribution TagResource ListTagsForResource",
    "aws_cloudfront_origin_access_control": "cloudfront CreateOriginAccessControl GetOriginAccessControl "
    "UpdateOriginAccessControl DeleteOriginAccessControl",
    "aws_cloudwatch_log_delivery": "logs CreateDelivery GetDelivery DeleteDelivery",
    "aws_cloudwatch_log_delivery_destination": "logs PutDeliveryDestination GetDeliveryDestination "
    "DeleteDeliveryDestination",
    "aws_cloudwatch_log_delivery_source": "logs PutDeliverySource GetDeliverySource DeleteDeliverySource",
    "aws_cloudwatch_log_group": "logs CreateLogGroup DescribeLogGroups PutRetentionPolicy DeleteLogGroup TagResource "
    "ListTagsForResource",
    "aws_codedeploy_app": "codedeploy CreateApplication GetApplication UpdateApplication DeleteApplication TagResource "
    "ListTagsForResource",
    "aws_codedeploy_deployment_group": "codedeploy CreateDeploymentGroup GetDeploymentGroup UpdateDeploymentGroup "
    "DeleteDeploymentGroup",
    "aws_db_instance": "rds CreateDBInstance DescribeDBInstances ModifyDBInstance DeleteDBInstance AddTagsToResource "
    "ListTagsForResource",
    "aws_db_parameter_group": "rds CreateDBParameterGroup DescribeDBParameterGroups DescribeDBParameters "
    "ModifyDBParameterGroup DeleteDBParameterGroup",
    "aws_db_subnet_group": "rds CreateDBSubnetGroup DescribeDBSubnetGroups ModifyDBSubnetGroup DeleteDBSubnetGroup",
    "aws_ecr_lifecycle_policy": "ecr PutLifecyclePolicy GetLifecyclePolicy DeleteLifecyclePolicy",
    "aws_ecr_repository": "ecr CreateRepository DescribeRepositories PutImageScanningConfiguration "
    "PutImageTagMutability DeleteRepository TagResource ListTagsForResource",
    "aws_eip": "ec2 AllocateAddress DescribeAddresses ReleaseAddress CreateTags",
    "aws_elasticache_replication_group": "elasticache CreateReplicationGroup DescribeReplicationGroups "
    "DescribeCacheClusters ModifyReplicationGroup IncreaseReplicaCount DecreaseReplicaCount DeleteReplicationGroup "
    "AddTagsToResource ListTagsForResource",
    "aws_elasticache_subnet_group": "elasticache CreateCacheSubnetGroup DescribeCacheSubnetGroups "
    "ModifyCacheSubnetGroup DeleteCacheSubnetGroup",
    "aws_flow_log": "ec2 CreateFlowLogs DescribeFlowLogs DeleteFlowLogs",
    "aws_internet_gateway": "ec2 CreateInternetGateway AttachInternetGateway DescribeInternetGateways "
    "DetachInternetGateway DeleteInternetGateway",
    "aws_kms_alias": "kms CreateAlias ListAliases UpdateAlias DeleteAlias",
    "aws_kms_key": "kms CreateKey DescribeKey GetKeyPolicy PutKeyPolicy EnableKeyRotation GetKeyRotationStatus "
    "ListResourceTags TagResource ScheduleKeyDeletion UpdateKeyDescription",
    "aws_launch_template": "ec2 CreateLaunchTemplate DescribeLaunchTemplates DescribeLaunchTemplateVersions "
    "CreateLaunchTemplateVersion ModifyLaunchTemplate DeleteLaunchTemplate RunInstances",
    "aws_lb": "elasticloadbalancing CreateLoadBalancer DescribeLoadBalancers DescribeLoadBalancerAttributes "
    "ModifyLoadBalancerAttributes SetSecurityGroups SetSubnets DeleteLoadBalancer AddTags DescribeTags",
    "aws_lb_listener": "elasticloadbalancing CreateListener DescribeListeners ModifyListener DeleteListener",
    "aws_lb_listener_rule": "elasticloadbalancing CreateRule DescribeRules ModifyRule SetRulePriorities DeleteRule",
    "aws_lb_target_group": "elasticloadbalancing CreateTargetGroup DescribeTargetGroups "
    "DescribeTargetGroupAttributes ModifyTargetGroupAttributes ModifyTargetGroup DeleteTargetGroup",
    "aws_nat_gateway": "ec2 CreateNatGateway DescribeNatGateways DeleteNatGateway",
    "aws_route": "ec2 CreateRoute ReplaceRoute DeleteRoute DescribeRouteTables",
    "aws_route53_record": "route53 ChangeResourceRecordSets ListResourceRecordSets GetChange GetHostedZone",
    "aws_route53_zone": "route53 CreateHostedZone GetHostedZone UpdateHostedZoneComment ChangeTagsForResource "
    "ListTagsForResource",
    "aws_route_table": "ec2 CreateRouteTable DescribeRouteTables DeleteRouteTable",
    "aws_route_table_association": "ec2 AssociateRouteTable DisassociateRouteTable ReplaceRouteTableAssociation",
    "aws_security_group": "ec2 CreateSecurityGroup DescribeSecurityGroups DeleteSecurityGroup "
    "RevokeSecurityGroupEgress DescribeNetworkInterfaces",
    "aws_ssm_parameter": "ssm PutParameter DescribeParameters DeleteParameter AddTagsToResource ListTagsForResource",
    "aws_subnet": "ec2 CreateSubnet DescribeSubnets ModifySubnetAttribute DeleteSubnet",
    "aws_vpc": "ec2 CreateVpc DescribeVpcs DescribeVpcAttribute ModifyVpcAttribute DeleteVpc",
    "aws_vpc_endpoint": "ec2 CreateVpcEndpoint DescribeVpcEndpoints ModifyVpcEndpoint DeleteVpcEndpoints "
    "DescribePrefixLists",
    "aws_vpc_security_group_rule": "ec2 AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress "
    "RevokeSecurityGroupIngress ModifySecurityGroupRules DescribeSecurityGroupRules",
}
"""Resource type → the calls of its life, as the provider makes them: the service, then its actions."""
ELSEWHERE: Final = {
    "aws_acm_certificate_validation": "waits for the certificate",
    "aws_default_security_group": "as aws_security_group",
    "aws_vpc_security_group_ingress_rule": "as aws_vpc_security_group_rule",
    "aws_vpc_security_group_egress_rule": "the same",
    "aws_iam_openid_connect_provider": "made once, by whoever makes the account stack",
}
"""Other types, and why they have no calls of their own here; IAM's and S3's are bounded by name, and below."""
