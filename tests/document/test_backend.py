"""Section 4 of the architecture: the load balancer, the groups of instances, and what runs on them."""

from typing import Final

import pytest

from tests.routing import subnet_names
from tests.synthesized import Resource, Stack, address_of, attribute_of, environment

API: Final = {"dev": "api.dev.wealist.co.kr", "prod": "api.wealist.co.kr"}
ROUTES: Final = {
    "user": ("/api/users/*", 8080, "/api/users/actuator/health"),
    "board": ("/api/boards/*", 8000, "/api/boards/health"),
    "monitoring": ("/monitoring/*", 3001, "/monitoring/api/health"),
}
"""Target group → path, port and path of the health check. The document leaves Grafana's health check open."""
ROLES: Final = ("backend", "monitoring")
each_route = pytest.mark.parametrize("route", ROUTES)
each_role = pytest.mark.parametrize("role", ROLES)


def target_group(stack: Stack, name: str, route: str) -> Resource:
    return stack.only("aws_lb_target_group", name=f"wealist-{name}-{route}-tg")


def group(stack: Stack, name: str, role: str) -> Resource:
    return stack.only("aws_autoscaling_group", name=f"wealist-{name}-{role}-asg")


def template(stack: Stack, name: str, role: str) -> Resource:
    """Return the launch template of a group."""
    return stack.at(address_of(group(stack, name, role)["launch_template"]["id"]))


def bootstrap(stack: Stack, name: str, role: str) -> Resource:
    """Return the arguments of the module that renders the user data."""
    return stack.target(template(stack, name, role), "user_data")


def target_groups(stack: Stack, found: Resource) -> set[str]:
    return {str(stack.at(address)["name"]).split("-")[2] for address in found.refers_to("target_group_arns")}


# The load balancer


def test_the_apis_name_is_an_alias_of_the_load_balancer(name: str, stack: Stack) -> None:
    alias = stack.only("aws_route53_record", name=API[name], type="A")["alias"]
    assert (address_of(alias["name"]), attribute_of(alias["name"])) == (stack.only("aws_lb").address, "dns_name")


def test_the_load_balancer_faces_the_internet_from_the_three_public_subnets(name: str, stack: Stack) -> None:
    balancer = stack.only("aws_lb", name=f"wealist-{name}-alb", load_balancer_type="application", internal=False)
    assert subnet_names(stack, balancer, "subnets") == [f"public-subnet-{number}" for number in (1, 2, 3)]


def test_http_is_redirected_to_https(name: str, stack: Stack) -> None:
    https = stack.only("aws_lb_listener", port=443, protocol="HTTPS")
    validation = stack.target(https, "certificate_arn")
    assert stack.target(validation, "certificate_arn")["domain_name"] == API[name]
    (action,) = stack.only("aws_lb_listener", port=80, protocol="HTTP")["default_action"]
    assert action["redirect"] == {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"}


def test_requests_are_forwarded_by_path_to_the_documented_target_groups(name: str, stack: Stack) -> None:
    forwarded = {}
    for rule in stack.all("aws_lb_listener_rule"):
        ((action,), (condition,)) = rule["action"], rule["condition"]
        if action["type"] == "forward":
            target = stack.at(address_of(action["target_group_arn"]))
            forwarded[target["name"]] = (condition["path_pattern"]["values"], target["port"])
    assert forwarded == {f"wealist-{name}-{route}-tg": ([path], port) for route, (path, port, _) in ROUTES.items()}


@each_route
def test_health_checks_use_http_and_the_documented_path(name: str, stack: Stack, route: str) -> None:
    check = target_group(stack, name, route)["health_check"]
    assert (check["protocol"], check["port"], check["path"]) == ("HTTP", "traffic-port", ROUTES[route][2])


# The groups of instances


def test_the_backend_runs_both_services_on_two_to_six_instances_in_the_three_private_subnets(
    prod: Stack, dev: Stack
) -> None:
    for stack, name, sizes in ((prod, "prod", (2, 6, 2)), (dev, "dev", (1, 2, 1))):
        backend = group(stack, name, "backend")
        assert (backend["min_size"], backend["max_size"], backend["desired_capacity"]) == sizes
        assert subnet_names(stack, backend, "vpc_zone_identifier") == [f"private-subnet-{each}" for each in (1, 2, 3)]
        assert target_groups(stack, backend) == {"user", "board"}


def test_monitoring_is_one_instance_in_zone_d(name: str, stack: Stack) -> None:
    monitoring = group(stack, name, "monitoring")
    assert (monitoring["min_size"], monitoring["max_size"], monitoring["desired_capacity"]) == (1, 1, 1)
    assert subnet_names(stack, monitoring, "vpc_zone_identifier") == ["private-subnet-3"]
    assert target_groups(stack, monitoring) == {"monitoring"}


@each_role
def test_instances_are_t3_small(name: str, stack: Stack, role: str) -> None:
    assert template(stack, name, role)["instance_type"] == "t3.small"


@each_role
def test_instances_run_amazon_linux_2_with_a_warning(name: str, stack: Stack, role: str) -> None:
    """Its support ended on 2026-06-30. It is the default because the document names it."""
    image = template(stack, name, role)["image_id"]
    assert image == "resolve:ssm:/aws/service/ami-amazon-linux-latest/amzn2-ami-kernel-5.10-hvm-x86_64-gp2"
    assert any("Amazon Linux 2" in warning for warning in environment(name).warnings)


# `tests/modules` tests the boot of an instance, and `tests/unit/operations/bundle` deployments.


@each_role
def test_user_data_prepares_the_instance_for_its_role_and_both_services(name: str, stack: Stack, role: str) -> None:
    module = bootstrap(stack, name, role)
    assert (module["role"], module["operating_system"]) == (role, "amazon_linux_2")
    assert module["ecr_registry"] == "290008131187.dkr.ecr.ap-northeast-2.amazonaws.com"
    services = {service["name"]: (service["port"], service["health_path"]) for service in module["services"]}
    assert services == {f"{route}-service": ROUTES[route][1:] for route in ("user", "board")}
