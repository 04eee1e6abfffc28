"""Section 4 of the architecture: what the load balancer keeps from the internet, however a path is spelled."""

import posixpath
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.requests import port_for
from tests.synthesized import Stack, environment, otherwise, synthesized
from wealist.spec.services import Service

CLOSED = [
    "/api/users/actuator",
    "/api/users/actuator/",
    "/api/users/actuator/health",
    "/api/users/actuator/prometheus",
    "/api/users/actuator/heapdump",
    "/api/users/actuator;x=y/env",
    "/api/users//actuator/env",
    "/api/users/./actuator/env",
    "/api/users/me/../actuator/env",
    "/api/users/me/..;/actuator/env",
    "/api/users/%2e/actuator/env",
    "/api/users/me/%2e%2e/actuator/env",
    "/api/users/me%2f..%2factuator/env",
    "/api/users/;x=y/actuator/env",
    "/api/boards/metrics",
    "/api/boards/metrics/",
    "/api/boards/metrics;x=y",
]
PUBLIC = {
    "/api/users/me": 8080,
    "/api/users/%EA%B9%80": 8080,
    "/api/users/a%20b/avatar": 8080,
    "/api/boards/health": 8000,
    "/api/boards/42/metrics": 8000,
    "/api/boards/api/ws/room-1": 8000,
    "/monitoring/api/health": 3001,
}
SEGMENTS = st.sampled_from(["", ".", "..", "me", "%2e", "%2E%2e", "actuator", "Actuator", "metrics", "%61ctuator"])
PARAMETERS = st.sampled_from(["", ";", ";x=y", ";actuator"])
TAILS = st.lists(st.builds("{}{}".format, SEGMENTS, PARAMETERS), min_size=1, max_size=6).map("/".join)


def as_spring_reads_it(path: str) -> str:
    """The path that a server of Spring resolves, whose letters are spelled in clear: `..` may be encoded."""
    clear = re.sub("%2e", ".", re.sub(";[^/]*", "", path), flags=re.IGNORECASE)
    return posixpath.normpath(re.sub("/+", "/", clear))


@pytest.mark.parametrize("path", CLOSED)
def test_what_only_instances_may_call_is_answered_with_404(stack: Stack, path: str) -> None:
    assert port_for(stack, path) is None


@pytest.mark.parametrize("path", PUBLIC)
def test_everything_else_of_a_service_is_forwarded_as_before(stack: Stack, path: str) -> None:
    assert port_for(stack, path) == PUBLIC[path]


@example("x/..;x=y//actuator")
@given(TAILS)
def test_no_path_that_a_spring_server_resolves_to_actuator_is_forwarded_to_it(tail: str) -> None:
    path = f"/api/users/{tail}"
    resolved = as_spring_reads_it(path)
    if resolved == "/api/users/actuator" or resolved.startswith("/api/users/actuator/"):
        assert port_for(synthesized(environment("prod")), path) is None


def test_a_letter_that_a_client_encodes_is_what_no_pattern_of_a_load_balancer_can_name(stack: Stack) -> None:
    """The limit that the docs tell: AWS takes no `%` in a pattern, and compares what the client sent."""
    assert port_for(stack, "/api/users/%61ctuator/health") == 8080


def test_the_404_is_that_of_an_unknown_path(stack: Stack) -> None:
    (unknown,) = stack.only("aws_lb_listener", port=443)["default_action"]
    answers = [rule["action"] for rule in stack.all("aws_lb_listener_rule") if rule.address.endswith("_internal")]
    assert answers == [[unknown], [unknown]]


def test_a_path_is_closed_before_its_service_is_reached(stack: Stack) -> None:
    for name in ("user", "board"):
        rule = stack.at(f"aws_lb_listener_rule.load_balancer_{name}_rule")
        assert rule["depends_on"] == [f"aws_lb_listener_rule.load_balancer_{name}_internal"]
        assert stack.at(rule["depends_on"][0])["priority"] < rule["priority"]


def test_the_patterns_are_ones_that_aws_takes(stack: Stack) -> None:
    for rule in stack.all("aws_lb_listener_rule"):
        values = rule["condition"][0]["path_pattern"]["values"]
        assert len(values) <= 5
        assert sum(value.count("*") + value.count("?") for value in values) <= 5
        assert all(re.fullmatch(r"""/[A-Za-z0-9_.$/~"'@:+&*?-]{0,127}""", value) for value in values)


def test_health_checks_and_prometheus_ask_what_is_closed_past_the_load_balancer(stack: Stack) -> None:
    paths = {group["health_check"]["path"] for group in stack.all("aws_lb_target_group", port=8080)}
    assert paths == {"/api/users/actuator/health"}
    told = stack.document["module"]["monitoring_fleet_bootstrap"]["services"]
    assert [each["metrics_path"] for each in told] == ["/api/users/actuator/prometheus", "/api/boards/metrics"]


def test_a_service_whose_health_is_not_public_answers_it_to_instances_alone(chat: Service) -> None:
    hidden = chat.model_copy(update={"health_is_public": False, "internal_paths": ("/api/chats/admin",)})
    found = synthesized(environment("prod", services=(*environment("prod").services, hidden)))
    for path in (chat.health_path, chat.metrics_path, "/api/chats/admin/rooms"):
        assert port_for(found, path) is None
    assert port_for(found, "/api/chats/rooms") == chat.port


def test_a_service_that_shows_its_metrics_outside_of_its_route_has_no_closing_rule(chat: Service) -> None:
    apart = chat.model_copy(update={"metrics_path": "/metrics"})
    found = synthesized(environment("prod", services=(apart,)))
    assert not [rule for rule in found.all("aws_lb_listener_rule") if rule.address.endswith("_internal")]
    assert port_for(found, "/metrics") is None


def test_every_setting_otherwise_closes_the_same(name: str) -> None:
    for path in CLOSED:
        assert port_for(synthesized(otherwise(name)), path) is None
