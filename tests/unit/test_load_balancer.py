"""Section 4 of the architecture, its front: the API's load balancer, its listeners, rules and target groups."""

from typing import Final

import pytest

from tests.requests import port_for
from tests.synthesized import API_CERTIFICATE, Resource, Stack, address_of, attribute_of, otherwise, synthesized, tags
from wealist.spec.services import Service

API: Final = {"dev": "api.dev.wealist.co.kr", "prod": "api.wealist.co.kr"}
MODERN_TLS: Final = {"ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"}
"""TLS 1.2 and 1.3: docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""
ROUTES: Final = {
    "user": ("/api/users/*", 8080, "/api/users/actuator/health"),
    "board": ("/api/boards/*", 8000, "/api/boards/health"),
    "monitoring": ("/monitoring/*", 3001, "/monitoring/api/health"),
}


def listener(stack: Stack, port: int) -> Resource:
    return stack.only("aws_lb_listener", port=port)


def rule_target(stack: Stack, rule: Resource) -> Resource:
    """The one target group that a rule forwards to."""
    (action,) = rule["action"]
    assert action["type"] == "forward"
    return stack.at(address_of(action["target_group_arn"]))


def patterns(rule: Resource) -> list[str]:
    """The paths of a rule whose only condition they are."""
    (condition,) = rule["condition"]
    assert set(condition) == {"path_pattern"}
    return list(condition["path_pattern"]["values"])


def forwarding(stack: Stack) -> list[Resource]:
    """The rules that forward, and do not answer by themselves."""
    return [rule for rule in stack.all("aws_lb_listener_rule") if rule["action"][0]["type"] == "forward"]


# The load balancer


def test_the_load_balancer_faces_the_internet_from_the_three_public_subnets(name: str, stack: Stack) -> None:
    balancer = stack.only("aws_lb", load_balancer_type="application", internal=False)
    assert balancer["name"] == f"wealist-{name}-alb"
    found = [tags(stack.at(address))["Name"] for address in balancer.refers_to("subnets")]
    assert found == [f"wealist-{name}-public-subnet-{number}" for number in (1, 2, 3)]


def test_malformed_and_smuggled_requests_are_refused(stack: Stack) -> None:
    balancer = stack.only("aws_lb")
    assert balancer["drop_invalid_header_fields"] is True
    assert balancer["desync_mitigation_mode"] in {"defensive", "strictest"}


def test_a_websocket_survives_ten_quiet_minutes(stack: Stack) -> None:
    assert stack.only("aws_lb")["idle_timeout"] >= 600


def test_the_load_balancer_cannot_be_deleted_in_prod(prod: Stack, dev: Stack) -> None:
    assert prod.only("aws_lb")["enable_deletion_protection"] is True
    assert dev.only("aws_lb")["enable_deletion_protection"] is False


def test_every_request_is_logged_where_the_load_balancer_may_write(name: str, stack: Stack) -> None:
    balancer = stack.only("aws_lb")
    logs = balancer["access_logs"]
    assert logs["enabled"] is True
    bucket = stack.at(address_of(logs["bucket"]))
    assert bucket["bucket"] == f"wealist-{name}-access-logs-290008131187"
    (policy,) = stack.pointing_at(bucket, "aws_s3_bucket_policy", "bucket")
    # AWS writes a test object when the load balancer is told of the bucket.
    assert policy.address in balancer["depends_on"]
    writer = {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    (allowed,) = (each for each in policy.statements().values() if each["Principal"] == writer)
    assert allowed["Effect"] == "Allow"
    assert allowed["Action"] == ["s3:PutObject"]
    assert allowed["Resource"] == [f"arn:aws:s3:::{bucket['bucket']}/{logs['prefix']}/AWSLogs/290008131187/*"]


# Listeners


def test_the_load_balancer_listens_on_http_and_https_only(stack: Stack) -> None:
    listeners = stack.all("aws_lb_listener")
    assert {(each["port"], each["protocol"]) for each in listeners} == {(80, "HTTP"), (443, "HTTPS")}
    assert {each.refers_to("load_balancer_arn") for each in listeners} == {stack.only("aws_lb").address}
    assert len(listeners) == 2


def test_plain_http_is_sent_to_https_for_good(stack: Stack) -> None:
    (action,) = listener(stack, 80)["default_action"]
    assert action["type"] == "redirect"
    # Neither host nor path is set, so both are kept.
    assert action["redirect"] == {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"}


def test_clients_need_tls_1_2(stack: Stack) -> None:
    assert listener(stack, 443)["ssl_policy"] in MODERN_TLS


def test_the_listener_waits_for_a_validated_certificate_of_its_own_region(name: str, stack: Stack) -> None:
    validation = stack.target(listener(stack, 443), "certificate_arn")
    certificate = stack.target(validation, "certificate_arn")
    assert validation.address.startswith("aws_acm_certificate_validation.")
    assert certificate["domain_name"] == API[name]
    assert {stack.region(validation), stack.region(certificate)} == {"ap-northeast-2"}


def test_what_no_rule_matches_is_answered_with_404(stack: Stack) -> None:
    (action,) = listener(stack, 443)["default_action"]
    assert action["type"] == "fixed-response"
    assert action["fixed_response"]["status_code"] == "404"


# Rules


def test_the_rules_are_exactly_the_documented_ones(stack: Stack) -> None:
    rules = {(pattern, rule_target(stack, rule)["port"]) for rule in forwarding(stack) for pattern in patterns(rule)}
    assert rules == {(pattern, port) for pattern, port, _ in ROUTES.values()}
    assert len(forwarding(stack)) == 3


def test_every_rule_is_on_https_with_a_priority_of_its_own(stack: Stack) -> None:
    rules = stack.all("aws_lb_listener_rule")
    assert {rule.refers_to("listener_arn") for rule in rules} == {listener(stack, 443).address}
    assert len({rule["priority"] for rule in rules}) == len(rules)


@pytest.mark.parametrize(
    ("path", "port"),
    [
        ("/api/users/me", 8080),
        ("/api/boards/health", 8000),
        ("/api/boards/api/ws/room-1", 8000),
        ("/monitoring/login", 3001),
        ("/", None),
        ("/api/other", None),
        ("/actuator/health", None),
    ],
)
def test_a_request_reaches_the_service_of_its_path(stack: Stack, path: str, port: int | None) -> None:
    assert port_for(stack, path) == port


# Target groups


def test_there_is_one_target_group_for_each_route(name: str, stack: Stack) -> None:
    groups = {group["name"]: group["port"] for group in stack.all("aws_lb_target_group")}
    assert groups == {f"wealist-{name}-{route}-tg": port for route, (_, port, _) in ROUTES.items()}


@pytest.mark.parametrize("route", ROUTES)
def test_requests_go_to_instances_over_http(name: str, stack: Stack, route: str) -> None:
    group = stack.only("aws_lb_target_group", name=f"wealist-{name}-{route}-tg")
    assert (group["target_type"], group["protocol"]) == ("instance", "HTTP")
    assert stack.target(group, "vpc_id").address == stack.only("aws_vpc").address


@pytest.mark.parametrize("route", ROUTES)
def test_health_is_asked_on_the_services_port_as_documented(name: str, stack: Stack, route: str) -> None:
    check = stack.only("aws_lb_target_group", name=f"wealist-{name}-{route}-tg")["health_check"]
    assert check.get("enabled", True) is True
    assert check["protocol"] == "HTTP"
    assert check["port"] == "traffic-port"
    assert check["path"] == ROUTES[route][2]
    assert (check["interval"], check["timeout"]) == (10, 5)
    assert (check["healthy_threshold"], check["unhealthy_threshold"]) == (2, 2)
    assert check["matcher"] == "200"


def test_an_instance_leaves_within_the_documented_drain(stack: Stack) -> None:
    assert {int(group["deregistration_delay"]) for group in stack.all("aws_lb_target_group")} == {30}


# Names


def test_the_apis_name_leads_to_the_load_balancer(name: str, stack: Stack) -> None:
    alias = stack.only("aws_route53_record", name=API[name], type="A")["alias"]
    assert {address_of(alias["name"]), address_of(alias["zone_id"])} == {stack.only("aws_lb").address}
    assert (attribute_of(alias["name"]), attribute_of(alias["zone_id"])) == ("dns_name", "zone_id")


def test_the_api_has_no_ipv6_address_for_the_vpc_has_none(name: str, stack: Stack) -> None:
    assert stack.all("aws_route53_record", name=API[name], type="AAAA") == []
    assert stack.only("aws_lb").get("ip_address_type", "ipv4") == "ipv4"


# Settings


def test_an_existing_certificate_is_used_and_none_is_made() -> None:
    stack = synthesized(otherwise("prod"))
    assert listener(stack, 443)["certificate_arn"] == API_CERTIFICATE
    assert API["prod"] not in {each["domain_name"] for each in stack.all("aws_acm_certificate")}
    assert len(stack.all("aws_acm_certificate_validation")) == len(stack.all("aws_acm_certificate")) == 1


def test_a_third_service_gets_its_rule_and_target_group(name: str, with_chat: Stack, chat: Service) -> None:
    assert port_for(with_chat, "/api/chats/rooms") == chat.port
    group = with_chat.only("aws_lb_target_group", name=f"wealist-{name}-chat-tg", port=chat.port)
    assert group["health_check"]["path"] == chat.health_path
    for path, port, _ in ROUTES.values():
        assert port_for(with_chat, path) == port


def test_a_third_service_gets_its_repository_and_deployment(name: str, with_chat: Stack) -> None:
    assert with_chat.only("aws_ecr_repository", name=f"wealist-{name}-chat-service")
    application = with_chat.only("aws_codedeploy_app", name=f"wealist-{name}-chat-service")
    (deployment,) = with_chat.pointing_at(application, "aws_codedeploy_deployment_group", "app_name")
    (target,) = deployment["load_balancer_info"]["target_group_info"]
    assert with_chat.at(address_of(target["name"]))["name"] == f"wealist-{name}-chat-tg"
