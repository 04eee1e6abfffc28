"""Rules about the targets of the load balancer."""

import pytest

from tests.unit.spec.builders import BOARD, USER, line, problems, services
from wealist.spec.services import GRAFANA

NOT_A_PATH = "is not a path; write /, then letters, digits and /._~-, 1024 at most"
PATH_FIELDS = pytest.mark.parametrize("field", ["health_path", "metrics_path", "liveness_path"])


def grafana(**changes: object) -> dict[str, object]:
    return {"grafana": GRAFANA.model_dump() | changes}


@pytest.mark.parametrize("field", ["port", "priority", "path_pattern", "database_name", "database_user"])
def test_a_value_shared_by_two_services_is_reported(field: str) -> None:
    value = USER[field]
    expected = f"services[board].{field} = {value!r} is user's too; choose another"
    assert line(**services(**{field: value})) == expected


def test_two_services_with_one_name_are_reported() -> None:
    assert line(**services(name="user")) == "services[user].name = 'user' is user's too; choose another"


@pytest.mark.parametrize(("field", "value"), [("port", 3001), ("priority", 30), ("path_pattern", "/monitoring/*")])
def test_a_value_shared_by_a_service_and_grafana_is_reported(field: str, value: object) -> None:
    assert getattr(GRAFANA, field) == value
    assert line(**services(**{field: value})) == f"grafana.{field} = {value!r} is board's too; choose another"


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_out_of_range_is_reported(port: int) -> None:
    expected = f"services[board].port = {port} is not a TCP port; write 1 to 65535"
    assert line(**services(port=port)) == expected
    assert line(**grafana(port=port)) == expected.replace("services[board]", "grafana")


@pytest.mark.parametrize("priority", [0, 50_001])
def test_a_priority_out_of_range_is_reported(priority: int) -> None:
    reason = "is not the priority of a listener rule; write 1 to 50000"
    assert line(**services(priority=priority)) == f"services[board].priority = {priority} {reason}"


def test_the_port_of_node_metrics_is_reserved() -> None:
    reason = "port = 9100 is the port of node metrics; choose another"
    assert line(**services(port=9100)) == f"services[board].{reason}"
    assert line(**grafana(port=9100)) == f"grafana.{reason}"


def test_an_environment_without_a_service_is_reported() -> None:
    assert line(services=()) == "services = () names no service; name one at least, or leave it out"


def test_an_invalid_name_of_a_service_is_reported() -> None:
    remedy = "write lower-case letters, digits and -, a letter first"
    assert line(**services(name="2board")) == f"services[2board].name = '2board' is not a name of a service; {remedy}"


@PATH_FIELDS
@pytest.mark.parametrize("path", ["metrics", "", '/a"b', "/a'b", "/a b", "/a?b", "/a\n", "/건강", "/$HOME", "/" * 1025])
def test_an_invalid_path_is_reported(field: str, path: str) -> None:
    assert line(**services(**{field: path})) == f"services[board].{field} = {path!r} {NOT_A_PATH}"


@PATH_FIELDS
@pytest.mark.parametrize("path", ["/", "/api/v1.0/~me/a_b-c", "/" * 1024])
def test_any_plain_path_is_allowed(field: str, path: str) -> None:
    assert problems(**services(**{field: path})) == []


@pytest.mark.parametrize("pattern", ["api/*", "", "/a b", "/a{b}", "/게시판/*", "/" + "a" * 128])
def test_an_invalid_pattern_is_reported(pattern: str) -> None:
    remedy = """write /, then letters, digits and _-.$/~"'@:+&*?, 128 at most"""
    expected = f"services[board].path_pattern = {pattern!r} is not a pattern of paths; {remedy}"
    assert line(**services(path_pattern=pattern)) == expected


def test_a_pattern_with_more_than_five_wildcards_is_reported() -> None:
    expected = "services[board].path_pattern = '/*/?/*/?/**' has 6 wildcards; write 5 * and ? at most"
    assert line(**services(path_pattern="/*/?/*/?/**")) == expected


@pytest.mark.parametrize("pattern", ["/*/?/*/?/*", """/_-.$/~"'@:+&*?""", "/" + "a" * 127])
def test_any_pattern_that_a_listener_accepts_is_allowed(pattern: str) -> None:
    assert problems(**services(path_pattern=pattern)) == []


@pytest.mark.parametrize("pattern", ["/monitoring", "monitoring/*", "/Monitoring/*", "/*", "/a/*/*", "/" * 9 + "*"])
def test_grafana_needs_one_path_and_everything_below_it(pattern: str) -> None:
    reason = "is not one path and everything below it; write one such as /monitoring/*"
    assert line(**grafana(path_pattern=pattern)) == f"grafana.path_pattern = {pattern!r} {reason}"


def test_a_health_path_that_grafana_does_not_serve_is_reported() -> None:
    moved = grafana(path_pattern="/inner/grafana/*")
    reason = "is not Grafana's health endpoint; write /inner/grafana/api/health"
    assert line(**moved) == f"grafana.health_path = '/monitoring/api/health' {reason}"
    assert problems(**grafana(path_pattern="/inner/grafana/*", health_path="/inner/grafana/api/health")) == []


def test_boards_own_values_are_valid() -> None:
    assert problems(services=(USER, BOARD)) == []
