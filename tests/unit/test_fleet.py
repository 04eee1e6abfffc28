"""Auto Scaling groups: scaling, tags, user data and grace periods."""

import json

import pytest

from tests.synthesized import Resource, Stack, environment, synthesized
from wealist.spec.services import Service

each_role = pytest.mark.parametrize("role", ["backend", "monitoring"])


def group(stack: Stack, name: str, role: str) -> Resource:
    return stack.only("aws_autoscaling_group", name=f"wealist-{name}-{role}-asg")


def template(stack: Stack, role: str) -> Resource:
    return stack.at(f"aws_launch_template.{role}_fleet_launch_template")


def bootstrap(stack: Stack, role: str) -> Resource:
    """Return the arguments of the module that renders a role's user data."""
    return stack.target(template(stack, role), "user_data")


def test_only_the_backend_scales_on_cpu_use(name: str, stack: Stack) -> None:
    policy = stack.only("aws_autoscaling_policy", policy_type="TargetTrackingScaling")
    assert stack.target(policy, "autoscaling_group_name").address == group(stack, name, "backend").address
    metric = policy["target_tracking_configuration"]["predefined_metric_specification"]
    assert metric == {"predefined_metric_type": "ASGAverageCPUUtilization"}


@each_role
def test_instances_and_volumes_have_the_default_tags_name_and_role(name: str, stack: Stack, role: str) -> None:
    """The provider's default tags do not apply to Auto Scaling groups and their instances."""
    default = stack.document["provider"]["aws"][0]["default_tags"][0]["tags"]
    wanted = default | {"Name": f"wealist-{name}-{role}", "Role": role}
    of_group = {tag["key"]: tag["value"] for tag in group(stack, name, role)["tag"]}
    launched = {each["resource_type"]: each["tags"] for each in template(stack, role)["tag_specifications"]}
    assert launched.keys() == {"instance", "volume"}
    assert all(tags.items() >= wanted.items() for tags in (of_group, *launched.values()))


@each_role
def test_user_data_is_literal(stack: Stack, role: str) -> None:
    """A reference would hide changes of the script in a plan, and could contain a secret of another resource."""
    assert "${" not in json.dumps(bootstrap(stack, role).values)


@each_role
def test_grafana_and_its_target_group_agree_on_port_and_health_path(name: str, stack: Stack, role: str) -> None:
    grafana = bootstrap(stack, role)["grafana"]
    target = stack.only("aws_lb_target_group", name=f"wealist-{name}-monitoring-tg")
    assert (grafana["port"], grafana["health_path"]) == (target["port"], target["health_check"]["path"])
    assert grafana["domain"] == stack.document["output"]["api_url"]["value"].removeprefix("https://")


def test_the_grace_period_covers_the_boot_and_the_slowest_service(name: str, chat: Service) -> None:
    services = [*environment(name).services, chat.model_copy(update={"healthy_within_seconds": 900})]
    stack = synthesized(environment(name, services=tuple(services)))
    assert group(stack, name, "backend")["health_check_grace_period"] == 600 + 900
    policy = stack.only("aws_autoscaling_policy", policy_type="TargetTrackingScaling")
    assert policy["estimated_instance_warmup"] == 600 + 900
    # Monitoring has no deployments.
    assert group(stack, name, "monitoring")["health_check_grace_period"] == 600


def test_a_third_service_is_in_the_target_groups_and_user_data(name: str, with_chat: Stack, chat: Service) -> None:
    backend = group(with_chat, name, "backend").refers_to("target_group_arns")
    assert {with_chat.at(address)["port"] for address in backend} == {8080, 8000, chat.port}
    for role in ("backend", "monitoring"):
        third = bootstrap(with_chat, role)["services"][-1]
        assert (third["name"], third["port"], third["metrics_path"]) == ("chat-service", chat.port, chat.metrics_path)
