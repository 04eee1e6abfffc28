"""Section 7 of the architecture, on the synthesized JSON: image repositories, buckets, and CodeDeploy."""

import json
from typing import Any, Final

import pytest

from tests.synthesized import Resource, Stack, attribute_of, tags

GROUP: Final = "aws_codedeploy_deployment_group"
SERVICES: Final = ("user", "board")
BUCKETS: Final = {
    "prod": {
        "wealist-codedeploy-artifacts",
        "wealist-app-artifacts",
        "wealist-deploy-scripts",
        "wealist-app-resources",
    },
    "dev": {
        "wealist-codedeploy-artifacts-dev",
        "wealist-app-artifacts-dev",
        "wealist-deploy-scripts-dev",
        "wealist-app-resources-dev",
    },
}


def bucket_of(stack: Stack, kind: str, bucket: Resource) -> Resource:
    """The one setting of a type that belongs to a bucket."""
    (found,) = stack.pointing_at(bucket, kind, "bucket")
    return found


def rules(stack: Stack, repository: Resource) -> list[dict[str, Any]]:
    """The lifecycle rules of an image repository, in the order in which ECR applies them."""
    (policy,) = stack.pointing_at(repository, "aws_ecr_lifecycle_policy", "repository")
    return sorted(json.loads(policy["policy"])["rules"], key=lambda rule: int(rule["rulePriority"]))


def test_there_is_one_image_repository_per_service(stack: Stack, name: str) -> None:
    assert {repository["name"] for repository in stack.all("aws_ecr_repository")} == {
        f"wealist-{name}-user-service",
        f"wealist-{name}-board-service",
    }


def test_images_are_scanned_as_they_arrive(stack: Stack) -> None:
    for repository in stack.all("aws_ecr_repository"):
        assert repository["image_scanning_configuration"]["scan_on_push"] is True


def test_latest_can_be_pushed_again_because_instances_pull_it(stack: Stack) -> None:
    assert {repository["image_tag_mutability"] for repository in stack.all("aws_ecr_repository")} == {"MUTABLE"}


def test_images_that_lost_their_tag_go_after_days_and_old_ones_by_number(stack: Stack) -> None:
    for repository in stack.all("aws_ecr_repository"):
        untagged, old = rules(stack, repository)
        assert untagged["selection"]["tagStatus"] == "untagged"
        assert untagged["selection"]["countType"] == "sinceImagePushed"
        assert untagged["selection"]["countUnit"] == "days"
        # ECR takes "any" in the last rule only.
        assert old["selection"]["tagStatus"] == "any"
        assert old["selection"]["countType"] == "imageCountMoreThan"
        # A rollback needs the image before; one version a day keeps a month.
        assert old["selection"]["countNumber"] >= 10
        assert {rule["action"]["type"] for rule in (untagged, old)} == {"expire"}
        assert untagged["rulePriority"] != old["rulePriority"]


def test_the_four_buckets_have_the_documented_names(stack: Stack, name: str) -> None:
    others = {bucket["bucket"] for bucket in stack.all("aws_s3_bucket")} - BUCKETS[name]
    assert others == {
        {"prod": "wealist-frontend", "dev": "wealist-frontend-dev"}[name],
        f"wealist-{name}-access-logs-290008131187",
    }
    assert len(stack.all("aws_s3_bucket")) == 6


def test_no_bucket_of_a_delivery_is_public(stack: Stack, name: str) -> None:
    for bucket in (stack.only("aws_s3_bucket", bucket=each) for each in BUCKETS[name]):
        block = bucket_of(stack, "aws_s3_bucket_public_access_block", bucket)
        for switch in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"):
            assert block[switch] is True
        ownership = bucket_of(stack, "aws_s3_bucket_ownership_controls", bucket)
        assert ownership["rule"]["object_ownership"] == "BucketOwnerEnforced"


def test_buckets_of_a_delivery_are_encrypted_and_versioned(stack: Stack, name: str) -> None:
    for bucket in (stack.only("aws_s3_bucket", bucket=each) for each in BUCKETS[name]):
        (rule,) = bucket_of(stack, "aws_s3_bucket_server_side_encryption_configuration", bucket)["rule"]
        assert rule["apply_server_side_encryption_by_default"]["sse_algorithm"] == "AES256"
        versioning = bucket_of(stack, "aws_s3_bucket_versioning", bucket)
        assert versioning["versioning_configuration"]["status"] == "Enabled"


def test_buckets_of_a_delivery_forget_old_versions_and_unfinished_uploads_but_no_object(
    stack: Stack, name: str
) -> None:
    for bucket in (stack.only("aws_s3_bucket", bucket=each) for each in BUCKETS[name]):
        (rule,) = bucket_of(stack, "aws_s3_bucket_lifecycle_configuration", bucket)["rule"]
        assert rule["status"] == "Enabled"
        assert rule["abort_incomplete_multipart_upload"] == [{"days_after_initiation": 7}]
        assert rule["noncurrent_version_expiration"][0]["noncurrent_days"] > 0
        assert "expiration" not in rule


