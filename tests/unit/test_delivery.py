"""Delivery: lifecycle of images, deployment groups, launch hooks and blue/green deployments."""

import json
from typing import Final

import pytest

from tests.synthesized import Resource, Stack, address_of, stacks

GROUP: Final = "aws_codedeploy_deployment_group"


def test_the_lifecycle_rule_for_any_image_is_the_last(stack: Stack) -> None:
    """ECR rejects `any` in any other rule."""
    for policy in stack.all("aws_ecr_lifecycle_policy"):
        rules = sorted(json.loads(policy["policy"])["rules"], key=lambda rule: int(rule["rulePriority"]))
        assert [rule["selection"]["tagStatus"] for rule in rules] == ["untagged", "any"]


def tags_of(stack: Stack, fleet: str) -> dict[str, str]:
    """Return the tags of the instances of a fleet."""
    group = stack.at(f"aws_autoscaling_group.{fleet}_fleet_asg")
    return {tag["key"]: tag["value"] for tag in group["tag"] if tag["propagate_at_launch"]}


def selects(group: Resource, tags: dict[str, str]) -> bool:
    """Whether a deployment group selects an instance with these tags: one filter of each set must match."""
    sets = [each["ec2_tag_filter"] for each in group["ec2_tag_set"]]
    return bool(sets) and all(any(tags.get(each["key"]) == each["value"] for each in filters) for filters in sets)


def test_a_deployment_group_selects_only_the_backend_of_its_environment(name: str) -> None:
    for group in stacks()[name].all(GROUP):
        selected = {
            (environment, fleet)
            for environment in ("dev", "prod")
            for fleet in ("backend", "monitoring")
            if selects(group, tags_of(stacks()[environment], fleet))
        }
        assert selected == {(name, "backend")}


def test_in_place_deployment_groups_have_no_auto_scaling_group(stack: Stack) -> None:
    """CodeDeploy adds a launch hook to every Auto Scaling group of a deployment group.

    https://docs.aws.amazon.com/codedeploy/latest/userguide/integrations-aws-auto-scaling.html
    """
    assert [group.get("autoscaling_groups") for group in stack.all(GROUP)] == [None, None]


def test_user_data_names_the_launch_hook_and_the_deployment_groups(stack: Stack) -> None:
    call = stack.at("module.backend_fleet_bootstrap")
    (hook,) = stack.all("aws_autoscaling_lifecycle_hook")
    waits = (hook["name"], stack.target(hook, "autoscaling_group_name")["name"])
    assert (call["launch_hook"]["name"], call["launch_hook"]["auto_scaling_group"]) == waits
    assert stack.only("aws_s3_bucket", bucket=call["launch_hook"]["bundles_url"].removeprefix("s3://").rstrip("/"))
    deployments = [service["deployment"] for service in call["services"]]
    for group, named in zip(sorted(stack.all(GROUP), key=by_name), sorted(deployments, key=str), strict=True):
        (info,) = group["load_balancer_info"]["target_group_info"]
        assert named == {
            "application": stack.target(group, "app_name")["name"],
            "group": group["deployment_group_name"],
            "target_group": stack.at(address_of(info["name"]))["name"],
        }


def by_name(group: Resource) -> str:
    return str(group["deployment_group_name"])


def test_the_launch_hook_waits_longer_than_the_installation_takes(stack: Stack) -> None:
    (hook,) = stack.all("aws_autoscaling_lifecycle_hook")
    assert hook["heartbeat_timeout"] > stack.at("module.backend_fleet_bootstrap")["launch_hook"]["install_seconds"]


def test_monitoring_installs_no_service(stack: Stack) -> None:
    assert stack.at("module.monitoring_fleet_bootstrap")["launch_hook"] == {}


@pytest.fixture
def blue_green(all_changed: Stack) -> list[Resource]:
    """The deployment groups with blue/green deployments."""
    return all_changed.all(GROUP)


def test_with_blue_green_codedeploy_handles_launches(all_changed: Stack, blue_green: list[Resource]) -> None:
    """CodeDeploy copies the Auto Scaling group, and selects no instance by tags."""
    fleet = "${aws_autoscaling_group.backend_fleet_asg.name}"
    assert [(group["autoscaling_groups"], group.get("ec2_tag_set")) for group in blue_green] == [([fleet], None)] * 2
    assert all_changed.all("aws_autoscaling_lifecycle_hook") == []
    assert all_changed.at("module.backend_fleet_bootstrap")["launch_hook"] == {}


def test_blue_green_keeps_the_original_auto_scaling_group(blue_green: list[Resource]) -> None:
    for group in blue_green:
        ending = group["blue_green_deployment_config"]["terminate_blue_instances_on_deployment_success"]
        assert ending == {"action": "KEEP_ALIVE"}


def test_terraform_ignores_the_copies_of_blue_green(blue_green: list[Resource]) -> None:
    assert all("autoscaling_groups" in group["lifecycle"]["ignore_changes"] for group in blue_green)
