"""Section 7 of the architecture: image repositories, buckets and CodeDeploy.

`tests/unit/operations/bundle` tests the steps of a deployment on an instance.
"""

from typing import Final

import pytest

from tests.synthesized import Resource, Stack, address_of

SERVICES: Final = ("user", "board")
BUCKETS: Final = ("codedeploy-artifacts", "app-artifacts", "deploy-scripts", "app-resources")
each_service = pytest.mark.parametrize("service", SERVICES)


def deployment_group(stack: Stack, name: str, service: str) -> Resource:
    group_name = f"wealist-{name}-{service}-service-group"
    return stack.only("aws_codedeploy_deployment_group", deployment_group_name=group_name)


@each_service
def test_each_service_has_an_image_repository_with_mutable_tags(name: str, stack: Stack, service: str) -> None:
    repository = stack.only("aws_ecr_repository", name=f"wealist-{name}-{service}-service")
    assert repository["image_tag_mutability"] == "MUTABLE"


@pytest.mark.parametrize("bucket", BUCKETS)
def test_buckets_have_the_documented_names(name: str, stack: Stack, bucket: str) -> None:
    assert stack.only("aws_s3_bucket", bucket=f"wealist-{bucket}{'' if name == 'prod' else '-dev'}")


@each_service
def test_each_service_has_an_application_that_deploys_to_the_backend(name: str, stack: Stack, service: str) -> None:
    """By tags: two deployment groups must not share an Auto Scaling group (ADR 56)."""
    group = deployment_group(stack, name, service)
    assert stack.target(group, "app_name")["name"] == f"wealist-{name}-{service}-service"
    launched = {
        tag["key"]: tag["value"]
        for tag in stack.only("aws_autoscaling_group", name=f"wealist-{name}-backend-asg")["tag"]
    }
    sets = [each["ec2_tag_filter"] for each in group["ec2_tag_set"]]
    assert [{launched[each["key"]] == each["value"] for each in filters} for filters in sets] == [{True}] * len(sets)
    assert {"key": "Role", "type": "KEY_AND_VALUE", "value": "backend"} in [each for (each,) in sets]


@each_service
def test_deployments_are_in_place_one_at_a_time_with_traffic_control(name: str, stack: Stack, service: str) -> None:
    """The document says "Blue/Green" and draws this. Blue/green is a setting."""
    group = deployment_group(stack, name, service)
    assert group["deployment_config_name"] == "CodeDeployDefault.OneAtATime"
    assert group["deployment_style"] == {"deployment_type": "IN_PLACE", "deployment_option": "WITH_TRAFFIC_CONTROL"}


@each_service
def test_target_groups_of_services_drain_for_30_seconds(name: str, stack: Stack, service: str) -> None:
    (info,) = deployment_group(stack, name, service)["load_balancer_info"]["target_group_info"]
    target_group = stack.at(address_of(info["name"]))
    assert target_group["name"] == f"wealist-{name}-{service}-tg"
    assert int(target_group["deregistration_delay"]) == 30


@each_service
def test_a_failed_deployment_is_rolled_back(name: str, stack: Stack, service: str) -> None:
    rollback = deployment_group(stack, name, service)["auto_rollback_configuration"]
    assert rollback["enabled"] is True
    assert "DEPLOYMENT_FAILURE" in rollback["events"]
