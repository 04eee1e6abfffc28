"""All checks, with the rights in AWS that they need, and the one policy of them.

ACCOUNT ─ asked of AWS ──────────────────┐
OUTSIDE ─ asked of GitHub and the world ─┴─► the command        ACCOUNT ─ actions ─► policy()
"""

from collections.abc import Mapping
from typing import Any, Final

from wealist.operations.preflight.account import linked_roles, oidc_provider, parameters
from wealist.operations.preflight.check import Group
from wealist.operations.preflight.downloads import downloads
from wealist.operations.preflight.names import buckets, certificates, delegation, zone
from wealist.operations.preflight.offers import cache_nodes, database_classes, endpoint_services, instance_types
from wealist.operations.preflight.quotas import quotas
from wealist.operations.preflight.repository import repository
from wealist.operations.preflight.rights import role_rights
from wealist.operations.preflight.states import state_bucket, states
from wealist.operations.preflight.support import support
from wealist.spec.account import ACCOUNT_ID, PIPELINE, PROJECT, STATE_BUCKET

IDENTITY: Final = ("sts:GetCallerIdentity",)
INSIDE: Final = (
    Group(instance_types, ("ec2:DescribeInstanceTypeOfferings",)),
    Group(database_classes, ("rds:DescribeOrderableDBInstanceOptions",)),
    Group(cache_nodes, ("elasticache:DescribeReservedCacheNodesOfferings",)),
    Group(endpoint_services, ("ec2:DescribeVpcEndpointServices",)),
    Group(
        quotas,
        (
            "servicequotas:GetServiceQuota",
            "servicequotas:GetAWSDefaultServiceQuota",
            "ec2:DescribeVpcs",
            "ec2:DescribeAddresses",
            "ec2:DescribeSecurityGroupRules",
            "ec2:DescribeVpcEndpoints",
            "autoscaling:DescribeAutoScalingGroups",
            "s3:ListAllMyBuckets",
        ),
    ),
    Group(buckets, ("s3:ListBucket", "s3:ListAllMyBuckets")),
    Group(zone, ("route53:ListHostedZones",)),
    Group(certificates, ("acm:ListCertificates", "acm:DescribeCertificate")),
    Group(oidc_provider, ("iam:GetOpenIDConnectProvider",)),
    Group(linked_roles, ("iam:ListRoles",)),
    Group(state_bucket, ("s3:GetBucketVersioning",)),
    Group(states, ("s3:GetObject", "s3:ListBucket")),
    Group(parameters, ("ssm:DescribeParameters",)),
    Group(role_rights, ("iam:SimulatePrincipalPolicy",)),
    Group(support),
)
"""What is asked of the account, or of nobody."""
OUTSIDE: Final = (
    Group(delegation, ("route53:ListHostedZones", "route53:GetHostedZone")),
    Group(downloads),
    Group(repository),
)
"""What is asked of others, too."""
_BUCKETS: Final = f"arn:aws:s3:::{PROJECT}-*"
_RESOURCES: Final = {
    "iam:SimulatePrincipalPolicy": f"arn:aws:iam::{ACCOUNT_ID}:role/{PIPELINE}-*",
    "s3:GetBucketVersioning": f"arn:aws:s3:::{STATE_BUCKET}",
    "s3:GetObject": f"arn:aws:s3:::{STATE_BUCKET}/{PROJECT}/*",
    "s3:ListBucket": _BUCKETS,
}
"""Actions that need not be allowed on everything."""


def policy() -> Mapping[str, Any]:
    """The policy of whoever runs the command: every action of a check, and no other."""
    actions = {*IDENTITY, *(action for group in (*INSIDE, *OUTSIDE) for action in group.actions)}
    held = [
        {"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in sorted(_RESOURCES.items())
    ]
    everywhere = {"Effect": "Allow", "Action": sorted(actions - _RESOURCES.keys()), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [everywhere, *held]}
