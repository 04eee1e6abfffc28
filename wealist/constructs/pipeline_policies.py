"""What the roles that plan and apply may do, policy by policy.

Services whose resources bear no name of ours are bounded by action; IAM, S3, SSM and Secrets Manager by name too.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from wealist.constructs.pipeline_denials import denials
from wealist.constructs.pipeline_storage import apply_storage, plan_storage
from wealist.spec.account import ACCOUNT_ID, BOUNDARY_ARN, PROJECT, REGION, STATE_BUCKET
from wealist.spec.environment import Environment
from wealist.spec.naming import MONITORING_FILES
from wealist.toolkit.policy import Statement

_READS: Final = {
    "acm": "Describe List",
    "autoscaling": "Describe",
    "cloudfront": "Get List",
    "codedeploy": "Get List",
    "ec2": "Describe",
    "ecr": "Describe GetLifecyclePolicy ListTagsForResource",
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
    "autoscaling": "Attach CancelInstanceRefresh Create Delete Detach PutScalingPolicy StartInstanceRefresh Update",
    "cloudfront": "AllowVendedLogDeliveryForResource Create Delete Tag Untag Update",
    "codedeploy": "Create Delete Tag Untag Update",
    "ec2": "Allocate Associate Attach Authorize Create Delete Detach Disassociate Modify Release Replace Revoke "
    "RunInstances",
    "ecr": "CreateRepository DeleteLifecyclePolicy DeleteRepository PutImageScanningConfiguration "
    "PutImageTagMutability PutLifecyclePolicy Tag Untag",
    "elasticache": "AddTags Create Decrease Delete Increase Modify RemoveTags",
    "elasticloadbalancing": "AddTags Create Delete Modify RemoveTags Set",
    "kms": "CreateAlias CreateKey DeleteAlias EnableKeyRotation PutKeyPolicy ScheduleKeyDeletion Tag Untag Update",
    "logs": "Create Delete PutDelivery PutRetentionPolicy Tag Untag",
    "rds": "AddTags Create Delete Modify RemoveTags",
    "route53": "Change CreateHostedZone UpdateHostedZone",
}
"""Service → beginnings of the actions that make, change and delete what the stacks hold, IAM and S3 apart."""
_KEYS: Final = f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/*"
_KINDS: Final = ("role", "policy", "instance-profile")
_TAKE_ROLES: Final = ("codedeploy", "ec2", "vpc-flow-logs")
_MAKE_ROLES: Final = ("autoscaling", "elasticache", "elasticloadbalancing", "rds")
_OWN_BUCKETS: Final = [f"arn:aws:s3:::{PROJECT}-*"]


def plan_policies() -> dict[str, list[Statement]]:
    """What the role that plans may do: policy's name → statements."""
    return {"read": _read(), "state": plan_storage()}


def apply_policies(environments: Sequence[Environment]) -> dict[str, list[Statement]]:
    """What the role that applies may do: policy's name → statements.

    Args:
        environments: all of them; the buckets of those that may be destroyed may be emptied.
    """
    return {
        "read": _read(),
        "write": [
            _patterns(
                "Write",
                "what the stacks hold is created, changed and deleted; most of it bears no name of ours",
                _WRITES,
            ),
            *_secrets(),
        ],
        "identity": _identity(),
        "buckets": [*_buckets(environments), _files("Write", "Put"), _delete_files()],
        "state": apply_storage(),
        "denials": denials(),
    }


def _read() -> list[Statement]:
    return [
        _patterns("Read", "what the stacks hold is compared with the code", _READS),
        *_parameters(),
        _files("Read", "Get"),
    ]


def _patterns(sid: str, why: str, beginnings: Mapping[str, str]) -> Statement:
    return Statement(
        sid=sid,
        why=why,
        actions=[f"{service}:{beginning}*" for service, words in beginnings.items() for beginning in words.split()],
        resources=["*"],
    )


def _files(sid: str, verb: str) -> Statement:
    """What the monitoring instance runs with: the only objects in S3 that the stacks hold."""
    files = [f"arn:aws:s3:::{PROJECT}-deploy-scripts*/{MONITORING_FILES}*"]
    return Statement(
        sid=f"{sid}Files",
        why="what the monitoring instance runs with lies in S3 (ADR 0027)",
        actions=[f"s3:{verb}Object", f"s3:{verb}ObjectTagging"],
        resources=files,
    )


def _delete_files() -> Statement:
    """The same with every version: Terraform deletes an object of a versioned bucket for good."""
    files = [f"arn:aws:s3:::{PROJECT}-deploy-scripts*/{MONITORING_FILES}*"]
    return Statement(
        sid="DeleteFiles",
        why="a file is deleted with its versions (ADR 0027)",
        actions=["s3:DeleteObject", "s3:DeleteObjectVersion"],
        resources=files,
    )


def _parameters() -> list[Statement]:
    """Terraform compares parameters with their values, which takes the environments' keys, through SSM alone."""
    return [
        Statement(
            sid="ReadParameters",
            why="Terraform compares parameters with their values",
            actions=["ssm:GetParameter", "ssm:GetParameters"],
            resources=[f"arn:aws:ssm:{REGION}:{ACCOUNT_ID}:parameter/{PROJECT}/*"],
        ),
        _use_keys("DecryptParameters", "secret parameters are encrypted", ["kms:Decrypt"], "ssm"),
    ]


def _use_keys(sid: str, why: str, actions: list[str], service: str) -> Statement:
    """Lets the environments' keys be used through one AWS service alone."""
    through = {"StringEquals": {"kms:ViaService": f"{service}.{REGION}.amazonaws.com"}}
    return Statement(sid=sid, why=why, actions=actions, resources=[_KEYS], conditions=through)


