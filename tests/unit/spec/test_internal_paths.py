"""Internal paths of services: which patterns close them, and what the rules reject."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.spec.builders import BOARD, CHAT, USER, line, problems, services
from wealist.spec.services import GRAFANA, Service


def closed(base: Mapping[str, Any] = BOARD, /, **changes: object) -> tuple[str, ...]:
    return Service.model_validate({**base, **changes}).closed_patterns


# Patterns


def test_every_path_of_a_spring_service_that_contains_actuator_is_closed() -> None:
    assert closed(USER) == ("/api/users/*actuator*",)
    assert closed(USER, health_is_public=True) == ("/api/users/*actuator*",)


def test_the_metrics_of_another_service_are_closed() -> None:
    assert closed() == ("/api/boards/metrics*",)


def test_health_and_liveness_outside_actuator_are_public_unless_a_service_closes_them() -> None:
    assert closed(liveness_path="/api/boards/live") == ("/api/boards/metrics*",)
    all_closed = closed(liveness_path="/api/boards/live", health_is_public=False)
    assert all_closed == ("/api/boards/metrics*", "/api/boards/health*", "/api/boards/live*")


def test_further_internal_paths_are_closed_too() -> None:
    paths = ("/api/boards/admin", "/api/boards/debug/")
    assert closed(internal_paths=paths) == ("/api/boards/metrics*", "/api/boards/admin*", "/api/boards/debug*")


@pytest.mark.parametrize("field", ["metrics_path", "health_path", "liveness_path"])
def test_one_path_of_actuator_closes_all_of_actuator(field: str) -> None:
    assert "/api/boards/*actuator*" in closed(**{field: "/api/boards/actuator/x"})
    assert "/api/boards/*actuator*" in closed(internal_paths=("/api/boards/actuator",))


def test_a_path_that_the_route_does_not_forward_needs_no_rule() -> None:
    assert closed(metrics_path="/metrics") == ()


def test_the_pattern_of_actuator_begins_at_the_first_wildcard_of_the_route() -> None:
    assert closed(USER, path_pattern="/*") == ("/*actuator*",)
    assert closed(USER, path_pattern="/api/?/users/*") == ("/api/*actuator*",)


# Rules


def test_an_invalid_internal_path_is_reported() -> None:
    reason = "is not a path; write /, then letters, digits and /._~-, 1024 at most"
    expected = f"services[board].internal_paths[0] = '/api/boards/a b' {reason}"
    assert line(**services(internal_paths=("/api/boards/a b",))) == expected


def test_an_internal_path_outside_the_route_is_reported() -> None:
    reason = "is not within /api/boards/*; name a path of the service, or leave it out"
    expected = f"services[board].internal_paths[0] = '/api/board/admin' {reason}"
    assert line(**services(internal_paths=("/api/board/admin",))) == expected


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"metrics_path": "/api/boards"}, "metrics_path"),
        ({"metrics_path": "/api/boards/"}, "metrics_path"),
        ({"health_path": "/api", "health_is_public": False}, "health_path"),
        ({"liveness_path": "/api", "health_is_public": False}, "liveness_path"),
        ({"internal_paths": ("/api/boards/admin", "/api")}, "internal_paths[1]"),
        ({"path_pattern": "/*", "metrics_path": "/"}, "metrics_path"),
    ],
)
def test_an_internal_path_that_closes_its_whole_route_is_reported(changes: dict[str, object], field: str) -> None:
    text = line(**services(**changes))
    assert text.startswith(f"services[board].{field} = ")
    assert text.endswith("closes all of /*; name a path below the route's own") or "closes all of /api/boards/*" in text


def test_a_route_into_actuator_is_reported() -> None:
    reason = "leads into actuator, which is never public; route to what clients may call"
    expected = f"services[user].path_pattern = '/api/users/actuator/*' {reason}"
    assert line(services=(USER | {"path_pattern": "/api/users/actuator/*"}, BOARD)) == expected


def test_more_patterns_than_a_listener_rule_accepts_are_reported() -> None:
    names = tuple(f"/api/boards/{name}" for name in "abcd")
    assert problems(**services(internal_paths=names)) == []
    text = line(**services(internal_paths=(*names, "/api/boards/e")))
    assert "makes a listener rule of 6 patterns: /api/boards/metrics*, " in text
    assert text.endswith("; name fewer: a rule takes 5 patterns, and 5 * in all of them")


def test_the_pattern_of_actuator_has_two_wildcards() -> None:
    names = tuple(f"/api/users/{name}" for name in "abc")
    assert problems(services=(USER | {"internal_paths": names}, BOARD)) == []
    assert "5 patterns" in line(services=(USER | {"internal_paths": (*names, "/api/users/d")}, BOARD))


def test_a_pattern_longer_than_a_listener_rule_accepts_is_reported() -> None:
    longest = "/api/boards/".ljust(127, "m")
    assert problems(**services(metrics_path=longest)) == []
    text = line(**services(metrics_path=f"{longest}m"))
    assert "makes a pattern of 129 characters: " in text
    assert text.endswith("; shorten the path: a listener rule's pattern has 128 at most")


def test_more_rules_than_a_load_balancer_accepts_are_reported() -> None:
    def several(count: int) -> tuple[dict[str, Any], ...]:
        return tuple(
            CHAT
            | {
                "name": f"s{number}",
                "port": 10_000 + number,
                "priority": 100 + 2 * number,
                "path_pattern": f"/api/s{number}/*",
                "metrics_path": f"/api/s{number}/metrics",
                "database_name": f"db{number}",
                "database_user": f"user{number}",
            }
            for number in range(count)
        )

    assert problems(services=several(49)) == []
    assert line(services=several(50)).endswith(" needs 101 listener rules; a load balancer takes 100")


# Priorities


@pytest.mark.parametrize("priority", [2, 50_000])
def test_a_priority_after_a_free_number_is_allowed(priority: int) -> None:
    assert problems(**services(priority=priority)) == []


def test_the_first_priority_leaves_no_number_for_the_closing_rule() -> None:
    reason = "leaves no number for the rule that closes its internal paths; write 2 or more"
    assert line(**services(priority=1)) == f"services[board].priority = 1 {reason}"


@pytest.mark.parametrize(("after", "name"), [(10, "user"), (30, "monitoring")])
def test_a_priority_right_after_another_route_is_reported(after: int, name: str) -> None:
    reason = f"leaves no number for the rule that closes its internal paths: {after} is {name}'s"
    text = line(**services(priority=after + 1))
    assert text.startswith(f"services[board].priority = {after + 1} {reason}; ")


def test_a_route_with_the_number_of_a_closing_rule_is_reported_at_the_service() -> None:
    assert line(grafana=GRAFANA.model_dump() | {"priority": 19}).startswith("services[board].priority = 20 ")


@pytest.mark.parametrize("priority", [1, 31])
def test_a_service_without_closed_patterns_needs_no_free_number(priority: int) -> None:
    assert problems(**services(metrics_path="/metrics", priority=priority)) == []
