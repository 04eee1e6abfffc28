"""Section 4 of the architecture, its instances: launch templates, Auto Scaling groups and what instances start with."""

import json
from typing import Any, Final

import pytest

from tests.synthesized import Resource, Stack, address_of, attribute_of, tags
from wealist.spec.services import Service

ROLES: Final = ("backend", "monitoring")
USER: Final = ("user-service", 8080, "/api/users/actuator/health", "/api/users/actuator/prometheus")
BOARD: Final = ("board-service", 8000, "/api/boards/health", "/api/boards/metrics")
each_role = pytest.mark.parametrize("role", ROLES)


def group(stack: Stack, name: str, role: str) -> Resource:
    return stack.only("aws_autoscaling_group", name=f"wealist-{name}-{role}-asg")


def template(stack: Stack, name: str, role: str) -> Resource:
    """What a group launches its instances from."""
    return stack.at(address_of(group(stack, name, role)["launch_template"]["id"]))


def bootstrap(stack: Stack, name: str, role: str) -> Resource:
    """The arguments of the module that writes a role's user data."""
    return stack.module(template(stack, name, role)["user_data"])


def services(stack: Stack, name: str, role: str) -> list[tuple[Any, ...]]:
    """What an instance is told of each service."""
    told = ("name", "port", "health_path", "metrics_path")
    return [tuple(service[key] for key in told) for service in bootstrap(stack, name, role)["services"]]


def sizes(found: Resource) -> tuple[int, int, int]:
    return found["min_size"], found["max_size"], found["desired_capacity"]


def subnet_names(stack: Stack, found: Resource) -> list[str]:
    return [tags(stack.at(address))["Name"] for address in found.refers_to("vpc_zone_identifier")]


def target_ports(stack: Stack, found: Resource) -> set[int]:
    return {stack.at(address)["port"] for address in found.refers_to("target_group_arns")}


# Auto Scaling groups


def test_there_are_a_backend_and_a_monitoring_group(name: str, stack: Stack) -> None:
    found = {each["name"] for each in stack.all("aws_autoscaling_group")}
    assert found == {f"wealist-{name}-{role}-asg" for role in ROLES}


def test_the_backend_has_two_to_six_instances_in_prod_and_one_or_two_in_dev(prod: Stack, dev: Stack) -> None:
    assert sizes(group(prod, "prod", "backend")) == (2, 6, 2)
    assert sizes(group(dev, "dev", "backend")) == (1, 2, 1)


def test_the_backend_runs_in_the_three_private_subnets(name: str, stack: Stack) -> None:
    found = subnet_names(stack, group(stack, name, "backend"))
    assert sorted(found) == [f"wealist-{name}-private-subnet-{number}" for number in (1, 2, 3)]


def test_monitoring_is_one_instance_in_private_subnet_3(name: str, stack: Stack) -> None:
    monitoring = group(stack, name, "monitoring")
    assert sizes(monitoring) == (1, 1, 1)
    assert subnet_names(stack, monitoring) == [f"wealist-{name}-private-subnet-3"]


def test_the_services_run_on_the_backend_and_grafana_on_monitoring(name: str, stack: Stack) -> None:
    assert target_ports(stack, group(stack, name, "backend")) == {8080, 8000}
    assert target_ports(stack, group(stack, name, "monitoring")) == {3001}


@each_role
def test_an_instance_that_fails_its_health_checks_is_replaced(name: str, stack: Stack, role: str) -> None:
    found = group(stack, name, role)
    assert found["health_check_type"] == "ELB"
    # Docker and the agent are installed first.
    assert found["health_check_grace_period"] >= 120


@each_role
def test_a_new_launch_template_reaches_the_group_by_its_version(name: str, stack: Stack, role: str) -> None:
    """`$Latest` would never show in a plan, nor replace an instance."""
    version = group(stack, name, role)["launch_template"]["version"]
    assert address_of(version) == template(stack, name, role).address
    assert attribute_of(version) == "latest_version"


