"""Statements of CodeDeploy's role, in place and with blue/green deployments."""

from collections.abc import Sequence
from typing import Final

from wealist.spec.account import ACCOUNT_ID, REGION
from wealist.spec.environment import Environment
from wealist.spec.naming import Names
from wealist.toolkit.policy import Statement

_HERE: Final = f"{REGION}:{ACCOUNT_ID}"


def _group(name: str) -> str:
    """Return the ARN pattern of an Auto Scaling group. AWS chooses the id in it."""
    return f"arn:aws:autoscaling:{_HERE}:autoScalingGroup:*:autoScalingGroupName/{name}"


_COPIES: Final = _group("CodeDeploy_*")
"""Copies that CodeDeploy creates of a group have this name."""


def codedeploy_statements(config: Environment) -> list[Statement]:
    """Return the rights of CodeDeploy: AWS's AWSCodeDeployRole, limited to the environment's groups.

    https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html
    """
    names = config.names
    groups = [_group(names("backend-asg"))]
    if config.deployment == "blue_green":
        groups.append(_COPIES)
    statements = [
        Statement(
            sid="Look",
            why="CodeDeploy looks at what it deploys to; calls that only describe have no resource (section 9)",
            actions=[
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeAutoScalingInstances",
                "autoscaling:DescribeLifecycleHooks",
                "ec2:DescribeInstances",
                "ec2:DescribeInstanceStatus",
                "elasticloadbalancing:DescribeLoadBalancers",
                "elasticloadbalancing:DescribeTargetGroupAttributes",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
            resources=["*"],
        ),
        Statement(
            sid="HookIntoLaunches",
            why="blue/green hooks into launches, and a switch to in place takes the hooks away (section 9, ADR 0056)",
            actions=[
                "autoscaling:CompleteLifecycleAction",
                "autoscaling:DeleteLifecycleHook",
                "autoscaling:PutLifecycleHook",
                "autoscaling:RecordLifecycleActionHeartbeat",
                "autoscaling:ResumeProcesses",
                "autoscaling:SuspendProcesses",
            ],
            resources=groups,
        ),
        Statement(
            sid="ControlTraffic",
            why="an instance gets no requests while it is deployed to (section 7)",
            actions=["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"],
            resources=[
                f"arn:aws:elasticloadbalancing:{_HERE}:targetgroup/{names(f'{service.name}-tg')}/*"
                for service in config.services
            ],
        ),
    ]
    if config.deployment == "blue_green":
        statements += _blue_green(names)
    return statements


def _blue_green(names: Names) -> list[Statement]:
    """Return the further rights to copy an Auto Scaling group that has a launch template."""
    return [
        Statement(
            sid="CopyGroup",
            why="CodeDeploy copies the group, and deletes the copy that it replaced (ADR 0002)",
            actions=[
                "autoscaling:AttachLoadBalancerTargetGroups",
                "autoscaling:CreateAutoScalingGroup",
                "autoscaling:CreateOrUpdateTags",
                "autoscaling:DeleteAutoScalingGroup",
                "autoscaling:EnableMetricsCollection",
                "autoscaling:PutScalingPolicy",
                "autoscaling:UpdateAutoScalingGroup",
            ],
            resources=[_COPIES],
        ),
        Statement(
            sid="LookAtGroup",
            why="what else of the original is to be copied; the calls have no resource (ADR 0002)",
            actions=[
                "autoscaling:DescribeNotificationConfigurations",
                "autoscaling:DescribePolicies",
                "autoscaling:DescribeScheduledActions",
            ],
            resources=["*"],
        ),
        Statement(
            sid="WatchCopy",
            why="target tracking of the copy brings alarms, named after it (ADR 0002)",
            actions=["cloudwatch:PutMetricAlarm"],
            resources=[f"arn:aws:cloudwatch:{_HERE}:alarm:TargetTracking-CodeDeploy_*"],
        ),
        Statement(
            sid="FindImage",
            why="the launch template names AWS's public parameter of the image (ADR 0013)",
            actions=["ssm:GetParameters"],
            resources=[f"arn:aws:ssm:{REGION}::parameter/aws/service/*"],
        ),
        Statement(
            sid="LaunchFromTemplate",
            why="what is launched has no ARN before, so the launch template bounds it (ADR 0002)",
            actions=["ec2:RunInstances"],
            resources=["*"],
            conditions={"ArnLike": {"ec2:LaunchTemplate": f"arn:aws:ec2:{_HERE}:launch-template/*"}},
        ),
        Statement(
            sid="TagWhatIsLaunched",
            why="the launch template tags what it launches; the request knows only which call it is part of (ADR 0002)",
            actions=["ec2:CreateTags"],
            resources=[f"arn:aws:ec2:{_HERE}:{kind}/*" for kind in ("instance", "volume", "network-interface")],
            conditions={"StringEquals": {"ec2:CreateAction": "RunInstances"}},
        ),
        pass_to_instances([f"arn:aws:iam::{ACCOUNT_ID}:role/{names('ec2-role')}"]),
    ]


def pass_to_instances(roles: Sequence[str]) -> Statement:
    """Return the right to pass roles, given by their ARNs, to EC2 only."""
    return Statement(
        sid="PassInstanceRole",
        why="instances of the copy run as the instances' role (ADR 0002)",
        actions=["iam:PassRole"],
        resources=roles,
        conditions={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
    )