def _secrets() -> list[Statement]:
    """What writing parameters, RDS' master password and volumes takes, some of which AWS does as the caller."""
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:rds!*"
    return [
        Statement(
            sid="WriteParameters",
            why="Terraform writes the parameters of the stacks",
            actions=["ssm:AddTagsToResource", "ssm:DeleteParameter", "ssm:PutParameter", "ssm:RemoveTagsFromResource"],
            resources=[f"arn:aws:ssm:{REGION}:{ACCOUNT_ID}:parameter/{PROJECT}/*"],
        ),
        # EC2 looks up `resolve:ssm:` in a launch template as whoever writes it.
        Statement(
            sid="FindImages",
            why="EC2 looks up the image of a launch template as whoever writes the template (ADR 0013)",
            actions=["ssm:GetParameters"],
            resources=[f"arn:aws:ssm:{REGION}::parameter/aws/service/*"],
        ),
        _use_keys("EncryptParameters", "secret parameters are encrypted", ["kms:Encrypt"], "ssm"),
        # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
        Statement(
            sid="MakeMasterPassword",
            why="RDS creates the master password's secret as whoever creates the database",
            actions=["secretsmanager:CreateSecret", "secretsmanager:TagResource"],
            resources=[secret],
        ),
        _use_keys(
            "EncryptMasterPassword",
            "the master password's secret is encrypted",
            ["kms:Decrypt", "kms:GenerateDataKey"],
            "secretsmanager",
        ),
        # AWS services alone: a grant for anybody else would share the key.
        # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-is-for-aws-resource
        Statement(
            sid="LetServicesUseKeys",
            why="RDS, ElastiCache and EBS use the environment's key by a grant of whoever creates them",
            actions=["kms:CreateGrant"],
            resources=[_KEYS],
            conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
        # Without it EBS takes the call, and the volume soon disappears:
        # https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
        _use_keys(
            "EncryptVolumes",
            "EBS encrypts a volume as whoever creates it",
            ["kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext"],
            "ec2",
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
            why="roles are created and filled, under the boundary alone (ADR 0019)",
            actions=["iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"],
            resources=[roles],
            conditions=bounded,
        ),
        Statement(
            sid="AttachOwnPolicies",
            why="roles get our own policies, under the boundary alone (ADR 0019)",
            actions=["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
            resources=[roles],
            conditions={**bounded, "ArnLike": {"iam:PolicyARN": policies}},
        ),
        Statement(
            sid="KeepRoles",
            why="roles are changed and deleted, which gives none a right that the boundary keeps from it (ADR 0019)",
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
            why="policies and instance profiles are created, changed and deleted (ADR 0019)",
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
            why="each role is passed to the service that runs as it",
            actions=["iam:PassRole"],
            resources=[roles],
            conditions={"StringEquals": {"iam:PassedToService": [f"{each}.amazonaws.com" for each in _TAKE_ROLES]}},
        ),
        Statement(
            sid="MakeServiceLinkedRoles",
            why="the first resource of its kind in an account creates the service's own role",
            actions=["iam:CreateServiceLinkedRole"],
            resources=[f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role/*"],
            conditions={"StringEquals": {"iam:AWSServiceName": [f"{each}.amazonaws.com" for each in _MAKE_ROLES]}},
        ),
        Statement(
            sid="NotThePipeline",
            why="the pipeline changes neither its own roles nor the boundary (ADR 0019)",
            effect="Deny",
            actions=[
                *(f"iam:{verb}*" for verb in ("Add", "Attach", "Create", "Delete", "Detach", "PassRole")),
                *(f"iam:{verb}*" for verb in ("Put", "Remove", "Set", "Tag", "Untag", "Update")),
            ],
            resources=pipeline,
        ),
    ]


def _buckets(environments: Sequence[Environment]) -> list[Statement]:
    verbs = ["CreateBucket", "DeleteBucket", "PutBucket", "PutEncryption", "PutLifecycle"]
    destroyable = [each for each in environments if each.may_be_destroyed]
    emptied = [f"arn:aws:s3:::{bucket}" for each in destroyable for bucket in each.names.buckets]
    # Versions are the backup of a bucket: only where an environment may be destroyed, its buckets are emptied first.
    empty = Statement(
        sid="EmptyDestroyableBuckets",
        why="buckets are emptied before they are destroyed, in environments that may be destroyed (ADR 0047)",
        actions=["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions"],
        resources=[*emptied, *(f"{bucket}/*" for bucket in emptied)],
    )
    return [
        Statement(
            sid="OwnBuckets",
            why="buckets and their settings are created, changed and deleted",
            actions=[f"s3:{verb}*" for verb in verbs],
            resources=_OWN_BUCKETS,
        ),
        *([empty] if emptied else []),
        Statement(
            sid="NotTheStateBucket",
            why="the bucket of the states stays as it is",
            effect="Deny",
            actions=["s3:DeleteBucket*", "s3:PutBucket*", "s3:PutLifecycle*", "s3:PutEncryption*"],
            resources=[f"arn:aws:s3:::{STATE_BUCKET}"],
        ),
        Statement(
            sid="NotTheStates",
            why="old versions of a state are its backup",
            effect="Deny",
            actions=["s3:DeleteObject", "s3:DeleteObjectVersion"],
            resources=[f"arn:aws:s3:::{STATE_BUCKET}/*.tfstate"],
        ),
    ]
