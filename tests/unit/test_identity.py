"""Rights of the roles, compared with AWS's managed policies for the same purpose."""

import json
from typing import Final

import pytest

from tests.policies import Grant, allows, grants, grants_of, managed
from tests.synthesized import Stack
from wealist.spec.naming import Names

HERE: Final = "ap-northeast-2:290008131187"
BEYOND_AWSS_OWN: Final = {
    "ec2:CreateTags": "a launch template tags what it launches",
    "ec2:RunInstances": "AWS requires it to launch from a launch template",
    "iam:PassRole": "the same, for the template's instance profile",
    "ssm:GetParameters": "the template names its image by AWS's public parameter",
}
"""Actions that AWS's role for CodeDeploy lacks → why a group with a launch template takes them.

https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html
"""


@pytest.fixture(scope="module")
def copying(name: str, all_changed: Stack) -> set[Grant]:
    """Rights of CodeDeploy with blue/green deployments, which copy the Auto Scaling group."""
    return grants_of(all_changed, f"wealist-{name}-codedeploy-role")


def group(name: str) -> str:
    return f"arn:aws:autoscaling:{HERE}:autoScalingGroup:0-1:autoScalingGroupName/{name}"


def test_in_place_codedeploy_has_no_right_beyond_awss_managed_policy(name: str, stack: Stack) -> None:
    assert {each.action for each in grants_of(stack, f"wealist-{name}-codedeploy-role")} <= managed("AWSCodeDeployRole")


def test_the_agent_has_no_right_beyond_awss_managed_policy(name: str, stack: Stack) -> None:
    agent = stack.policies(f"wealist-{name}-ec2-role")[f"wealist-{name}-ssm-agent-policy"]
    own = managed("AmazonSSMManagedInstanceCore") - {"ssm:GetParameter", "ssm:GetParameters"}
    assert {each.action for each in grants(agent["policy"]) if not each.action.startswith("s3:")} <= own


def test_the_agent_lacks_the_rights_to_parameters_and_distributor(name: str, stack: Stack) -> None:
    """https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSSMManagedInstanceCore.html."""
    agent = stack.policies(f"wealist-{name}-ec2-role")[f"wealist-{name}-ssm-agent-policy"]
    lacked = managed("AmazonSSMManagedInstanceCore") - {each.action for each in grants(agent["policy"])}
    assert lacked == {"ssm:GetParameter", "ssm:GetParameters", "ssm:GetManifest", "ssm:PutConfigurePackageResult"}


def test_the_agent_reads_only_the_buckets_that_aws_names_for_linux(name: str, stack: Stack) -> None:
    """https://docs.aws.amazon.com/systems-manager/latest/userguide/patch-operations-s3-buckets.html."""
    agent = stack.policies(f"wealist-{name}-ec2-role")[f"wealist-{name}-ssm-agent-policy"]
    reads = {each.resource for each in grants(agent["policy"]) if each.action.startswith("s3:")}
    assert {each.action for each in grants(agent["policy"]) if each.resource in reads} == {"s3:GetObject"}
    assert reads == {
        f"arn:aws:s3:::{bucket}/*"
        for bucket in (
            "amazon-ssm-ap-northeast-2",
            "aws-patch-manager-ap-northeast-2-10467995c",
            "aws-ssm-ap-northeast-2",
            "patch-baseline-snapshot-ap-northeast-2",
        )
    }


def test_the_s3_endpoint_allows_every_s3_right_of_the_instances(name: str, stack: Stack) -> None:
    endpoint = stack.at("aws_vpc_endpoint.endpoints_s3")["policy"]
    let_through = {action for each in json.loads(endpoint)["Statement"] for action in each["Action"]}
    used = {each.action for each in grants_of(stack, f"wealist-{name}-ec2-role") if each.action.startswith("s3:")}
    assert "s3:AbortMultipartUpload" in used
    assert used <= let_through


def test_uploads_can_be_aborted_only_in_the_bucket_of_services(name: str, stack: Stack) -> None:
    granted = grants_of(stack, f"wealist-{name}-ec2-role")
    (where,) = [each.resource for each in granted if each.action == "s3:AbortMultipartUpload"]
    assert where == f"arn:aws:s3:::{Names(name).app_resources_bucket}/*"


def test_a_workflow_reads_results_of_commands_and_lists_none(name: str, stack: Stack) -> None:
    actions = {each.action for each in grants_of(stack, f"wealist-{name}-github-actions-role")}
    assert {each for each in actions if "Command" in each} == {"ssm:SendCommand", "ssm:GetCommandInvocation"}


def test_blue_green_adds_only_the_rights_of_a_launch_template(copying: set[Grant]) -> None:
    assert {each.action for each in copying} - managed("AWSCodeDeployRole") == BEYOND_AWSS_OWN.keys()


def test_blue_green_changes_only_copies_of_the_group(copying: set[Grant], name: str) -> None:
    verbs = ("CreateAutoScalingGroup", "UpdateAutoScalingGroup", "DeleteAutoScalingGroup", "PutScalingPolicy")
    for verb in (*verbs, "AttachLoadBalancerTargetGroups"):
        assert allows(copying, f"autoscaling:{verb}", group("CodeDeploy_wealist-group_d-ABC123"))
        assert not allows(copying, f"autoscaling:{verb}", group(f"wealist-{name}-backend-asg"))


def test_blue_green_completes_launches_of_a_copy(copying: set[Grant]) -> None:
    for verb in ("CompleteLifecycleAction", "RecordLifecycleActionHeartbeat", "DeleteLifecycleHook"):
        assert allows(copying, f"autoscaling:{verb}", group("CodeDeploy_group_d-ABC123"))


def test_instances_are_launched_only_from_a_template_and_tagged_only_at_launch(copying: set[Grant]) -> None:
    instance = f"arn:aws:ec2:{HERE}:instance/*"
    template = f"arn:aws:ec2:{HERE}:launch-template/lt-0123"
    assert allows(copying, "ec2:RunInstances", instance, LaunchTemplate=template)
    assert not allows(copying, "ec2:RunInstances", instance)
    assert allows(copying, "ec2:CreateTags", instance, CreateAction="RunInstances")
    assert not allows(copying, "ec2:CreateTags", instance, CreateAction="CreateVolume")


def test_blue_green_passes_only_the_instances_role_to_ec2(copying: set[Grant], name: str) -> None:
    role = f"arn:aws:iam::290008131187:role/wealist-{name}-ec2-role"
    assert {(each.resource, json.loads(each.condition)["StringEquals"]["iam:PassedToService"])
            for each in copying if each.action == "iam:PassRole"} == {(role, "ec2.amazonaws.com")}  # fmt: skip


def test_a_third_service_may_be_pushed_deployed_and_pulled(name: str, with_chat: Stack) -> None:
    image = f"arn:aws:ecr:{HERE}:repository/wealist-{name}-chat-service"
    targets = f"arn:aws:elasticloadbalancing:{HERE}:targetgroup/wealist-{name}-chat-tg/0123"
    for role, action, resource in (
        ("github-actions", "ecr:PutImage", image),
        ("ec2", "ecr:BatchGetImage", image),
        ("codedeploy", "elasticloadbalancing:RegisterTargets", targets),
    ):
        assert allows(grants_of(with_chat, f"wealist-{name}-{role}-role"), action, resource)
