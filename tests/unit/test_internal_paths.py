"""Internal paths that the load balancer does not forward, in every spelling."""

import posixpath
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.listener_rules import forwarded_port
from tests.synthesized import Stack, environment, synthesized

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
    """Return the path that a Spring server resolves. Only `.` may be encoded."""
    clear = re.sub("%2e", ".", re.sub(";[^/]*", "", path), flags=re.IGNORECASE)
    return posixpath.normpath(re.sub("/+", "/", clear))


@pytest.mark.parametrize("path", PUBLIC)
def test_public_paths_are_forwarded_to_their_service(stack: Stack, path: str) -> None:
    assert forwarded_port(stack, path) == PUBLIC[path]


@example("x/..;x=y//actuator")
@given(TAILS)
def test_no_path_that_spring_resolves_to_actuator_is_forwarded(tail: str) -> None:
    path = f"/api/users/{tail}"
    resolved = as_spring_reads_it(path)
    if resolved == "/api/users/actuator" or resolved.startswith("/api/users/actuator/"):
        assert forwarded_port(synthesized(environment("prod")), path) is None


def test_an_encoded_letter_bypasses_the_patterns(stack: Stack) -> None:
    """A documented limit: AWS accepts no `%` in a pattern, and compares the path as the client sent it."""
    assert forwarded_port(stack, "/api/users/%61ctuator/health") == 8080


def test_the_patterns_are_within_awss_limits(stack: Stack) -> None:
    for rule in stack.all("aws_lb_listener_rule"):
        values = rule["condition"][0]["path_pattern"]["values"]
        assert len(values) <= 5
        assert sum(value.count("*") + value.count("?") for value in values) <= 5
        assert all(re.fullmatch(r"""/[A-Za-z0-9_.$/~"'@:+&*?-]{0,127}""", value) for value in values)