def test_buckets_of_a_delivery_answer_over_tls_only_and_invite_nobody(stack: Stack, name: str) -> None:
    for bucket in (stack.only("aws_s3_bucket", bucket=each) for each in BUCKETS[name]):
        arn = f"arn:aws:s3:::{bucket['bucket']}"
        (refusal,) = bucket_of(stack, "aws_s3_bucket_policy", bucket).statements().values()
        assert refusal["Effect"] == "Deny"
        assert refusal["Principal"] == "*"
        assert refusal["Action"] == ["s3:*"]
        assert set(refusal["Resource"]) == {arn, f"{arn}/*"}
        assert refusal["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_every_service_has_its_own_application_and_group(stack: Stack, name: str) -> None:
    made = {(stack.target(group, "app_name")["name"], group["deployment_group_name"]) for group in stack.all(GROUP)}
    assert made == {
        (f"wealist-{name}-{service}-service", f"wealist-{name}-{service}-service-group") for service in SERVICES
    }
    assert {application["compute_platform"] for application in stack.all("aws_codedeploy_app")} == {"Server"}
    assert len(stack.all("aws_codedeploy_app")) == len(SERVICES)


def test_a_deployment_takes_one_instance_at_a_time(stack: Stack) -> None:
    for group in stack.all(GROUP):
        assert group["deployment_config_name"] == "CodeDeployDefault.OneAtATime"


def test_a_deployment_replaces_in_place_with_the_instance_out_of_traffic(stack: Stack) -> None:
    for group in stack.all(GROUP):
        assert group["deployment_style"] == {
            "deployment_type": "IN_PLACE",
            "deployment_option": "WITH_TRAFFIC_CONTROL",
        }
        # CodeDeploy refuses it beside IN_PLACE.
        assert "blue_green_deployment_config" not in group


@pytest.mark.parametrize(("service", "port"), [("user", 8080), ("board", 8000)])
def test_a_service_is_taken_out_of_its_own_target_group(stack: Stack, name: str, service: str, port: int) -> None:
    group = stack.only(GROUP, deployment_group_name=f"wealist-{name}-{service}-service-group")
    (info,) = group["load_balancer_info"]["target_group_info"]
    target_group = stack.target(Resource(group.address, info), "name")
    assert (target_group["name"], target_group["port"]) == (f"wealist-{name}-{service}-tg", port)
    assert attribute_of(info["name"]) == "name"
    assert set(group["load_balancer_info"]) == {"target_group_info"}


def test_new_versions_go_to_the_backend_and_not_to_the_monitoring(stack: Stack, name: str) -> None:
    for group in stack.all(GROUP):
        backend = stack.only("aws_autoscaling_group", name=f"wealist-{name}-backend-asg")
        assert group.refers_to("autoscaling_groups") == [backend.address]
        assert [attribute_of(each) for each in group["autoscaling_groups"]] == ["name"]
        # Tags would find the monitoring instance, or those of another environment.
        assert not {"ec2_tag_filter", "ec2_tag_set"} & set(group)


def test_a_failed_deployment_is_rolled_back(stack: Stack) -> None:
    for group in stack.all(GROUP):
        rollback = group["auto_rollback_configuration"]
        assert rollback["enabled"] is True
        assert "DEPLOYMENT_FAILURE" in rollback["events"]


def test_codedeploy_acts_as_its_own_role(stack: Stack, name: str) -> None:
    for group in stack.all(GROUP):
        assert stack.target(group, "service_role_arn")["name"] == f"wealist-{name}-codedeploy-role"
        assert attribute_of(group["service_role_arn"]) == "arn"


def test_blue_green_is_one_setting_away(otherwise: Stack) -> None:
    groups = otherwise.all(GROUP)
    assert len(groups) == len(SERVICES)
    for group in groups:
        assert group["deployment_style"] == {
            "deployment_type": "BLUE_GREEN",
            "deployment_option": "WITH_TRAFFIC_CONTROL",
        }
        assert group["deployment_config_name"] == "CodeDeployDefault.OneAtATime"
        settings = group["blue_green_deployment_config"]
        assert settings["green_fleet_provisioning_option"] == {"action": "COPY_AUTO_SCALING_GROUP"}
        assert settings["deployment_ready_option"] == {"action_on_timeout": "CONTINUE_DEPLOYMENT"}
        assert group["load_balancer_info"]["target_group_info"]
        assert group["auto_rollback_configuration"]["enabled"] is True


def test_blue_green_leaves_terraforms_auto_scaling_group_alive(otherwise: Stack) -> None:
    for group in otherwise.all(GROUP):
        ending = group["blue_green_deployment_config"]["terminate_blue_instances_on_deployment_success"]
        assert ending == {"action": "KEEP_ALIVE"}


def test_terraform_does_not_move_a_group_back_from_the_copy_that_blue_green_made(otherwise: Stack) -> None:
    for group in otherwise.all(GROUP):
        assert "autoscaling_groups" in group.get("lifecycle", {}).get("ignore_changes", [])


def test_a_third_service_is_delivered_like_the_others(with_chat: Stack, name: str) -> None:
    assert len(with_chat.all("aws_ecr_repository")) == len(with_chat.all("aws_codedeploy_app")) == 3
    repository = with_chat.only("aws_ecr_repository", name=f"wealist-{name}-chat-service")
    assert len(rules(with_chat, repository)) == 2
    group = with_chat.only(GROUP, deployment_group_name=f"wealist-{name}-chat-service-group")
    assert with_chat.target(group, "app_name")["name"] == f"wealist-{name}-chat-service"
    (info,) = group["load_balancer_info"]["target_group_info"]
    target_group = with_chat.target(Resource(group.address, info), "name")
    assert (target_group["name"], target_group["port"]) == (f"wealist-{name}-chat-tg", 9000)


def test_every_part_of_a_delivery_carries_its_name(stack: Stack) -> None:
    for kind, named in (("aws_ecr_repository", "name"), ("aws_codedeploy_app", "name"), ("aws_s3_bucket", "bucket")):
        for resource in stack.all(kind):
            assert tags(resource)["Name"] == resource[named]
