"""What only instances may call, and the internet must not: metrics, Spring's Actuator, further paths of a service.

request ─ rules, by priority ─┬─ closing rule ─► 404
                              └─ rule that forwards ─► target group (port) ─► service

A path leads to a service where a rule forwards it, and no closing rule of the same listener comes before it. Patterns
are compared by `wealist.spec.globs`, which covers every path, not a list of examples.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from wealist.checks.finding import Finding
from wealist.checks.reachability.forwarding import (
    RULE_ARGUMENTS,
    answers_itself,
    block_of,
    paths_of,
    target_group,
)
from wealist.model.stack import Resource, StackJson
from wealist.spec.environment import Environment
from wealist.spec.globs import example
from wealist.spec.services import ACTUATOR, HTTPS_PORT, Service

_CONTROL: Final = "reachability.internal"
_EVERY_PATH: Final = ("*",)
_AFTER_EVERY_RULE: Final = 50_001
"""Where a listener's default action stands: priorities end at 50000."""
_ENDS: Final = ("", "/*", ";*")
"""How a path goes on that leads to the same place or below it."""


def exposed(stack: StackJson, environment: Environment) -> Iterator[Finding]:
    """Internal paths that are forwarded to their service, and rules that answer what no service closes."""
    for address, problem, remedy in _problems(stack, environment.services):
        yield Finding(stack.name, address, _CONTROL, problem, remedy)


def _problems(stack: StackJson, services: Sequence[Service]) -> Iterator[tuple[str, str, str]]:
    for listener in stack.all("aws_lb_listener"):
        closed = _closed_before(stack, f"${{{listener.address}.arn}}", _AFTER_EVERY_RULE)
        for service in _reached(stack, listener.blocks("default_action"), services):
            yield from _forwarded(listener, service, _EVERY_PATH, closed)
    for rule in stack.all("aws_lb_listener_rule"):
        # An expression may be any pattern, and further conditions may hold for any request.
        paths = tuple(paths_of(rule))
        paths = _EVERY_PATH if not paths or any("${" in path for path in paths) else paths
        closed = _closed_before(stack, rule.get("listener_arn"), rule.get("priority"))
        for service in _reached(stack, rule.blocks("action"), services):
            yield from _forwarded(rule, service, paths, closed)
        if answers_itself(rule):
            yield from _answered(stack, rule, services)


def _forwarded(
    rule: Resource, service: Service, paths: tuple[str, ...], closed: tuple[str, ...]
) -> Iterator[tuple[str, str, str]]:
    path = example(paths, _internal(service), unless=closed)
    if path is not None:
        problem = f"forwards {path} to {service.full_name}, and only instances may call it"
        patterns = " and ".join(service.closed_patterns) or path
        remedy = f"answer {patterns} with 404, by a rule of the same listener with a lower priority number"
        yield rule.address, problem, remedy


def _internal(service: Service) -> tuple[str, ...]:
    """Patterns of every path that leads to what is internal; of Actuator, in any spelling that encodes no letter."""
    ways = (f"*/{ACTUATOR}",) if service.runs_actuator else ()
    return tuple(f"{way}{end}" for way in (*ways, *service.internal) for end in _ENDS)


def _reached(stack: StackJson, actions: Sequence[Mapping[str, Any]], services: Sequence[Service]) -> list[Service]:
    """The services whose port actions forward to: all of them, where a target group is not read."""
    arns: list[object] = []
    for action in actions:
        if action.get("type") == "forward":
            groups = block_of(action.get("forward")).get("target_group") or []
            several = groups if isinstance(groups, list) else [groups]
            arns += [block_of(group).get("arn") for group in several] or [action.get("target_group_arn")]
    groups = [target_group(stack, arn) for arn in arns]
    ports = {str(group.get("port")) if group and group.get("port") else None for group in groups}
    return [service for service in services if None in ports or str(service.port) in ports]


def _closed_before(stack: StackJson, listener_arn: object, priority: object) -> tuple[str, ...]:
    """The patterns that rules of a listener answer before a priority."""
    return tuple(
        path
        for rule in stack.all("aws_lb_listener_rule")
        if answers_itself(rule)
        and _asks_for_paths_alone(rule)
        and rule.get("listener_arn") == listener_arn
        and _precedes(rule.get("priority"), priority)
        for path in paths_of(rule)
        if "${" not in path
    )


def _precedes(one: object, other: object) -> bool:
    return isinstance(one, int) and isinstance(other, int) and one < other


def _asks_for_paths_alone(rule: Resource) -> bool:
    conditions = rule.blocks("condition")
    return len(conditions) == 1 and set(conditions[0]) == {"path_pattern"}


def _answered(stack: StackJson, rule: Resource, services: Sequence[Service]) -> Iterator[tuple[str, str, str]]:
    described = [sorted(service.closed_patterns) for service in services if service.closed_patterns]
    paths, listener = paths_of(rule), stack.target(rule.get("listener_arn"))
    if paths not in described or not _asks_for_paths_alone(rule):
        problem = (
            f"answers {', '.join(paths) or 'every path'} under {rule.blocks('condition')}, which no service closes"
        )
        yield rule.address, problem, "name the path in internal_paths of its service, or remove the rule"
    if listener is None or listener.type != "aws_lb_listener" or listener.get("port") != HTTPS_PORT:
        problem = f"is of {rule.get('listener_arn')!r}, which does not listen on {HTTPS_PORT}"
        yield rule.address, problem, "move it there"
    status = [block_of(action.get("fixed_response")).get("status_code") for action in rule.blocks("action")]
    if status != ["404"]:
        yield rule.address, f"answers with status {status}", "answer with 404, as unknown paths are answered"
    if more := sorted(rule.values.keys() - RULE_ARGUMENTS):
        yield rule.address, f"has {', '.join(more)}, which is not read", "leave it out"
