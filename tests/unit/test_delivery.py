"""Delivery beside what the document draws: which images stay, blue/green deployments, and a third service."""

import json
from typing import Final

import pytest

from tests.synthesized import Resource, Stack

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


def test_blue_green_leaves_terraforms_auto_scaling_group_alive(blue_green: list[Resource]) -> None:
    for group in blue_green:
        ending = group["blue_green_deployment_config"]["terminate_blue_instances_on_deployment_success"]
        assert ending == {"action": "KEEP_ALIVE"}


def test_terraform_does_not_move_a_group_back_from_the_copy_that_blue_green_made(blue_green: list[Resource]) -> None:
    assert all("autoscaling_groups" in group["lifecycle"]["ignore_changes"] for group in blue_green)
