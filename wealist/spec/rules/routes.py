"""Rules about what stands behind the load balancer (architecture, section 4)."""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import Final

from wealist.spec.environment import Environment
from wealist.spec.problems import Problem
from wealist.spec.services import ACTUATOR, BOOT_SECONDS, NODE_EXPORTER_PORT, Route, Service

_LARGEST_PORT: Final = 65535
_LARGEST_PRIORITY: Final = 50_000
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html"""
_LONGEST_PATTERN: Final = 128
_PATTERN: Final = re.compile(r"""/[\w.$/~"'@:+&*?-]*""", re.ASCII)
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html#path-conditions"""
_MOST_WILDCARDS: Final = 5
_MOST_VALUES: Final = 5
"""Of one rule, as `_MOST_WILDCARDS`.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
"""
_MOST_RULES: Final = 100
"""Of one load balancer; same page."""
_LONGEST_PATH: Final = 1024
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html"""
_ANSWERS_SECONDS: Final = 15
"""Two questions of at most five seconds, and what lies between them."""
_LONGEST_LAUNCH_SECONDS: Final = 7200
"""How long Auto Scaling waits for a new instance at most; less than CodeDeploy's hour then remains for a deployment.

https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html
https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
"""
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
        paths = [(field, getattr(service, field)) for field in ("health_path", "metrics_path")]
        paths += [("liveness_path", service.liveness_path)] if service.liveness_path is not None else []
        paths += [(f"internal_paths[{place}]", path) for place, path in enumerate(service.internal_paths)]
        for field, path in paths:
            if not _PATH.fullmatch(path) or len(path) > _LONGEST_PATH:
                remedy = f"write /, then letters, digits and /._~-, {_LONGEST_PATH} at most"
                yield Problem(environment.name, f"{where}.{field}", path, "is not a path", remedy)


def health_is_asked_where_no_metrics_are(environment: Environment) -> Iterator[Problem]:
    """Metrics are there while the service is not healthy."""
    for service in environment.services:
        for field in ("health_path", "liveness_path"):
            if (path := getattr(service, field)) == service.metrics_path:
                where = f"{_field(environment, service)}.{field}"
                message, remedy = (
                    "is its metrics_path, too",
                    "name the path that answers 200 only where the service works",
                )
                yield Problem(environment.name, where, path, message, remedy)


def services_have_time_to_become_healthy(environment: Environment) -> Iterator[Problem]:
    """A deployment waits, and then needs two answers; a new instance is ready while Auto Scaling waits."""
    for service in environment.services:
        where, limit = _field(environment, service), service.healthy_within_seconds
        if service.start_seconds < 0:
            yield Problem(
                environment.name, f"{where}.start_seconds", service.start_seconds, "is negative", "write 0 or more"
            )
        if limit < (least := service.start_seconds + _ANSWERS_SECONDS):
            message = f"leaves no time for two answers after start_seconds = {service.start_seconds}"
            yield Problem(environment.name, f"{where}.healthy_within_seconds", limit, message, f"write {least} or more")
        launch = BOOT_SECONDS + service.install_seconds
        if (above := launch - _LONGEST_LAUNCH_SECONDS) > 0:
            message = (
                f"lets a new instance take {launch} seconds to serve; Auto Scaling waits {_LONGEST_LAUNCH_SECONDS}"
            )
            # A new instance asks for its services' health three times.
            remedy = f"write {limit + -above // 3} or less"
            yield Problem(environment.name, f"{where}.healthy_within_seconds", limit, message, remedy)


def internal_paths_leave_the_rest_of_their_route_open(environment: Environment) -> Iterator[Problem]:
    """The listener rule that closes them takes whatever begins like them."""
    for service in environment.services:
        where, prefix = _field(environment, service), service.public_prefix
        if service.runs_actuator and ACTUATOR in prefix.split("/"):
            message, remedy = f"leads into {ACTUATOR}, which is never public", "route to what clients may call"
            yield Problem(environment.name, f"{where}.path_pattern", service.path_pattern, message, remedy)
        for path in service.internal:
            if _PATH.fullmatch(path) and service.closing(path) and prefix.startswith(path.rstrip("/")):
                message, remedy = f"closes all of {service.path_pattern}", "name a path below the route's own"
                yield Problem(environment.name, _source(environment, service, path), path, message, remedy)


def internal_paths_are_ones_that_their_route_holds(environment: Environment) -> Iterator[Problem]:
    """Another path is never forwarded: whoever names it has mistyped it."""
    for service in environment.services:
        for path in service.internal_paths:
            if path in service.internal and not service.closing(path):
                message, remedy = f"is not within {service.path_pattern}", "name a path of the service, or leave it out"
                yield Problem(environment.name, _source(environment, service, path), path, message, remedy)


def internal_paths_fit_into_one_listener_rule(environment: Environment) -> Iterator[Problem]:
    """AWS limits the patterns of a rule, their length, their wildcards, and the rules of a load balancer."""
    for service in environment.services:
        where, patterns = f"{_field(environment, service)}.internal_paths", service.closed_patterns
        if len(patterns) > _MOST_VALUES or sum(pattern.count("*") for pattern in patterns) > _MOST_WILDCARDS:
            message = f"makes a listener rule of {len(patterns)} patterns: {', '.join(patterns)}"
            remedy = f"name fewer: a rule takes {_MOST_VALUES} patterns, and {_MOST_WILDCARDS} * in all of them"
            yield Problem(environment.name, where, service.internal_paths, message, remedy)
        for pattern in patterns:
            if len(pattern) > _LONGEST_PATTERN:
                message = f"makes a pattern of {len(pattern)} characters: {pattern}"
                remedy = f"shorten the path: a listener rule's pattern has {_LONGEST_PATTERN} at most"
                yield Problem(environment.name, where, service.internal_paths, message, remedy)
    closing = [service for service in environment.services if service.closed_patterns]
    if (rules := len(environment.routes) + len(closing)) > _MOST_RULES:
        names, remedy = tuple(service.name for service in environment.services), f"a load balancer takes {_MOST_RULES}"
        yield Problem(environment.name, "services", names, f"needs {rules} listener rules", remedy)


def priorities_leave_room_for_the_rules_that_close_internal_paths(environment: Environment) -> Iterator[Problem]:
    """Such a rule stands just before the one that forwards its service's route."""
    taken = {route.priority: route.name for route in environment.routes}
    for service in environment.services:
        where, before = f"{_field(environment, service)}.priority", service.closing_priority
        if not service.closed_patterns:
            continue
        if before == 0:
            message, remedy = "leaves no number for the rule that closes its internal paths", "write 2 or more"
            yield Problem(environment.name, where, service.priority, message, remedy)
        elif before in taken:
            message = f"leaves no number for the rule that closes its internal paths: {before} is {taken[before]}'s"
            remedy = "choose another, of which the number before is free"
            yield Problem(environment.name, where, service.priority, message, remedy)


def grafana_answers_below_its_own_path(environment: Environment) -> Iterator[Problem]:
    """It serves under the path that it is reached at, its health too, and takes no other.

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


def _source(environment: Environment, service: Service, path: str) -> str:
    """The field that an internal path stands in."""
    found = {service.target_health_path: "liveness_path"}
    found |= {service.health_path: "health_path", service.metrics_path: "metrics_path"}
    found |= {each: f"internal_paths[{place}]" for place, each in enumerate(service.internal_paths)}
    return f"{_field(environment, service)}.{found[path]}"


def _field(environment: Environment, route: Route) -> str:
    return "grafana" if route is environment.grafana else f"services[{route.name}]"
