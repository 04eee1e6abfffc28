"""What the roles that plan and apply may do, policy by policy.

Services whose resources bear no name of ours are bounded by action; IAM, S3, SSM and Secrets Manager by name too.
"""

from collections.abc import Mapping
from typing import Final

from wealist.constructs.boundary import BOUNDARY_ARN
from wealist.spec.account import ACCOUNT_ID, PROJECT, REGION, STATE_BUCKET, STATE_LOCK_SUFFIX
from wealist.toolkit.policy import Statement, document

_READS: Final = {
    "acm": "Describe List",
    "autoscaling": "Describe",
    "cloudfront": "Get List",
    "codedeploy": "BatchGet Get List",
    "ec2": "Describe",
    "ecr": "Describe GetLifecyclePolicy GetRepositoryPolicy ListTagsForResource",
    "elasticache": "Describe ListTagsForResource",
    "elasticloadbalancing": "Describe",
    "iam": "Get List",
    "kms": "Describe GetKey List",
    "logs": "Describe GetDelivery ListTags",
    "rds": "Describe ListTagsForResource",
    "route53": "Get List",
    "s3": "GetAccelerate GetBucket GetEncryption GetLifecycle GetReplication ListBucket",
    "secretsmanager": "GetRandomPassword",
    "ssm": "DescribeParameters ListTagsForResource",
}
"""Service → beginnings of the actions that refresh what the stacks hold."""
_WRITES: Final = {
    "acm": "AddTags DeleteCertificate RemoveTags RequestCertificate",
    "autoscaling": "Attach CancelInstanceRefresh Create Delete Detach PutScalingPolicy Set StartInstanceRefresh Update",
    "cloudfront": "AllowVendedLogDeliveryForResource Create Delete Tag Untag Update",
    "codedeploy": "Create Delete Tag Untag Update",
    "ec2": "Allocate Associate Attach Authorize Create Delete Detach Disassociate Modify Release Replace Revoke "
    "RunInstances",
    "ecr": "CreateRepository DeleteLifecyclePolicy DeleteRepository PutImageScanningConfiguration "
    "PutImageTagMutability PutLifecyclePolicy Tag Untag",
    "elasticache": "AddTags Create Decrease Delete Increase Modify RemoveTags",
    "elasticloadbalancing": "AddTags Create Delete Modify RemoveTags Set",
    "kms": "Create DeleteAlias EnableKeyRotation PutKeyPolicy ScheduleKeyDeletion Tag Untag Update",
    "logs": "Create Delete PutDelivery PutRetentionPolicy Tag Untag",
    "rds": "AddTags Create Delete Modify RemoveTags",
    "route53": "Change CreateHostedZone DeleteHostedZone UpdateHostedZone",
}
"""Service → beginnings of the actions that make, change and delete what the stacks hold, IAM and S3 apart."""
_KEYS: Final = f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/*"
_KINDS: Final = ("role", "policy", "instance-profile")
_TAKE_ROLES: Final = ("codedeploy", "ec2", "vpc-flow-logs")
_MAKE_ROLES: Final = ("autoscaling", "elasticache", "elasticloadbalancing", "rds")
_OWN_BUCKETS: Final = [f"arn:aws:s3:::{PROJECT}-*"]


def plan_policies() -> dict[str, str]:
    """What the role that plans may do: policy's name → document."""
    return {"read": _read(), "state": document(*_state(write=False))}


def apply_policies() -> dict[str, str]:
    """What the role that applies may do: policy's name → document."""
    return {
        "read": _read(),
        "write": document(_patterns("Write", _WRITES), *_secrets()),
        "identity": document(*_identity(), *_buckets()),
        "state": document(*_state(write=True)),
    }


def _read() -> str:
    return document(_patterns("Read", _READS), *_parameters())


def _patterns(sid: str, beginnings: Mapping[str, str]) -> Statement:
    return Statement(
        sid=sid,
        actions=[f"{service}:{beginning}*" for service, words in beginnings.items() for beginning in words.split()],
        resources=["*"],
    )


def _parameters() -> list[Statement]:
    """Terraform compares parameters with their values, which takes the environments' keys, through SSM alone."""
    return [
        Statement(
            sid="ReadParameters",
            actions=["ssm:GetParameter", "ssm:GetParameters"],
            resources=[f"arn:aws:ssm:{REGION}:{ACCOUNT_ID}:parameter/{PROJECT}/*"],
        ),
        Statement(
            sid="DecryptParameters",
            actions=["kms:Decrypt"],
            resources=[_KEYS],
            conditions={"StringEquals": {"kms:ViaService": f"ssm.{REGION}.amazonaws.com"}},
        ),
    ]


def _secrets() -> list[Statement]:
    """What writing parameters and RDS' master password takes, some of which AWS does as the caller."""
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:rds!*"
    return [
        Statement(
            sid="WriteParameters",
            actions=["ssm:AddTagsToResource", "ssm:DeleteParameter", "ssm:PutParameter", "ssm:RemoveTagsFromResource"],
            resources=[f"arn:aws:ssm:{REGION}:{ACCOUNT_ID}:parameter/{PROJECT}/*"],
        ),
        # EC2 looks up `resolve:ssm:` in a launch template as whoever writes it.
        Statement(
            sid="FindImages",
            actions=["ssm:GetParameters"],
            resources=[f"arn:aws:ssm:{REGION}::parameter/aws/service/*"],
        ),
        Statement(
            sid="EncryptParameters",
            actions=["kms:Encrypt"],
            resources=[_KEYS],
            conditions={"StringEquals": {"kms:ViaService": f"ssm.{REGION}.amazonaws.com"}},
        ),
        # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
        Statement(
            sid="MakeMasterPassword",
            actions=["secretsmanager:CreateSecret", "secretsmanager:TagResource"],
            resources=[secret],
        ),
        Statement(
            sid="EncryptMasterPassword",
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=[_KEYS],
            conditions={"StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}},
        ),
    ]


def _state(*, write: bool) -> list[Statement]:
    """What the backend asks for: https://developer.hashicorp.com/terraform/language/backend/s3#permissions-required."""
    bucket = f"arn:aws:s3:::{STATE_BUCKET}"
    keep = ["s3:PutObject"] if write else []
    return [
        Statement(sid="FindState", actions=["s3:ListBucket"], resources=[bucket]),
        Statement(sid="UseState", actions=["s3:GetObject", *keep], resources=[f"{bucket}/*.tfstate"]),
        Statement(
            sid="LockState",
            actions=["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
            resources=[f"{bucket}/*{STATE_LOCK_SUFFIX}"],
        ),
    ]


def _identity() -> list[Statement]:
    """IAM by the names that the environments give, and only under the boundary.

    The pipeline's own roles and policies, the boundary among them, begin with `wealist-terraform-`: they are denied.
    """
    roles, policies, profiles = (f"arn:aws:iam::{ACCOUNT_ID}:{kind}/{PROJECT}-*" for kind in _KINDS)
    pipeline = [f"arn:aws:iam::{ACCOUNT_ID}:{kind}/{PROJECT}-terraform-*" for kind in _KINDS]
    bounded = {"StringEquals": {"iam:PermissionsBoundary": BOUNDARY_ARN}}
    return [
        Statement(
            sid="MakeBoundedRoles",
            actions=["iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"],
            resources=[roles],
            conditions=bounded,
        ),
        Statement(
            sid="AttachOwnPolicies",
            actions=["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
            resources=[roles],
            conditions={**bounded, "ArnLike": {"iam:PolicyARN": policies}},
        ),
        Statement(
            sid="KeepRoles",
            actions=[
                "iam:DeleteRole",
                "iam:TagRole",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
                "iam:UpdateRoleDescription",
            ],
            resources=[roles],
        ),
        Statement(
            sid="KeepPoliciesAndProfiles",
            actions=[
                *(f"iam:{verb}Policy*" for verb in ("Create", "Delete", "Tag", "Untag")),
                *(f"iam:{verb}InstanceProfile" for verb in ("Create", "Delete", "Tag", "Untag")),
                "iam:AddRoleToInstanceProfile",
                "iam:RemoveRoleFromInstanceProfile",
            ],
            resources=[policies, profiles],
        ),
        Statement(
            sid="PassOwnRoles",
            actions=["iam:PassRole"],
            resources=[roles],
            conditions={"StringEquals": {"iam:PassedToService": [f"{each}.amazonaws.com" for each in _TAKE_ROLES]}},
        ),
        # The first of its kind in an account makes the service's own role.
        Statement(
            sid="MakeServiceLinkedRoles",
            actions=["iam:CreateServiceLinkedRole"],
            resources=[f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role/*"],
            conditions={"StringEquals": {"iam:AWSServiceName": [f"{each}.amazonaws.com" for each in _MAKE_ROLES]}},
        ),
        Statement(
            sid="NotThePipeline",
            effect="Deny",
            actions=[
                *(f"iam:{verb}*" for verb in ("Add", "Attach", "Create", "Delete", "Detach", "PassRole")),
                *(f"iam:{verb}*" for verb in ("Put", "Remove", "Set", "Tag", "Untag", "Update")),
            ],
            resources=pipeline,
        ),
    ]


def _buckets() -> list[Statement]:
    verbs = ["CreateBucket", "DeleteBucket", "PutBucket", "PutEncryption", "PutLifecycle"]
    return [
        Statement(sid="OwnBuckets", actions=[f"s3:{verb}*" for verb in verbs], resources=_OWN_BUCKETS),
        # Where an environment may be destroyed, its buckets are emptied first.
        Statement(
            sid="EmptyOwnBuckets",
            actions=["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions"],
            resources=[*_OWN_BUCKETS, *(f"{bucket}/*" for bucket in _OWN_BUCKETS)],
        ),
        Statement(
            sid="NotTheStateBucket",
            effect="Deny",
            actions=["s3:DeleteBucket*", "s3:PutBucket*", "s3:PutLifecycle*", "s3:PutEncryption*"],
            resources=[f"arn:aws:s3:::{STATE_BUCKET}"],
        ),
        Statement(
            sid="NotTheStates",
            effect="Deny",
            actions=["s3:DeleteObject", "s3:DeleteObjectVersion"],
            resources=[f"arn:aws:s3:::{STATE_BUCKET}/*.tfstate"],
        ),
    ]
