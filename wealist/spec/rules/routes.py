"""Rules about the targets of the load balancer (architecture, section 4)."""

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
_MOST_PATTERNS: Final = 5
"""Limits of one listener rule.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
"""
_MOST_RULES: Final = 100
"""Limit of one load balancer; same page."""
_LONGEST_PATH: Final = 1024
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html"""
_HEALTH_CHECKS_SECONDS: Final = 15
"""Two health checks of at most five seconds, and the time between them."""
_LONGEST_LAUNCH_SECONDS: Final = 7200
"""Longest time that Auto Scaling waits for a new instance. CodeDeploy's limit of an hour applies to a deployment.

https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html
https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
"""
_PATH: Final = re.compile(r"/[A-Za-z0-9/._~-]*")
_NAME: Final = re.compile(r"[a-z][a-z0-9-]*")
_GRAFANA: Final = re.compile(r"(/(?:[a-z0-9-]+/)+)\*")
"""The same as in `modules/instance_bootstrap/variables.tf`: the values are written into shell, nginx and YAML files."""


def there_is_a_service(environment: Environment) -> Iterator[Problem]:
    """Without a service, nothing would answer a health check."""
    if not environment.services:
        yield Problem("services", (), "names no service", "name one at least, or leave it out")


def service_names_are_valid_on_instances(environment: Environment) -> Iterator[Problem]:
    """The name is part of names of units, files and scraping jobs."""
    for service in environment.services:
        if not _NAME.fullmatch(service.name):
            remedy = "write lower-case letters, digits and -, a letter first"
            yield Problem(f"services[{service.name}].name", service.name, "is not a name of a service", remedy)


def routes_are_distinct(environment: Environment) -> Iterator[Problem]:
    """Routes differ by name, port, priority and path; services also by database."""
    yield from _shared(environment, environment.routes, ("name", "port", "priority", "path_pattern"))
    yield from _shared(environment, environment.services, ("database_name", "database_user"))


def ports_and_priorities_are_in_range(environment: Environment) -> Iterator[Problem]:
    """TCP and listener rules limit them."""
    for route in environment.routes:
        where = _field(environment, route)
        if not 0 < route.port <= _LARGEST_PORT:
            yield Problem(f"{where}.port", route.port, "is not a TCP port", "write 1 to 65535")
        if not 0 < route.priority <= _LARGEST_PRIORITY:
            remedy = f"write 1 to {_LARGEST_PRIORITY}"
            yield Problem(f"{where}.priority", route.priority, "is not the priority of a listener rule", remedy)


def paths_are_valid(environment: Environment) -> Iterator[Problem]:
    """Invalid paths would fail during the apply, or at an instance's first start."""
    for service in environment.services:
        where, pattern = _field(environment, service), service.path_pattern
        if not _PATTERN.fullmatch(pattern) or len(pattern) > _LONGEST_PATTERN:
            remedy = f"write /, then letters, digits and _-.$/~\"'@:+&*?, {_LONGEST_PATTERN} at most"
            yield Problem(f"{where}.path_pattern", pattern, "is not a pattern of paths", remedy)
        if (wildcards := sum(map(pattern.count, "*?"))) > _MOST_WILDCARDS:
            remedy = f"write {_MOST_WILDCARDS} * and ? at most"
            yield Problem(f"{where}.path_pattern", pattern, f"has {wildcards} wildcards", remedy)
        paths = [(field, getattr(service, field)) for field in ("health_path", "metrics_path")]
        paths += [("liveness_path", service.liveness_path)] if service.liveness_path is not None else []
        paths += [(f"internal_paths[{place}]", path) for place, path in enumerate(service.internal_paths)]
        for field, path in paths:
            if not _PATH.fullmatch(path) or len(path) > _LONGEST_PATH:
                remedy = f"write /, then letters, digits and /._~-, {_LONGEST_PATH} at most"
                yield Problem(f"{where}.{field}", path, "is not a path", remedy)


def health_and_metrics_have_different_paths(environment: Environment) -> Iterator[Problem]:
    """A service also serves metrics while it is unhealthy."""
    for service in environment.services:
        for field in ("health_path", "liveness_path"):
            if (path := getattr(service, field)) == service.metrics_path:
                remedy = "name the path that answers 200 only if the service works"
                yield Problem(f"{_field(environment, service)}.{field}", path, "is its metrics_path, too", remedy)


def services_have_time_to_become_healthy(environment: Environment) -> Iterator[Problem]:
    """A deployment waits, then needs two healthy answers; a new instance must be ready before Auto Scaling gives up."""
    for service in environment.services:
        where, limit = _field(environment, service), service.healthy_within_seconds
        if service.start_seconds < 0:
            yield Problem(f"{where}.start_seconds", service.start_seconds, "is negative", "write 0 or more")
        if limit < (least := service.start_seconds + _HEALTH_CHECKS_SECONDS):
            message = f"leaves no time for two answers after start_seconds = {service.start_seconds}"
            yield Problem(f"{where}.healthy_within_seconds", limit, message, f"write {least} or more")
        launch = BOOT_SECONDS + service.install_seconds
        if (excess := launch - _LONGEST_LAUNCH_SECONDS) > 0:
            waits = f"Auto Scaling waits {_LONGEST_LAUNCH_SECONDS}"
            message = f"lets a new instance take {launch} seconds to serve; {waits}"
            # A new instance waits up to three times for the health of its services.
            remedy = f"write {limit + -excess // 3} or less"
            yield Problem(f"{where}.healthy_within_seconds", limit, message, remedy)


