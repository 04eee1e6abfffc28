"""The policies of section 9, statement by statement; CodeDeploy's is in `codedeploy_policy.py`.

ARNs are written out wherever a name is known before anything is made, so that a policy reads as AWS will see it.
"""

from typing import Final

from wealist.spec.account import ACCOUNT_ID, REGION
from wealist.spec.environment import Environment
from wealist.spec.naming import Names
from wealist.toolkit.policy import Statement

_HERE: Final = f"{REGION}:{ACCOUNT_ID}"


def instance_policies(names: Names, *, key_arn: str) -> dict[str, list[Statement]]:
    """What the instances' role may do: policy's name → statements."""
    return {
        "ssm-kms": [
            Statement(
                sid="ReadOwnParameters",
                why="services read their settings and secrets (section 9, 1)",
                actions=["ssm:GetParameter", "ssm:GetParameters"],
                resources=[f"arn:aws:ssm:{_HERE}:parameter{names.parameter('*')}"],
            ),
            Statement(
                sid="ReadOwnParametersByPath",
                why="services read all of their settings at once (section 9, 1)",
                actions=["ssm:GetParametersByPath"],
                # The resource is the path asked for: of the environment's own root, without a slash at its end.
                resources=[
                    f"arn:aws:ssm:{_HERE}:parameter{names.parameter('').removesuffix('/')}",
                    f"arn:aws:ssm:{_HERE}:parameter{names.parameter('*')}",
                ],
            ),
            Statement(
                sid="DecryptOwnParameters",
                why="secret settings are encrypted with the environment's key (ADR 0006)",
                actions=["kms:Decrypt"],
                resources=[key_arn],
            ),
        ],
        "ecr": [
            # The action has no resource: https://docs.aws.amazon.com/AmazonECR/latest/userguide/security_iam_id-based-policy-examples.html
            Statement(
                sid="LogIn",
                why="logging in to ECR has no resource (section 9)",
                actions=["ecr:GetAuthorizationToken"],
                resources=["*"],
            ),
            Statement(
                sid="PullOwnImages",
                why="instances pull the services that they run (section 9, 2)",
                actions=["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
                resources=[f"arn:aws:ecr:{_HERE}:repository/{names('*')}"],
            ),
        ],
        "s3": [
            Statement(
                sid="ListScriptsAndResources",
                why="instances look up scripts, and services their files (section 9, 3)",
                actions=["s3:ListBucket"],
                resources=[f"arn:aws:s3:::{names.deploy_scripts_bucket}", f"arn:aws:s3:::{names.app_resources_bucket}"],
            ),
            Statement(
                sid="ReadScripts",
                why="instances run these scripts (section 9, 3)",
                actions=["s3:GetObject"],
                resources=[f"arn:aws:s3:::{names.deploy_scripts_bucket}/*"],
            ),
            Statement(
                sid="UseResources",
                why="services keep their files here (section 9, 3)",
                actions=["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                resources=[f"arn:aws:s3:::{names.app_resources_bucket}/*"],
            ),
            Statement(
                sid="AbortUploads",
                why="a large file is uploaded in parts, and SDKs abort an upload that fails: else its parts stay",
                actions=["s3:AbortMultipartUpload"],
                resources=[f"arn:aws:s3:::{names.app_resources_bucket}/*"],
            ),
            Statement(
                sid="ReadBundles",
                why="CodeDeploy's agent downloads bundles as the instance; the document lacks it (ADR 0007)",
                actions=["s3:GetObject", "s3:GetObjectVersion"],
                resources=[f"arn:aws:s3:::{names.codedeploy_artifacts_bucket}/*"],
            ),
        ],
        "ssm-agent": [_SYSTEMS_MANAGER_AGENT, _SYSTEMS_MANAGER_FILES],
    }


def monitoring_statements(names: Names, *, key_arn: str, data_volume_arn: str) -> list[Statement]:
    """Finding what to scrape, and attaching the one volume of data to the instances of the one role (ADR 0026)."""
    return [
        Statement(
            sid="DiscoverTargets",
            why="Prometheus finds its targets by tag, the monitoring instance its volume; no call has a resource",
            actions=["ec2:DescribeInstances", "ec2:DescribeAvailabilityZones", "ec2:DescribeVolumes"],
            resources=["*"],
        ),
        # AWS asks for both: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
        Statement(
            sid="AttachData",
            why="the monitoring instance attaches the volume that outlives it (ADR 0026)",
            actions=["ec2:AttachVolume"],
            resources=[data_volume_arn],
        ),
        Statement(
            sid="AttachDataToMonitoring",
            why="AWS asks for the instance, too: monitoring's alone (ADR 0026)",
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
            why="EC2 decrypts an attached volume by a grant, for itself alone (ADR 0026)",
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


def revision_statements(config: Environment) -> list[Statement]:
    """What a new instance needs to install the last revision of each service before it gets requests (ADR 0056)."""
    names = config.names
    return [
        Statement(
            sid="FindLastRevisions",
            why="a new instance installs what CodeDeploy deployed last with success (ADR 0056)",
            actions=["codedeploy:GetDeploymentGroup", "codedeploy:GetDeployment"],
            resources=[_deployment_group(names, service.full_name) for service in config.services],
        ),
        Statement(
            sid="AnswerLaunchHook",
            why="the group lets an instance serve once it says so (ADR 0056)",
            actions=["autoscaling:CompleteLifecycleAction"],
            resources=[f"arn:aws:autoscaling:{_HERE}:autoScalingGroup:*:autoScalingGroupName/{names('backend-asg')}"],
        ),
        Statement(
            sid="LookAtTargets",
            why="a new instance looks where it is registered; calls that only describe have no resource (ADR 0056)",
            actions=["elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth"],
            resources=["*"],
        ),
        Statement(
            sid="LeaveTargetGroup",
            why="where one service is broken, a new instance leaves its target group and serves the others (ADR 0056)",
            actions=["elasticloadbalancing:DeregisterTargets"],
            resources=[
                f"arn:aws:elasticloadbalancing:{_HERE}:targetgroup/{names(f'{service.name}-tg')}/*"
                for service in config.services
            ],
        ),
    ]


def _deployment_group(names: Names, service: str) -> str:
    return f"arn:aws:codedeploy:{_HERE}:deploymentgroup:{names(service)}/{names(f'{service}-group')}"


_SYSTEMS_MANAGER_AGENT: Final = Statement(
    # AWS's AmazonSSMManagedInstanceCore without its right to read every parameter, and without Distributor's rights
    # (ADR 0011). It names no instance: one has no id before it is launched.
    # https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSSMManagedInstanceCore.html
    sid="SystemsManagerAgent",
    why="Systems Manager's agent; no instance has an id before it is launched (ADR 0011)",
    actions=[
        "ssm:UpdateInstanceInformation",
        "ssm:DescribeAssociation",
        "ssm:ListAssociations",
        "ssm:ListInstanceAssociations",
        "ssm:UpdateAssociationStatus",
        "ssm:UpdateInstanceAssociationStatus",
        "ssm:DescribeDocument",
        "ssm:GetDocument",
        "ssm:GetDeployablePatchSnapshotForInstance",
        "ssm:PutComplianceItems",
        "ssm:PutInventory",
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

_SYSTEMS_MANAGER_FILES: Final = Statement(
    # The instances reach S3 by the VPC's endpoint, and by HTTPS alone: then AWS asks for the rights, though the buckets
    # are public. https://docs.aws.amazon.com/systems-manager/latest/userguide/ssm-agent-technical-details.html
    sid="ReadAgentFiles",
    why="what AWS's documents run, their patch baselines, and updates of the agent lie in AWS's own buckets (ADR 0011)",
    actions=["s3:GetObject"],
    resources=[
        f"arn:aws:s3:::{bucket}/*"
        for bucket in (
            f"aws-ssm-{REGION}",
            f"amazon-ssm-{REGION}",
            f"patch-baseline-snapshot-{REGION}",
            # AWS chose the end: https://docs.aws.amazon.com/systems-manager/latest/userguide/patch-operations-s3-buckets.html
            f"aws-patch-manager-{REGION}-10467995c",
        )
    ],
)


def github_actions_statements(config: Environment, *, key_arn: str, distribution_arn: str) -> list[Statement]:
    """What GitHub Actions may do: the document's actions, each service's on its own ARNs (ADR 0005)."""
    names = config.names
    buckets = (names.codedeploy_artifacts_bucket, names.app_artifacts_bucket, names.frontend_bucket)
    return [
        Statement(
            sid="UseOwnParameters",
            why="workflows read and write settings (section 9)",
            actions=["ssm:GetParameter", "ssm:PutParameter"],
            resources=[f"arn:aws:ssm:{_HERE}:parameter{names.parameter('*')}"],
        ),
        Statement(
            sid="UseOwnKey",
            why="secret settings are encrypted with the environment's key (ADR 0006)",
            actions=["kms:Decrypt", "kms:Encrypt"],
            resources=[key_arn],
        ),
        Statement(
            sid="RunShellScript",
            why="workflows run commands, by AWS's one document (section 9)",
            actions=["ssm:SendCommand"],
            resources=[f"arn:aws:ssm:{REGION}::document/AWS-RunShellScript"],
        ),
        Statement(
            sid="RunOnOwnInstances",
            why="the commands run on the environment's own instances (ADR 0005)",
            actions=["ssm:SendCommand"],
            resources=[f"arn:aws:ec2:{_HERE}:instance/*"],
            conditions={"StringEquals": {"ssm:resourceTag/Environment": config.name}},
        ),
        Statement(
            sid="ReadOwnCommands",
            # It has no resource; the id of a command, which the call asks for, is known to whoever sent it, and nothing
            # here lists commands.
            # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
            why="workflows wait for the commands that they sent; the call has no resource, and takes a command's id",
            actions=["ssm:GetCommandInvocation"],
            resources=["*"],
        ),
        Statement(
            sid="LogIn",
            why="logging in to ECR has no resource (section 9)",
            actions=["ecr:GetAuthorizationToken"],
            resources=["*"],
        ),
        Statement(
            sid="PushOwnImages",
            why="workflows push the images that they build (section 9, ADR 0005)",
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
            why="workflows keep bundles and build results, and write the site (section 9, ADR 0005)",
            actions=["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
            resources=[f"arn:aws:s3:::{bucket}/*" for bucket in buckets],
        ),
        Statement(
            sid="ListSite",
            why="`aws s3 sync` compares a build with what the site's bucket holds",
            actions=["s3:ListBucket"],
            resources=[f"arn:aws:s3:::{names.frontend_bucket}"],
        ),
        Statement(
            sid="Deploy",
            why="workflows start deployments, wait, and say on which instances they failed (section 9, ADR 0004)",
            actions=[
                "codedeploy:CreateDeployment",
                "codedeploy:GetDeployment",
                "codedeploy:GetDeploymentGroup",
                "codedeploy:GetDeploymentInstance",
                "codedeploy:ListDeploymentInstances",
            ],
            # A slash, as documented, never matches: https://docs.aws.amazon.com/codedeploy/latest/userguide/auth-and-access-control-permissions-reference.html
            resources=[f"arn:aws:codedeploy:{_HERE}:deploymentgroup:{names('*')}/*"],
        ),
        Statement(
            sid="RegisterRevision",
            why="workflows register bundles; `aws deploy` reads them back (section 9, ADR 0004)",
            actions=["codedeploy:RegisterApplicationRevision", "codedeploy:GetApplicationRevision"],
            resources=[f"arn:aws:codedeploy:{_HERE}:application:{names('*')}"],
        ),
        Statement(
            sid="ReadDeploymentConfig",
            why="`aws deploy` reads it before it creates a deployment",
            actions=["codedeploy:GetDeploymentConfig"],
            resources=[f"arn:aws:codedeploy:{_HERE}:deploymentconfig:CodeDeployDefault.*"],
        ),
        Statement(
            sid="FindInstances",
            why="workflows find what they deploy to; the calls have no resource (section 9)",
            actions=["ec2:DescribeInstances", "autoscaling:DescribeAutoScalingGroups"],
            resources=["*"],
        ),
        Statement(
            sid="RefreshSite",
            why="a new site is shown at once, and its deployment waits until it is (section 9)",
            actions=["cloudfront:CreateInvalidation", "cloudfront:GetInvalidation"],
            resources=[distribution_arn],
        ),
    ]


def service_log_statements(config: Environment) -> list[Statement]:
    """What Docker does as the instance: it makes a stream for each container, and writes to it (ADR 0059).

    https://docs.docker.com/engine/logging/drivers/awslogs/#credentials
    """
    groups = [config.names.log_group(service) for service in config.services]
    return [
        Statement(
            sid="WriteServiceLogs",
            why="what a service logs outlives its instance (ADR 0059)",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[f"arn:aws:logs:{_HERE}:log-group:{group}:*" for group in groups],
        )
    ]


def flow_log_statements(config: Environment) -> list[Statement]:
    """What the VPC's flow log may do: write to its own group.

    https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
    """
    return [
        Statement(
            sid="WriteFlowLogs",
            why="the VPC's traffic is recorded (EC2.6)",
            actions=["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
            resources=[f"arn:aws:logs:{_HERE}:log-group:{config.names.flow_log_group}:*"],
        ),
        Statement(
            sid="FindLogGroups",
            why="the flow log looks for its group; the call lists groups, and has no resource",
            actions=["logs:DescribeLogGroups"],
            resources=["*"],
        ),
    ]