@each_role
def test_terraform_leaves_the_number_of_instances_to_scaling(name: str, stack: Stack, role: str) -> None:
    assert group(stack, name, role)["lifecycle"]["ignore_changes"] == ["desired_capacity"]


def test_the_backend_scales_on_its_average_cpu_use_and_monitoring_does_not(name: str, stack: Stack) -> None:
    policy = stack.only("aws_autoscaling_policy")
    assert stack.target(policy, "autoscaling_group_name").address == group(stack, name, "backend").address
    assert policy["policy_type"] == "TargetTrackingScaling"
    tracking = policy["target_tracking_configuration"]
    assert tracking["predefined_metric_specification"] == {"predefined_metric_type": "ASGAverageCPUUtilization"}
    assert tracking["target_value"] == 60
    assert not tracking.get("disable_scale_in")


@each_role
def test_instances_and_volumes_are_tagged_as_discovery_and_bills_need(name: str, stack: Stack, role: str) -> None:
    wanted = {"Name": f"wealist-{name}-{role}", "Role": role, "Project": "wealist", "Environment": name}
    found = {tag["key"]: tag["value"] for tag in group(stack, name, role)["tag"] if tag["propagate_at_launch"]}
    assert found.items() >= wanted.items()
    specified = {each["resource_type"]: each["tags"] for each in template(stack, name, role)["tag_specifications"]}
    assert set(specified) == {"instance", "volume"}
    assert all(each.items() >= wanted.items() for each in specified.values())


@each_role
def test_the_default_tags_reach_what_the_provider_does_not_tag_by_itself(name: str, stack: Stack, role: str) -> None:
    """The provider leaves Auto Scaling groups, and what they launch, without its default tags."""
    (default,) = stack.document["provider"]["aws"][0]["default_tags"]
    found = {tag["key"]: tag["value"] for tag in group(stack, name, role)["tag"]}
    assert found.items() >= default["tags"].items()
    for specification in template(stack, name, role)["tag_specifications"]:
        assert specification["tags"].items() >= default["tags"].items()


# Launch templates


@each_role
def test_instances_are_of_the_documented_type(name: str, stack: Stack, role: str) -> None:
    assert template(stack, name, role)["instance_type"] == "t3.small"


@each_role
def test_credentials_need_a_session_token_and_reach_containers(name: str, stack: Stack, role: str) -> None:
    options = template(stack, name, role)["metadata_options"]
    assert options["http_endpoint"] == "enabled"
    assert options["http_tokens"] == "required"
    assert options["http_put_response_hop_limit"] == 2


@each_role
def test_every_volume_is_encrypted_gp3_and_goes_with_its_instance(name: str, stack: Stack, role: str) -> None:
    (volume,) = template(stack, name, role)["block_device_mappings"]
    # The root of both Amazon Linux images: another name would leave the root unencrypted beside a second volume.
    assert volume["device_name"] == "/dev/xvda"
    assert volume["ebs"]["volume_type"] == "gp3"
    assert volume["ebs"]["encrypted"] == "true"
    assert volume["ebs"]["delete_on_termination"] == "true"


@each_role
def test_no_instance_has_a_public_address(name: str, stack: Stack, role: str) -> None:
    (interface,) = template(stack, name, role)["network_interfaces"]
    assert interface["associate_public_ip_address"] == "false"


@each_role
def test_nobody_logs_in_by_ssh(name: str, stack: Stack, role: str) -> None:
    assert "key_name" not in template(stack, name, role)


@each_role
def test_instances_are_monitored_in_detail(name: str, stack: Stack, role: str) -> None:
    assert template(stack, name, role)["monitoring"] == {"enabled": True}


@each_role
def test_instances_run_as_the_instances_role(name: str, stack: Stack, role: str) -> None:
    profile = stack.at(address_of(template(stack, name, role)["iam_instance_profile"]["arn"]))
    assert stack.target(profile, "role")["name"] == f"wealist-{name}-ec2-role"