def internal_paths_do_not_close_their_whole_route(environment: Environment) -> Iterator[Problem]:
    """The closing rule also matches every path that begins like an internal one."""
    for service in environment.services:
        where, prefix = _field(environment, service), service.public_prefix
        if service.runs_actuator and ACTUATOR in prefix.split("/"):
            message, remedy = f"leads into {ACTUATOR}, which is never public", "route to what clients may call"
            yield Problem(f"{where}.path_pattern", service.path_pattern, message, remedy)
        for path in service.internal:
            if _PATH.fullmatch(path) and service.closing(path) and prefix.startswith(path.rstrip("/")):
                message, remedy = f"closes all of {service.path_pattern}", "name a path below the route's own"
                yield Problem(_source(environment, service, path), path, message, remedy)


def internal_paths_are_within_their_route(environment: Environment) -> Iterator[Problem]:
    """The load balancer never forwards another path, so it is probably mistyped."""
    for service in environment.services:
        for path in service.internal_paths:
            if path in service.internal and not service.closing(path):
                message, remedy = f"is not within {service.path_pattern}", "name a path of the service, or leave it out"
                yield Problem(_source(environment, service, path), path, message, remedy)


def internal_paths_fit_into_one_listener_rule(environment: Environment) -> Iterator[Problem]:
    """AWS limits the patterns of a rule, their length, their wildcards, and the rules of a load balancer."""
    for service in environment.services:
        where, patterns = f"{_field(environment, service)}.internal_paths", service.closed_patterns
        if len(patterns) > _MOST_PATTERNS or sum(pattern.count("*") for pattern in patterns) > _MOST_WILDCARDS:
            message = f"makes a listener rule of {len(patterns)} patterns: {', '.join(patterns)}"
            remedy = f"name fewer: a rule takes {_MOST_PATTERNS} patterns, and {_MOST_WILDCARDS} * in all of them"
            yield Problem(where, service.internal_paths, message, remedy)
        for pattern in patterns:
            if len(pattern) > _LONGEST_PATTERN:
                message = f"makes a pattern of {len(pattern)} characters: {pattern}"
                remedy = f"shorten the path: a listener rule's pattern has {_LONGEST_PATTERN} at most"
                yield Problem(where, service.internal_paths, message, remedy)
    closing = [service for service in environment.services if service.closed_patterns]
    if (rules := len(environment.routes) + len(closing)) > _MOST_RULES:
        names, remedy = tuple(service.name for service in environment.services), f"a load balancer takes {_MOST_RULES}"
        yield Problem("services", names, f"needs {rules} listener rules", remedy)


def priorities_leave_room_for_closing_rules(environment: Environment) -> Iterator[Problem]:
    """The rule that closes internal paths has the number before the rule of its route."""
    taken = {route.priority: route.name for route in environment.routes}
    message = "leaves no number for the rule that closes its internal paths"
    for service in environment.services:
        where, before = f"{_field(environment, service)}.priority", service.closing_priority
        if not service.closed_patterns:
            continue
        if before == 0:
            yield Problem(where, service.priority, message, "write 2 or more")
        elif before in taken:
            remedy = "choose another, of which the number before is free"
            yield Problem(where, service.priority, f"{message}: {before} is {taken[before]}'s", remedy)


def grafana_has_its_own_path(environment: Environment) -> Iterator[Problem]:
    """Grafana serves one path and everything below it, including its health endpoint.

    https://grafana.com/docs/grafana/latest/developers/http_api/other/#returns-health-information-about-grafana
    """
    grafana = environment.grafana
    served = _GRAFANA.fullmatch(grafana.path_pattern)
    if not served or len(grafana.path_pattern) > _LONGEST_PATTERN:
        message = "is not one path and everything below it"
        yield Problem("grafana.path_pattern", grafana.path_pattern, message, "write one such as /monitoring/*")
    elif grafana.health_path != (health := f"{served[1]}api/health"):
        yield Problem("grafana.health_path", grafana.health_path, "is not Grafana's health endpoint", f"write {health}")


def port_of_node_metrics_is_free(environment: Environment) -> Iterator[Problem]:
    """Every instance also runs the node exporter."""
    for route in environment.routes:
        if route.port == NODE_EXPORTER_PORT:
            where = f"{_field(environment, route)}.port"
            yield Problem(where, route.port, "is the port of node metrics", "choose another")


def _shared(environment: Environment, routes: Sequence[Route], fields: Sequence[str]) -> Iterator[Problem]:
    for (one, other), field in product(combinations(routes, 2), fields):
        if (value := getattr(other, field)) == getattr(one, field):
            yield Problem(f"{_field(environment, other)}.{field}", value, f"is {one.name}'s too", "choose another")


def _source(environment: Environment, service: Service, path: str) -> str:
    """Return the field of an internal path."""
    fields = {service.target_health_path: "liveness_path"}
    fields |= {service.health_path: "health_path", service.metrics_path: "metrics_path"}
    fields |= {each: f"internal_paths[{place}]" for place, each in enumerate(service.internal_paths)}
    return f"{_field(environment, service)}.{fields[path]}"


def _field(environment: Environment, route: Route) -> str:
    return "grafana" if route is environment.grafana else f"services[{route.name}]"
