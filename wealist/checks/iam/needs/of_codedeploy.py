"""What CodeDeploy needs: to deploy in place, and where it copies the Auto Scaling group, the copy's life."""

from collections.abc import Iterator
from typing import Final

from wealist.checks.iam.needs.arns import HERE
from wealist.checks.iam.needs.need import Need, actions
from wealist.spec.account import ACCOUNT_ID, REGION
from wealist.spec.environment import Environment
from wealist.spec.naming import Names

_COPIES: Final = f"arn:aws:autoscaling:{HERE}:autoScalingGroup:*:autoScalingGroupName/CodeDeploy_*"


def needs(config: Environment) -> Iterator[Need]:
    """The needs of CodeDeploy's role."""
    names = config.names
    who = names("codedeploy-role")
    group = f"arn:aws:autoscaling:{HERE}:autoScalingGroup:*:autoScalingGroupName/{names('backend-asg')}"
    targets = tuple(
        f"arn:aws:elasticloadbalancing:{HERE}:targetgroup/{names(f'{service.name}-tg')}/*"
        for service in config.services
    )
    hooks = (
        "autoscaling: CompleteLifecycleAction DeleteLifecycleHook PutLifecycleHook RecordLifecycleActionHeartbeat "
        "ResumeProcesses SuspendProcesses"
    )
    for why, what, on in (
        (
            "section 9: ASG, ELB, EC2; what only describes has no resource",
            (
                "autoscaling: DescribeAutoScalingGroups DescribeAutoScalingInstances DescribeLifecycleHooks "
                "ec2: DescribeInstances DescribeInstanceStatus "
                "elasticloadbalancing: DescribeLoadBalancers DescribeTargetGroupAttributes DescribeTargetGroups "
                "DescribeTargetHealth"
            ),
            ("*",),
        ),
        ("section 9: ASG; launches wait for their deployment", hooks, (group,)),
        ("section 7: BlockTraffic, AllowTraffic", "elasticloadbalancing: RegisterTargets DeregisterTargets", targets),
    ):
        yield Need(who=who, why=why, actions=actions(what), on=on)
    if config.deployment == "blue_green":
        yield Need(who=who, why="the same for the copy (ADR 0002)", actions=actions(hooks), on=(_COPIES,))
        yield from _copies(names)


def _copies(names: Names) -> Iterator[Need]:
    """Copying an Auto Scaling group that has a launch template (ADR 0002)."""
    who = names("codedeploy-role")
    for why, what, on, when in (
        (
            "the copy's life",
            (
                "autoscaling: AttachLoadBalancerTargetGroups CreateAutoScalingGroup CreateOrUpdateTags "
                "DeleteAutoScalingGroup EnableMetricsCollection PutScalingPolicy UpdateAutoScalingGroup"
            ),
            (_COPIES,),
            {},
        ),
        (
            "what else of the original is to be copied; the calls have no resource",
            "autoscaling: DescribeNotificationConfigurations DescribePolicies DescribeScheduledActions",
            ("*",),
            {},
        ),
        (
            "target tracking brings alarms, named after the copy",
            "cloudwatch: PutMetricAlarm",
            (f"arn:aws:cloudwatch:{HERE}:alarm:TargetTracking-CodeDeploy_*",),
            {},
        ),
        (
            "the template names AWS's public parameter of the image",
            "ssm: GetParameters",
            (f"arn:aws:ssm:{REGION}::parameter/aws/service/*",),
            {},
        ),
        (
            "what is launched has no ARN before, so the template bounds it",
            "ec2: RunInstances",
            ("*",),
            {"ec2:LaunchTemplate": (f"arn:aws:ec2:{HERE}:launch-template/*",)},
        ),
        (
            "the template tags what it launches",
            "ec2: CreateTags",
            tuple(f"arn:aws:ec2:{HERE}:{kind}/*" for kind in ("instance", "volume", "network-interface")),
            {"ec2:CreateAction": ("RunInstances",)},
        ),
        (
            "the template's instance profile",
            "iam: PassRole",
            (f"arn:aws:iam::{ACCOUNT_ID}:role/{names('ec2-role')}",),
            {"iam:PassedToService": ("ec2.amazonaws.com",)},
        ),
    ):
        yield Need(who=who, why=f"{why} (ADR 0002)", actions=actions(what), on=on, when=when)
