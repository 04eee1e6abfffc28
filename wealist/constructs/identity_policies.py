"""Statements of the roles of section 9, and of log writers; those of CodeDeploy are in `codedeploy_policy.py`.

ARNs are literal wherever a name is known before the resource exists, so that a policy reads the same here and in AWS.
"""

from typing import Final

from wealist.spec.account import ACCOUNT_ID, REGION
from wealist.spec.environment import Environment
from wealist.spec.naming import Names
from wealist.toolkit.policy import Statement

_HERE: Final = f"{REGION}:{ACCOUNT_ID}"


def instance_policies(names: Names, *, key_arn: str) -> dict[str, list[Statement]]:
    """Return the policies of the instances' role: purpose of a policy → its statements."""
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
                # The resource is the requested path. The environment's root has no slash at its end.
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
            # https://docs.aws.amazon.com/AmazonECR/latest/userguide/security_iam_id-based-policy-examples.html
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
    """Return the rights of the monitoring instance: find scrape targets, attach its data volume (ADR 0026)."""
    return [
        Statement(
            sid="DiscoverTargets",
            why="Prometheus finds its targets by tag, the monitoring instance its volume; no call has a resource",
            actions=["ec2:DescribeInstances", "ec2:DescribeAvailabilityZones", "ec2:DescribeVolumes"],
            resources=["*"],
        ),
        # AttachVolume needs the right on the volume and on the instance:
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
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
        # EC2 decrypts an attached volume by a grant, which it creates as the caller of AttachVolume:
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
    """Return the rights of a new instance to install the last revision of each service (ADR 0056)."""
    names = config.names
    return [
        Statement(
            sid="FindLastRevisions",
            why="a new instance installs what CodeDeploy deployed last with success (ADR 0056)",
            actions=["codedeploy:GetDeploymentGroup", "codedeploy:GetDeployment"],
            resources=[
                f"arn:aws:codedeploy:{_HERE}:deploymentgroup:{application}/{application}-group"
                for application in (names(service.full_name) for service in config.services)
            ],
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


_SYSTEMS_MANAGER_AGENT: Final = Statement(
    # AWS's AmazonSSMManagedInstanceCore, without the rights to read every parameter and of Distributor (ADR 0011).
    # It names no instance: an instance has no id before its launch.
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
    # The buckets are public, but through the VPC's endpoint and HTTPS, AWS requires these rights:
    # https://docs.aws.amazon.com/systems-manager/latest/userguide/ssm-agent-technical-details.html
    sid="ReadAgentFiles",
    why="what AWS's documents run, their patch baselines, and updates of the agent lie in AWS's own buckets (ADR 0011)",
    actions=["s3:GetObject"],
    resources=[
        f"arn:aws:s3:::{bucket}/*"
        for bucket in (
            f"aws-ssm-{REGION}",
            f"amazon-ssm-{REGION}",
            f"patch-baseline-snapshot-{REGION}",
            # AWS chose the suffix: https://docs.aws.amazon.com/systems-manager/latest/userguide/patch-operations-s3-buckets.html
            f"aws-patch-manager-{REGION}-10467995c",
        )
    ],
)


def github_actions_statements(config: Environment, *, key_arn: str, distribution_arn: str) -> list[Statement]:
    """Return the rights of GitHub Actions: the document's actions, limited to the ARNs of the services (ADR 0005)."""
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
            # The call has no resource and takes the id of a command, which only its sender knows: no right here lists
            # commands. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
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
            # The slash of the document never matches: https://docs.aws.amazon.com/codedeploy/latest/userguide/auth-and-access-control-permissions-reference.html
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
    """Return the rights of Docker on an instance: create a stream for each container, and write to it (ADR 0059).

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
    """Return the rights of the VPC's flow log: write to its own log group.

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
