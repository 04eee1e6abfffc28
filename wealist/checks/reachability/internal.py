"""What only instances may call, and the internet must not: metrics, Spring's Actuator, further paths of a service.

request ─ rules, by priority ─┬─ closing rule ─► 404
                              └─ rule that forwards ─► target group (port) ─► service

A path leads to a service where a rule forwards it, and no closing rule of the same listener comes before it. Patterns
are compared by `wealist.spec.globs`, which covers every path, not a list of examples.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.reachability.listeners import Action, ListenerRule, actions, listener_rules
from wealist.model.stack import Resource, StackJson
from wealist.spec.environment import Environment
from wealist.spec.globs import example
from wealist.spec.services import ACTUATOR, Service

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
    rules = listener_rules(stack)
    for listener in stack.all("aws_lb_listener"):
        closed = _closed_before(rules, f"${{{listener.address}.arn}}", _AFTER_EVERY_RULE)
        for service in _reached(actions(stack, listener, "default_action"), services):
            yield from _forwarded(listener, service, _EVERY_PATH, closed)
    for rule in rules:
        # An expression may be any pattern, and further conditions may hold for any request.
        paths = _EVERY_PATH if not rule.paths or any("${" in path for path in rule.paths) else rule.paths
        closed = _closed_before(rules, rule.resource.get("listener_arn"), rule.resource.get("priority"))
        for service in _reached(rule.actions, services):
            yield from _forwarded(rule.resource, service, paths, closed)
        if rule.answers:
            for problem, remedy in _answered(rule, services):
                yield rule.resource.address, problem, remedy


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


def _reached(done: Sequence[Action], services: Sequence[Service]) -> list[Service]:
    """The services whose port actions forward to: all of them, where a target group is not read."""
    groups = [group for action in done for group in action.groups]
    ports = {str(group.get("port")) if group and group.get("port") else None for group in groups}
    return [service for service in services if None in ports or str(service.port) in ports]


def _closed_before(rules: Sequence[ListenerRule], listener_arn: object, priority: object) -> tuple[str, ...]:
    """The patterns that rules of a listener answer before a priority."""
    return tuple(
        path
        for rule in rules
        if rule.answers
        and rule.by_path_only
        and rule.resource.get("listener_arn") == listener_arn
        and _precedes(rule.resource.get("priority"), priority)
        for path in rule.paths
        if "${" not in path
    )


def _precedes(one: object, other: object) -> bool:
    return isinstance(one, int) and isinstance(other, int) and one < other


def _answered(rule: ListenerRule, services: Sequence[Service]) -> Iterator[tuple[str, str]]:
    described = [sorted(service.closed_patterns) for service in services if service.closed_patterns]
    if list(rule.paths) not in described or not rule.by_path_only:
        conditions, paths = rule.resource.blocks("condition"), ", ".join(rule.paths) or "every path"
        problem = f"answers {paths} under {conditions}, which no service closes"
        yield problem, "name the path in internal_paths of its service, or remove the rule"
    status = [action.settings.get("status_code") for action in rule.actions]
    if status != ["404"]:
        yield f"answers with status {status}", "answer with 404, as unknown paths are answered"
