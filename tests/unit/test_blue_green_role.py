"""What CodeDeploy may do where it copies the Auto Scaling group: the copies' life, and nothing of Terraform's group."""

import json
from typing import Final

import pytest

from tests.policies import Grant, allows, grants_of, managed
from tests.synthesized import Stack, stacks

HERE: Final = "ap-northeast-2:290008131187"
LAUNCHED: Final = {"ArnLike": {"ec2:LaunchTemplate": f"arn:aws:ec2:{HERE}:launch-template/*"}}
COPIES: Final = f"arn:aws:autoscaling:{HERE}:autoScalingGroup:*:autoScalingGroupName/CodeDeploy_*"
COPIED: Final = {
    "autoscaling:AttachLoadBalancerTargetGroups": "traffic moves to the copy by its target group",
    "autoscaling:CreateAutoScalingGroup": "the copy",
    "autoscaling:CreateOrUpdateTags": "with the original's tags",
    "autoscaling:DeleteAutoScalingGroup": "the copy that a later one replaces",
    "autoscaling:EnableMetricsCollection": "with the original's metrics",
    "autoscaling:PutScalingPolicy": "and its scaling policies",
    "autoscaling:UpdateAutoScalingGroup": "and its sizes",
}
"""What makes, fills and deletes a copy → why."""
LOOKS: Final = {
    "autoscaling:DescribeNotificationConfigurations": "what else of the original is to be copied",
    "autoscaling:DescribePolicies": "the same",
    "autoscaling:DescribeScheduledActions": "the same",
}
"""What CodeDeploy looks at besides, on everything, as none has a resource → why."""
BEYOND_AWSS_OWN: Final = {
    "ec2:CreateTags": "a launch template tags what it launches",
    "ec2:RunInstances": "AWS asks it of whoever launches from a launch template",
    "iam:PassRole": "the same, for the template's instance profile",
    "ssm:GetParameters": "the template names its image by AWS's public parameter",
}
"""Actions that AWS's role for CodeDeploy lacks → why a group with a launch template takes them.

https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html
"""


@pytest.fixture(scope="module")
def copying(name: str, otherwise: Stack) -> set[Grant]:
    """What CodeDeploy may do where it copies the Auto Scaling group."""
    return grants_of(otherwise, f"wealist-{name}-codedeploy-role")


@pytest.fixture(scope="module")
def added(copying: set[Grant], name: str) -> set[Grant]:
    """What it may do besides what it may do in place."""
    return copying - grants_of(stacks()[name], f"wealist-{name}-codedeploy-role")


def conditional(action: str, resource: str, condition: dict[str, dict[str, str]]) -> Grant:
    return Grant(action, resource, json.dumps(condition))


def test_copying_adds_exactly_these_statements(added: set[Grant], name: str) -> None:
    hooks = ("CompleteLifecycleAction", "DeleteLifecycleHook", "PutLifecycleHook", "RecordLifecycleActionHeartbeat")
    launch, to_ec2 = {"ec2:CreateAction": "RunInstances"}, {"iam:PassedToService": "ec2.amazonaws.com"}
    role = f"arn:aws:iam::290008131187:role/wealist-{name}-ec2-role"
    assert added == {
        *(Grant(action, COPIES) for action in COPIED),
        *(Grant(f"autoscaling:{each}", COPIES) for each in (*hooks, "ResumeProcesses", "SuspendProcesses")),
        *(Grant(action, "*") for action in LOOKS),
        # Target tracking brings alarms, which Auto Scaling names after the group.
        Grant("cloudwatch:PutMetricAlarm", f"arn:aws:cloudwatch:{HERE}:alarm:TargetTracking-CodeDeploy_*"),
        Grant("ssm:GetParameters", "arn:aws:ssm:ap-northeast-2::parameter/aws/service/*"),
        conditional("ec2:RunInstances", "*", LAUNCHED),
        *(
            conditional("ec2:CreateTags", f"arn:aws:ec2:{HERE}:{kind}/*", {"StringEquals": launch})
            for kind in ("instance", "volume", "network-interface")
        ),
        conditional("iam:PassRole", role, {"StringEquals": to_ec2}),
    }


def test_copying_takes_what_awss_own_role_has_and_what_a_launch_template_takes(copying: set[Grant]) -> None:
    assert {grant.action for grant in copying} - managed("AWSCodeDeployRole") == set(BEYOND_AWSS_OWN)


def test_tags_are_put_on_nothing_that_is_not_being_launched(copying: set[Grant]) -> None:
    for context in ({}, {"CreateAction": "CreateVolume"}):
        assert not allows(copying, "ec2:CreateTags", f"arn:aws:ec2:{HERE}:instance/*", **context)


def test_no_instance_is_started_without_a_launch_template(copying: set[Grant]) -> None:
    instance = f"arn:aws:ec2:{HERE}:instance/*"
    template = f"arn:aws:ec2:{HERE}:launch-template/lt-0123"
    assert allows(copying, "ec2:RunInstances", instance, LaunchTemplate=template)
    assert not allows(copying, "ec2:RunInstances", instance)


def test_blue_green_passes_the_instances_role_to_ec2_alone(copying: set[Grant], name: str) -> None:
    role = f"arn:aws:iam::290008131187:role/wealist-{name}-ec2-role"
    assert {grant.resource for grant in copying if grant.action == "iam:PassRole"} == {role}
    assert allows(copying, "iam:PassRole", role, PassedToService="ec2.amazonaws.com")
    assert not allows(copying, "iam:PassRole", role, PassedToService="lambda.amazonaws.com")
    launched = {json.loads(grant.condition)["ArnLike"]["ec2:LaunchTemplate"] for grant in copying
                if grant.action == "ec2:RunInstances"}  # fmt: skip
    assert launched == {LAUNCHED["ArnLike"]["ec2:LaunchTemplate"]}


def test_blue_green_makes_and_deletes_copies_but_not_terraforms_group(copying: set[Grant], name: str) -> None:
    def group(named: str) -> str:
        return f"arn:aws:autoscaling:{HERE}:autoScalingGroup:0-1:autoScalingGroupName/{named}"

    for verb in ("CreateAutoScalingGroup", "UpdateAutoScalingGroup", "DeleteAutoScalingGroup"):
        assert allows(copying, f"autoscaling:{verb}", group("CodeDeploy_wealist-group_d-ABC123"))
        assert not allows(copying, f"autoscaling:{verb}", group(f"wealist-{name}-backend-asg"))


def test_blue_green_can_finish_the_launches_of_a_copy(copying: set[Grant]) -> None:
    copy = f"arn:aws:autoscaling:{HERE}:autoScalingGroup:0-1:autoScalingGroupName/CodeDeploy_group_d-ABC123"
    for verb in ("CompleteLifecycleAction", "RecordLifecycleActionHeartbeat", "DeleteLifecycleHook"):
        assert allows(copying, f"autoscaling:{verb}", copy)


def test_blue_green_can_tag_what_it_launches(copying: set[Grant]) -> None:
    assert allows(copying, "ec2:CreateTags", f"arn:aws:ec2:{HERE}:instance/*", CreateAction="RunInstances")
