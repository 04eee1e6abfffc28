"""Delivery beside what the document draws: which images stay, blue/green deployments, and a third service."""

import json
from typing import Final

import pytest

from tests.synthesized import Resource, Stack, address_of

GROUP: Final = "aws_codedeploy_deployment_group"


def test_ecr_applies_the_rule_for_any_image_last(stack: Stack) -> None:
    """It refuses `any` in another rule than the last."""
    for policy in stack.all("aws_ecr_lifecycle_policy"):
        rules = sorted(json.loads(policy["policy"])["rules"], key=lambda rule: int(rule["rulePriority"]))
        assert [rule["selection"]["tagStatus"] for rule in rules] == ["untagged", "any"]


@pytest.fixture
def blue_green(otherwise: Stack) -> list[Resource]:
    """The deployment groups of an environment with that setting."""
    return otherwise.all(GROUP)


def test_blue_green_moves_traffic_to_a_copy_of_the_group_one_instance_at_a_time(blue_green: list[Resource]) -> None:
    for group in blue_green:
        style = {"deployment_type": "BLUE_GREEN", "deployment_option": "WITH_TRAFFIC_CONTROL"}
        assert group["deployment_style"] == style
        assert group["deployment_config_name"] == "CodeDeployDefault.OneAtATime"
        settings = group["blue_green_deployment_config"]
        assert settings["green_fleet_provisioning_option"] == {"action": "COPY_AUTO_SCALING_GROUP"}
        assert settings["deployment_ready_option"] == {"action_on_timeout": "CONTINUE_DEPLOYMENT"}


def test_blue_green_leaves_terraforms_auto_scaling_group_alive(blue_green: list[Resource]) -> None:
    for group in blue_green:
        ending = group["blue_green_deployment_config"]["terminate_blue_instances_on_deployment_success"]
        assert ending == {"action": "KEEP_ALIVE"}


def test_terraform_does_not_move_a_group_back_from_the_copy_that_blue_green_made(blue_green: list[Resource]) -> None:
    assert all("autoscaling_groups" in group["lifecycle"]["ignore_changes"] for group in blue_green)


def test_in_place_has_no_setting_of_blue_green_which_codedeploy_refuses_beside_it(stack: Stack) -> None:
    assert not [group for group in stack.all(GROUP) if "blue_green_deployment_config" in group]


def test_a_third_service_is_delivered_like_the_others(name: str, with_chat: Stack) -> None:
    repository = with_chat.only("aws_ecr_repository", name=f"wealist-{name}-chat-service")
    assert with_chat.pointing_at(repository, "aws_ecr_lifecycle_policy", "repository")
    group = with_chat.only(GROUP, deployment_group_name=f"wealist-{name}-chat-service-group")
    assert with_chat.target(group, "app_name")["name"] == f"wealist-{name}-chat-service"
    (info,) = group["load_balancer_info"]["target_group_info"]
    assert with_chat.at(address_of(info["name"]))["port"] == 9000