@each_role
def test_instances_run_amazon_linux_2_as_documented(name: str, stack: Stack, role: str) -> None:
    """Read from AWS's public parameter at launch, so that no plan changes when AWS publishes an image."""
    image = template(stack, name, role)["image_id"]
    assert image == "resolve:ssm:/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2"
    assert bootstrap(stack, name, role)["operating_system"] == "amazon_linux_2"


# User data


@each_role
def test_user_data_is_the_modules_for_the_role_in_base64(name: str, stack: Stack, role: str) -> None:
    assert attribute_of(template(stack, name, role)["user_data"]) == "user_data_base64"
    module = bootstrap(stack, name, role)
    assert module["source"].endswith("/instance_bootstrap")
    assert module["role"] == role


@each_role
def test_instances_are_told_where_they_are(name: str, stack: Stack, role: str) -> None:
    module = bootstrap(stack, name, role)
    assert module["environment"] == name
    assert module["name_prefix"] == f"wealist-{name}"
    assert module["region"] == "ap-northeast-2"
    assert module["ecr_registry"] == "290008131187.dkr.ecr.ap-northeast-2.amazonaws.com"


@each_role
def test_instances_know_both_services_by_port_and_paths(name: str, stack: Stack, role: str) -> None:
    assert services(stack, name, role) == [USER, BOARD]


@each_role
def test_grafana_answers_where_the_load_balancer_looks_for_it(name: str, stack: Stack, role: str) -> None:
    grafana = bootstrap(stack, name, role)["grafana"]
    target = stack.only("aws_lb_target_group", name=f"wealist-{name}-monitoring-tg")
    assert grafana["port"] == target["port"] == 3001
    assert grafana["health_path"] == target["health_check"]["path"]
    assert grafana["root_path"] == "/monitoring/"
    assert grafana["domain"] == {"dev": "api.dev.wealist.co.kr", "prod": "api.wealist.co.kr"}[name]


@each_role
def test_no_secret_is_handed_to_user_data(name: str, stack: Stack, role: str) -> None:
    """Whatever is known while planning is literal; a reference could bring a secret of another resource."""
    text = json.dumps(dict(bootstrap(stack, name, role)))
    assert "${" not in text
    assert [word for word in ("password", "secret", "token") if word in text.lower()] == []


# Settings


@each_role
def test_al2023_changes_the_image_and_how_it_is_set_up(name: str, otherwise: Stack, role: str) -> None:
    image = template(otherwise, name, role)["image_id"]
    assert image == "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    assert bootstrap(otherwise, name, role)["operating_system"] == "al2023"


def test_a_third_service_runs_on_the_backend_and_is_known_to_every_instance(
    name: str, with_chat: Stack, chat: Service
) -> None:
    assert target_ports(with_chat, group(with_chat, name, "backend")) == {8080, 8000, chat.port}
    assert target_ports(with_chat, group(with_chat, name, "monitoring")) == {3001}
    third = ("chat-service", chat.port, chat.health_path, chat.metrics_path)
    for role in ROLES:
        assert services(with_chat, name, role) == [USER, BOARD, third]


def test_sizes_follow_the_settings(name: str, otherwise: Stack) -> None:
    assert sizes(group(otherwise, name, "backend")) == (3, 9, 4)
    assert sizes(group(otherwise, name, "monitoring")) == (1, 1, 1)
    assert otherwise.only("aws_autoscaling_policy")["target_tracking_configuration"]["target_value"] == 45


@pytest.mark.parametrize(("role", "kind", "gib"), [("backend", "t3.medium", 50), ("monitoring", "t3.large", 40)])
def test_type_and_volume_follow_the_settings(name: str, otherwise: Stack, role: str, kind: str, gib: int) -> None:
    found = template(otherwise, name, role)
    assert found["instance_type"] == kind
    (volume,) = found["block_device_mappings"]
    assert volume["ebs"]["volume_size"] == gib
