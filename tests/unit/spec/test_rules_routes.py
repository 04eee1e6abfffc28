"""What the rules say of what stands behind the load balancer."""

import pytest

from tests.unit.spec.builders import BOARD, USER, problems, the_problem
from wealist.spec.services import GRAFANA


@pytest.mark.parametrize("field", ["port", "priority", "path_pattern", "database_name", "database_user"])
def test_two_services_that_share_what_tells_them_apart_are_reported(field: str) -> None:
    value = USER[field]
    problem = the_problem(services=(USER, {**BOARD, field: value}))
    assert (problem.field, problem.value) == (f"services[board].{field}", value)
    assert (problem.message, problem.remedy) == ("is user's too", "choose another")


def test_two_services_of_one_name_are_reported() -> None:
    problem = the_problem(services=(USER, {**BOARD, "name": "user"}))
    assert (problem.field, problem.value) == ("services[user].name", "user")


@pytest.mark.parametrize(("field", "value"), [("port", 3001), ("priority", 30), ("path_pattern", "/monitoring/*")])
def test_a_service_that_takes_grafanas_place_is_reported(field: str, value: object) -> None:
    assert getattr(GRAFANA, field) == value
    problem = the_problem(services=(USER, {**BOARD, field: value}))
    assert problem.value == value
    assert "board's too" in problem.message


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_is_no_tcp_port_is_reported(port: int) -> None:
    problem = the_problem(services=(USER, {**BOARD, "port": port}))
    assert (problem.field, problem.value, problem.message) == ("services[board].port", port, "is not a TCP port")


@pytest.mark.parametrize("priority", [0, 50_001])
def test_a_priority_that_a_listener_does_not_take_is_reported(priority: int) -> None:
    problem = the_problem(services=(USER, {**BOARD, "priority": priority}))
    assert (problem.field, problem.value) == ("services[board].priority", priority)


def test_a_service_or_grafana_on_the_port_of_node_metrics_is_reported() -> None:
    problem = the_problem(services=(USER, {**BOARD, "port": 9100}))
    assert (problem.field, problem.value) == ("services[board].port", 9100)
    assert (problem.message, problem.remedy) == ("is the port of node metrics", "choose another")
    assert the_problem(grafana={**GRAFANA.model_dump(), "port": 9100}).field == "grafana.port"


def test_a_problem_of_grafana_names_grafanas_own_field() -> None:
    problem = the_problem(grafana={**GRAFANA.model_dump(), "port": 0})
    assert problem.field == "grafana.port"


def with_board(field: str, value: str) -> dict[str, object]:
    return {"services": (USER, {**BOARD, field: value})}


def test_an_environment_without_a_service_is_reported() -> None:
    problem = the_problem(services=())
    assert (problem.field, problem.value, problem.message) == ("services", (), "names no service")
    assert problem.remedy == "name one at least, or leave it out"


def test_a_service_whose_name_no_instance_takes_is_reported() -> None:
    problem = the_problem(services=(USER, {**BOARD, "name": "2board"}))
    assert (problem.field, problem.value) == ("services[2board].name", "2board")
    assert problem.remedy == "write lower-case letters, digits and -, a letter first"


@pytest.mark.parametrize("field", ["health_path", "metrics_path"])
@pytest.mark.parametrize("path", ["metrics", "", '/a"b', "/a'b", "/a b", "/a?b", "/a\n", "/건강", "/$HOME", "/" * 1025])
def test_a_path_that_breaks_out_of_an_instances_files_or_is_none_is_reported(field: str, path: str) -> None:
    problem = the_problem(**with_board(field, path))
    assert (problem.field, problem.value) == (f"services[board].{field}", path)
    assert (problem.message, problem.remedy) == (
        "is not a path",
        "write /, then letters, digits and /._~-, 1024 at most",
    )


@pytest.mark.parametrize("field", ["health_path", "metrics_path"])
@pytest.mark.parametrize("path", ["/", "/api/v1.0/~me/a_b-c", "/" * 1024])
def test_any_plain_path_will_do(field: str, path: str) -> None:
    assert problems(**with_board(field, path)) == []


@pytest.mark.parametrize("pattern", ["api/*", "", "/a b", "/a{b}", "/게시판/*", "/" + "a" * 128])
def test_a_pattern_that_a_listener_does_not_take_is_reported(pattern: str) -> None:
    problem = the_problem(**with_board("path_pattern", pattern))
    assert (problem.field, problem.value) == ("services[board].path_pattern", pattern)
    assert problem.message == "is not a pattern of paths"
    assert problem.remedy == """write /, then letters, digits and _-.$/~"'@:+&*?, 128 at most"""


def test_a_pattern_of_more_wildcards_than_a_rule_may_have_is_reported() -> None:
    assert problems(**with_board("path_pattern", "/*/?/*/?/*")) == []
    problem = the_problem(**with_board("path_pattern", "/*/?/*/?/**"))
    assert (problem.field, problem.message) == ("services[board].path_pattern", "has 6 wildcards")
    assert problem.remedy == "write 5 * and ? at most"


def test_any_pattern_that_a_listener_takes_will_do() -> None:
    assert problems(**with_board("path_pattern", """/_-.$/~"'@:+&*?""")) == []
    assert problems(**with_board("path_pattern", "/" + "a" * 127)) == []


@pytest.mark.parametrize("pattern", ["/monitoring", "monitoring/*", "/Monitoring/*", "/*", "/a/*/*", "/" * 9 + "*"])
def test_a_grafana_that_is_not_reached_below_one_path_is_reported(pattern: str) -> None:
    problem = the_problem(grafana={**GRAFANA.model_dump(), "path_pattern": pattern})
    assert (problem.field, problem.value, problem.remedy) == (
        "grafana.path_pattern",
        pattern,
        "write one such as /monitoring/*",
    )


def test_a_health_path_that_grafana_does_not_answer_on_is_reported() -> None:
    moved = {**GRAFANA.model_dump(), "path_pattern": "/inner/grafana/*"}
    problem = the_problem(grafana=moved)
    assert (problem.field, problem.value) == ("grafana.health_path", "/monitoring/api/health")
    assert problem.message == "is not Grafana's health endpoint"
    assert problem.remedy == "write /inner/grafana/api/health"
    assert problems(grafana={**moved, "health_path": "/inner/grafana/api/health"}) == []
