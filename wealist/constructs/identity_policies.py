"""The policy documents of section 9, statement by statement; CodeDeploy's is in `codedeploy_policy.py`.

ARNs are written out wherever a name is known before anything is made, so that a policy reads as AWS will see it.
"""

from typing import Final

from wealist.spec.account import ACCOUNT_ID, REGION
from wealist.spec.environment import Environment
from wealist.spec.naming import Names
from wealist.toolkit.policy import Statement, document

_HERE: Final = f"{REGION}:{ACCOUNT_ID}"


def instance_policies(names: Names, *, key_arn: str, data_volume_arn: str) -> dict[str, str]:
    """What the instances' role may do: policy's name → document."""
    return {
        "ssm-kms": document(
            Statement(
                sid="ReadOwnParameters",
                actions=["ssm:GetParameter", "ssm:GetParameters"],
                resources=[f"arn:aws:ssm:{_HERE}:parameter{names.parameter('*')}"],
            ),
            Statement(
                sid="ReadOwnParametersByPath",
                actions=["ssm:GetParametersByPath"],
                # The resource is the path asked for: of the environment's own root, without a slash at its end.
                resources=[
                    f"arn:aws:ssm:{_HERE}:parameter{names.parameter('').removesuffix('/')}",
                    f"arn:aws:ssm:{_HERE}:parameter{names.parameter('*')}",
                ],
            ),
            Statement(sid="DecryptOwnParameters", actions=["kms:Decrypt"], resources=[key_arn]),
        ),
        "ecr": document(
            # The action has no resource: https://docs.aws.amazon.com/AmazonECR/latest/userguide/security_iam_id-based-policy-examples.html
            Statement(sid="LogIn", actions=["ecr:GetAuthorizationToken"], resources=["*"]),
            Statement(
                sid="PullOwnImages",
                actions=["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
                resources=[f"arn:aws:ecr:{_HERE}:repository/{names('*')}"],
            ),
        ),
        "s3": document(
            Statement(
                sid="ListScriptsAndResources",
                actions=["s3:ListBucket"],
                resources=[f"arn:aws:s3:::{names.deploy_scripts_bucket}", f"arn:aws:s3:::{names.app_resources_bucket}"],
            ),
            Statement(
                sid="ReadScripts",
                actions=["s3:GetObject"],
                resources=[f"arn:aws:s3:::{names.deploy_scripts_bucket}/*"],
            ),
            Statement(
                sid="UseResources",
                actions=["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                resources=[f"arn:aws:s3:::{names.app_resources_bucket}/*"],
            ),
            # The document lacks it: CodeDeploy's agent downloads bundles as the instance (ADR 0007).
            Statement(
                sid="ReadBundles",
                actions=["s3:GetObject", "s3:GetObjectVersion"],
                resources=[f"arn:aws:s3:::{names.codedeploy_artifacts_bucket}/*"],
            ),
        ),
        "ssm-agent": document(_SYSTEMS_MANAGER_AGENT),
        "monitoring": document(*_monitoring(names, key_arn, data_volume_arn)),
    }


def _monitoring(names: Names, key_arn: str, data_volume_arn: str) -> list[Statement]:
    """Finding what to scrape, and attaching the one volume of data to the instances of the one role (ADR 0026)."""
    return [
        # Prometheus finds its targets by tag, the instance its volume; the calls have no resource.
        Statement(
            sid="DiscoverTargets",
            actions=["ec2:DescribeInstances", "ec2:DescribeAvailabilityZones", "ec2:DescribeVolumes"],
            resources=["*"],
        ),
        # AWS asks for both: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
        Statement(sid="AttachData", actions=["ec2:AttachVolume"], resources=[data_volume_arn]),
        Statement(
            sid="AttachDataToMonitoring",
            actions=["ec2:AttachVolume"],
            resources=[f"arn:aws:ec2:{_HERE}:instance/*"],
            conditions={
                "StringEquals": {"aws:ResourceTag/Role": "monitoring", "aws:ResourceTag/Environment": names.environment}
            },
        ),
        # EC2 decrypts an attached volume by a grant, which it asks for as whoever attaches:
        # https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
        Statement(
            sid="LetEc2DecryptData",
            actions=["kms:CreateGrant"],
            resources=[key_arn],
            conditions={
                "Bool": {"kms:GrantIsForAWSResource": "true"},
                "StringEquals": {
                    "kms:ViaService": f"ec2.{REGION}.amazonaws.com",
                    "kms:GrantConstraintType": "EncryptionContextSubset",
                },
            },
        ),
    ]


_SYSTEMS_MANAGER_AGENT: Final = Statement(
    # AWS's AmazonSSMManagedInstanceCore without its right to read every parameter (ADR 0011). It names no instance: one
    # has no id before it is launched.
    # https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSSMManagedInstanceCore.html
    sid="SystemsManagerAgent",
    actions=[
        "ssm:UpdateInstanceInformation",
        "ssm:ListAssociations",
        "ssm:ListInstanceAssociations",
        "ssm:UpdateInstanceAssociationStatus",
        "ssm:DescribeDocument",
        "ssm:GetDocument",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
        "ec2messages:AcknowledgeMessage",
        "ec2messages:DeleteMessage",
        "ec2messages:FailMessage",
        "ec2messages:GetEndpoint",
        "ec2messages:GetMessages",
        "ec2messages:SendReply",
    ],
    resources=["*"],
)


def github_actions_policy(config: Environment, *, key_arn: str, distribution_arn: str) -> str:
    """What GitHub Actions may do: the document's actions, each service's on its own ARNs (ADR 0005)."""
    names = config.names
    buckets = (names.codedeploy_artifacts_bucket, names.app_artifacts_bucket, names.frontend_bucket)
    return document(
        Statement(
            sid="UseOwnParameters",
            actions=["ssm:GetParameter", "ssm:PutParameter"],
            resources=[f"arn:aws:ssm:{_HERE}:parameter{names.parameter('*')}"],
        ),
        Statement(sid="UseOwnKey", actions=["kms:Decrypt", "kms:Encrypt"], resources=[key_arn]),
        Statement(
            sid="RunShellScript",
            actions=["ssm:SendCommand"],
            resources=[f"arn:aws:ssm:{REGION}::document/AWS-RunShellScript"],
        ),
        Statement(
            sid="RunOnOwnInstances",
            actions=["ssm:SendCommand"],
            resources=[f"arn:aws:ec2:{_HERE}:instance/*"],
            conditions={"StringEquals": {"ssm:resourceTag/Environment": config.name}},
        ),
        Statement(sid="LogIn", actions=["ecr:GetAuthorizationToken"], resources=["*"]),
        Statement(
            sid="PushOwnImages",
            actions=[
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:CompleteLayerUpload",
                "ecr:DescribeImages",
                "ecr:GetDownloadUrlForLayer",
                "ecr:InitiateLayerUpload",
                "ecr:PutImage",
                "ecr:UploadLayerPart",
            ],
            resources=[f"arn:aws:ecr:{_HERE}:repository/{names(service.full_name)}" for service in config.services],
        ),
        Statement(
            sid="UseArtifactsAndSite",
            actions=["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
            resources=[f"arn:aws:s3:::{bucket}/*" for bucket in buckets],
        ),
        Statement(
            sid="Deploy",
            actions=["codedeploy:CreateDeployment", "codedeploy:GetDeployment"],
            # A slash, as documented, never matches: https://docs.aws.amazon.com/codedeploy/latest/userguide/auth-and-access-control-permissions-reference.html
            resources=[f"arn:aws:codedeploy:{_HERE}:deploymentgroup:{names('*')}/*"],
        ),
        Statement(
            sid="RegisterRevision",
            actions=["codedeploy:RegisterApplicationRevision", "codedeploy:GetApplicationRevision"],
            resources=[f"arn:aws:codedeploy:{_HERE}:application:{names('*')}"],
        ),
        Statement(
            sid="ReadDeploymentConfig",
            actions=["codedeploy:GetDeploymentConfig"],
            resources=[f"arn:aws:codedeploy:{_HERE}:deploymentconfig:CodeDeployDefault.*"],
        ),
        Statement(
            sid="FindInstances",
            actions=["ec2:DescribeInstances", "autoscaling:DescribeAutoScalingGroups"],
            resources=["*"],
        ),
        Statement(sid="RefreshSite", actions=["cloudfront:CreateInvalidation"], resources=[distribution_arn]),
    )


def flow_logs_policy(config: Environment) -> str:
    """What the VPC's flow log may do: write to its own group.

    https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
    """
    return document(
        Statement(
            sid="WriteFlowLogs",
            actions=["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
            resources=[f"arn:aws:logs:{_HERE}:log-group:{config.names.flow_log_group}:*"],
        ),
        # The call lists groups, so it has no one group as its resource.
        Statement(sid="FindLogGroups", actions=["logs:DescribeLogGroups"], resources=["*"]),
    )
