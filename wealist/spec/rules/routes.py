"""Rules about what stands behind the load balancer (architecture, section 4)."""

from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import Final

from wealist.spec.environment import Environment
from wealist.spec.problems import Problem
from wealist.spec.services import NODE_EXPORTER_PORT, Route

_LARGEST_PORT: Final = 65535
_LARGEST_PRIORITY: Final = 50_000
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html"""


def routes_are_distinct(environment: Environment) -> Iterator[Problem]:
    """What stands behind the load balancer shares nothing that tells one from another, nor do services a database."""
    yield from _shared(environment, environment.routes, ("name", "port", "priority", "path_pattern"))
    yield from _shared(environment, environment.services, ("database_name", "database_user"))


def routes_are_ones_that_a_listener_takes(environment: Environment) -> Iterator[Problem]:
    """A port, a priority and paths in the ranges of TCP and of listener rules."""
    for route in environment.routes:
        where = _field(environment, route)
        if not 0 < route.port <= _LARGEST_PORT:
            yield Problem(environment.name, f"{where}.port", route.port, "is not a TCP port", "write 1 to 65535")
        if not 0 < route.priority <= _LARGEST_PRIORITY:
            yield Problem(
                environment.name,
                f"{where}.priority",
                route.priority,
                "is not the priority of a listener rule",
                f"write 1 to {_LARGEST_PRIORITY}",
            )
        for field in ("path_pattern", "health_path"):
            path = getattr(route, field)
            if not path.startswith("/"):
                yield Problem(environment.name, f"{where}.{field}", path, "is not a path", "begin it with /")


def node_metrics_keep_their_port(environment: Environment) -> Iterator[Problem]:
    """Every instance runs the exporter of node metrics beside what stands behind the load balancer."""
    for route in environment.routes:
        if route.port == NODE_EXPORTER_PORT:
            where = f"{_field(environment, route)}.port"
            yield Problem(environment.name, where, route.port, "is the port of node metrics", "choose another")


def _shared(environment: Environment, routes: Sequence[Route], fields: Sequence[str]) -> Iterator[Problem]:
    for (one, other), field in product(combinations(routes, 2), fields):
        if (value := getattr(other, field)) == getattr(one, field):
            where = f"{_field(environment, other)}.{field}"
            yield Problem(environment.name, where, value, f"is {one.name}'s too", "choose another")


def _field(environment: Environment, route: Route) -> str:
    return "grafana" if route is environment.grafana else f"services[{route.name}]"
