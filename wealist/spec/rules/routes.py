"""Rules about what stands behind the load balancer (architecture, section 4)."""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import Final

from wealist.spec.environment import Environment
from wealist.spec.problems import Problem
from wealist.spec.services import NODE_EXPORTER_PORT, Route

_LARGEST_PORT: Final = 65535
_LARGEST_PRIORITY: Final = 50_000
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html"""
_LONGEST_PATTERN: Final = 128
_PATTERN: Final = re.compile(r"""/[\w.$/~"'@:+&*?-]*""", re.ASCII)
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html#path-conditions"""
_MOST_WILDCARDS: Final = 5
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"""
_LONGEST_PATH: Final = 1024
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html"""
_PATH: Final = re.compile(r"/[A-Za-z0-9/._~-]*")
_NAME: Final = re.compile(r"[a-z][a-z0-9-]*")
_GRAFANA: Final = re.compile(r"(/(?:[a-z0-9-]+/)+)\*")
"""As `modules/instance_bootstrap/variables.tf` has these three: they stand in shell, nginx' configuration and YAML."""


def instances_run_a_service(environment: Environment) -> Iterator[Problem]:
    """Without one, nothing would answer a health check."""
    if not environment.services:
        yield Problem(environment.name, "services", (), "names no service", "name one at least, or leave it out")


def services_are_named_as_instances_take_them(environment: Environment) -> Iterator[Problem]:
    """The name stands in those of units, files and scraping jobs."""
    for service in environment.services:
        if not _NAME.fullmatch(service.name):
            where, remedy = f"services[{service.name}].name", "write lower-case letters, digits and -, a letter first"
            yield Problem(environment.name, where, service.name, "is not a name of a service", remedy)


def routes_are_distinct(environment: Environment) -> Iterator[Problem]:
    """What stands behind the load balancer shares nothing that tells one from another, nor do services a database."""
    yield from _shared(environment, environment.routes, ("name", "port", "priority", "path_pattern"))
    yield from _shared(environment, environment.services, ("database_name", "database_user"))


def routes_are_ones_that_a_listener_takes(environment: Environment) -> Iterator[Problem]:
    """A port and a priority in the ranges of TCP and of listener rules."""
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


def paths_are_ones_that_load_balancer_and_instances_take(environment: Environment) -> Iterator[Problem]:
    """Refused half-way through an apply, or at an instance's first start."""
    for service in environment.services:
        where, pattern = _field(environment, service), service.path_pattern
        if not _PATTERN.fullmatch(pattern) or len(pattern) > _LONGEST_PATTERN:
            remedy = f"write /, then letters, digits and _-.$/~\"'@:+&*?, {_LONGEST_PATTERN} at most"
            yield Problem(environment.name, f"{where}.path_pattern", pattern, "is not a pattern of paths", remedy)
        if (wildcards := sum(map(pattern.count, "*?"))) > _MOST_WILDCARDS:
            message, remedy = f"has {wildcards} wildcards", f"write {_MOST_WILDCARDS} * and ? at most"
            yield Problem(environment.name, f"{where}.path_pattern", pattern, message, remedy)
        for field in ("health_path", "metrics_path"):
            path = getattr(service, field)
            if not _PATH.fullmatch(path) or len(path) > _LONGEST_PATH:
                remedy = f"write /, then letters, digits and /._~-, {_LONGEST_PATH} at most"
                yield Problem(environment.name, f"{where}.{field}", path, "is not a path", remedy)


def grafana_answers_below_its_own_path(environment: Environment) -> Iterator[Problem]:
    """It serves under the path that it is reached at, its health too, and cannot be told another.

    https://grafana.com/docs/grafana/latest/developers/http_api/other/#returns-health-information-about-grafana
    """
    grafana = environment.grafana
    served = _GRAFANA.fullmatch(grafana.path_pattern)
    if not served or len(grafana.path_pattern) > _LONGEST_PATTERN:
        message, remedy = "is not a path and all below it", "write one such as /monitoring/*"
        yield Problem(environment.name, "grafana.path_pattern", grafana.path_pattern, message, remedy)
    elif grafana.health_path != (health := f"{served[1]}api/health"):
        message = "is not where Grafana tells its health"
        yield Problem(environment.name, "grafana.health_path", grafana.health_path, message, f"write {health}")


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
