"""What of a service is internal, which patterns close it, and what the rules refuse."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.spec.builders import BOARD, CHAT, USER, problems, the_problem
from wealist.spec.services import GRAFANA, Service


def service(base: Mapping[str, Any] = BOARD, /, **changes: object) -> Service:
    return Service.model_validate({**base, **changes})


def board(**changes: object) -> dict[str, Any]:
    """An environment's services, with a changed board service."""
    return {"services": (USER, BOARD | changes)}


# What is closed


def test_of_a_spring_service_whatever_holds_actuator_is_closed() -> None:
    assert service(USER).closed_patterns == ("/api/users/*actuator*",)


def test_of_another_service_the_metrics_are_closed() -> None:
    assert service().closed_patterns == ("/api/boards/metrics*",)


def test_health_outside_of_actuator_is_public_unless_a_service_says_otherwise() -> None:
    assert "health" not in " ".join(service().closed_patterns)
    assert service(health_is_public=False).closed_patterns == ("/api/boards/metrics*", "/api/boards/health*")


def test_liveness_is_as_public_as_health() -> None:
    assert "live" not in " ".join(service(liveness_path="/api/boards/live").closed_patterns)
    closed = service(liveness_path="/api/boards/live", health_is_public=False).closed_patterns
    assert closed == ("/api/boards/metrics*", "/api/boards/health*", "/api/boards/live*")


def test_health_of_actuator_is_closed_whatever_a_service_says() -> None:
    assert service(USER, health_is_public=True).closed_patterns == ("/api/users/*actuator*",)


def test_further_internal_paths_are_closed_too() -> None:
    found = service(internal_paths=("/api/boards/admin", "/api/boards/debug/"))
    assert found.closed_patterns == ("/api/boards/metrics*", "/api/boards/admin*", "/api/boards/debug*")


@pytest.mark.parametrize("field", ["metrics_path", "health_path", "liveness_path"])
def test_one_path_of_actuator_closes_all_of_it(field: str) -> None:
    assert "/api/boards/*actuator*" in service(**{field: "/api/boards/actuator/x"}).closed_patterns
    assert "/api/boards/*actuator*" in service(internal_paths=("/api/boards/actuator",)).closed_patterns


def test_a_path_that_the_route_does_not_forward_needs_no_rule() -> None:
    assert service(metrics_path="/metrics").closed_patterns == ()


def test_actuator_is_closed_from_the_first_wildcard_of_the_route_on() -> None:
    assert service(USER, path_pattern="/*").closed_patterns == ("/*actuator*",)
    assert service(USER, path_pattern="/api/?/users/*").closed_patterns == ("/api/*actuator*",)


# What the rules refuse


def test_an_internal_path_that_is_none_is_reported() -> None:
    problem = the_problem(**board(internal_paths=("/api/boards/a b",)))
    assert (problem.field, problem.value) == ("services[board].internal_paths[0]", "/api/boards/a b")
    assert problem.message == "is not a path"


def test_an_internal_path_that_the_route_does_not_hold_is_reported() -> None:
    problem = the_problem(**board(internal_paths=("/api/board/admin",)))
    assert (problem.field, problem.message) == (
        "services[board].internal_paths[0]",
        "is not within /api/boards/*",
    )
    assert problem.remedy == "name a path of the service, or leave it out"


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
def test_an_internal_path_that_closes_a_whole_route_is_reported(changes: dict[str, object], field: str) -> None:
    problem = the_problem(**board(**changes))
    assert problem.field == f"services[board].{field}"
    assert problem.message.startswith("closes all of /")
    assert problem.remedy == "name a path below the route's own"


def test_a_route_into_actuator_is_reported() -> None:
    problem = the_problem(services=(USER | {"path_pattern": "/api/users/actuator/*"}, BOARD))
    assert (problem.field, problem.message) == (
        "services[user].path_pattern",
        "leads into actuator, which is never public",
    )


def test_more_patterns_than_a_listener_rule_takes_are_reported() -> None:
    names = tuple(f"/api/boards/{name}" for name in "abcd")
    assert problems(**board(internal_paths=names)) == []
    problem = the_problem(**board(internal_paths=(*names, "/api/boards/e")))
    assert problem.field == "services[board].internal_paths"
    assert problem.message.startswith("makes a listener rule of 6 patterns: /api/boards/metrics*, ")
    assert problem.remedy == "name fewer: a rule takes 5 patterns, and 5 * in all of them"


def test_actuator_counts_twice_among_the_wildcards() -> None:
    names = tuple(f"/api/users/{name}" for name in "abc")
    assert problems(services=(USER | {"internal_paths": names}, BOARD)) == []
    problem = the_problem(services=(USER | {"internal_paths": (*names, "/api/users/d")}, BOARD))
    assert "5 patterns" in problem.message


def test_a_pattern_longer_than_a_listener_rule_takes_is_reported() -> None:
    longest = "/api/boards/".ljust(127, "m")
    assert problems(**board(metrics_path=longest)) == []
    problem = the_problem(**board(metrics_path=f"{longest}m"))
    assert problem.message.startswith("makes a pattern of 129 characters: ")
    assert problem.remedy == "shorten the path: a listener rule's pattern has 128 at most"


def test_more_rules_than_a_load_balancer_takes_are_reported() -> None:
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
    problem = the_problem(services=several(50))
    assert (problem.field, problem.message) == ("services", "needs 101 listener rules")


# Priorities


@pytest.mark.parametrize("priority", [2, 50_000])
def test_a_priority_with_a_free_number_before_it_will_do(priority: int) -> None:
    assert problems(**board(priority=priority)) == []


def test_the_first_priority_is_reported_for_nothing_comes_before_it() -> None:
    problem = the_problem(**board(priority=1))
    assert (problem.field, problem.value, problem.remedy) == ("services[board].priority", 1, "write 2 or more")
    assert problem.message == "leaves no number for the rule that closes its internal paths"


@pytest.mark.parametrize(("after", "name"), [(10, "user"), (30, "monitoring")])
def test_a_priority_right_after_another_routes_is_reported(after: int, name: str) -> None:
    problem = the_problem(**board(priority=after + 1))
    assert problem.field == "services[board].priority"
    assert problem.message.endswith(f"{after} is {name}'s")


def test_a_route_that_takes_the_number_before_a_services_is_reported_at_the_service() -> None:
    problem = the_problem(grafana={**GRAFANA.model_dump(), "priority": 19})
    assert (problem.field, problem.value) == ("services[board].priority", 20)


@pytest.mark.parametrize("priority", [1, 31])
def test_a_service_without_internal_paths_on_its_route_needs_no_number_before_its_own(priority: int) -> None:
    assert problems(**board(metrics_path="/metrics", priority=priority)) == []
