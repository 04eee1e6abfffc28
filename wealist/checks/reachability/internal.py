"""What only instances may call, and the internet must not: metrics, Spring's Actuator, further paths of a service.

request ─ rules, by priority ─┬─ closing rule ─► 404
                              └─ rule that forwards ─► target group (port) ─► service

`forwarding` proves that a service gets no requests but those of its route. Of these, an internal path leads to it where
no closing rule of the same listener comes before. Patterns are compared by `wealist.spec.globs`, which covers every
path, not a list of examples.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.reachability.listeners import ListenerRule, listener_rules, rules_of
from wealist.model.stack import StackJson
from wealist.spec.environment import Environment
from wealist.spec.globs import example
from wealist.spec.services import ACTUATOR, Service

_CONTROL: Final = "reachability.internal"
_ENDS: Final = ("", "/*", ";*")
"""How a path goes on that leads to the same place or below it."""


def exposed(stack: StackJson, environment: Environment) -> Iterator[Finding]:
    """Internal paths that are forwarded to their service, and rules that answer what no service closes."""
    for address, problem, remedy in _problems(stack, environment.services):
        yield Finding(stack.name, address, _CONTROL, problem, remedy)


def _problems(stack: StackJson, services: Sequence[Service]) -> Iterator[tuple[str, str, str]]:
    rules = listener_rules(stack)
    for service in services:
        for rule in rules_of(stack, service):
            path = example((service.path_pattern,), _internal(service), unless=_closed_before(rules, rule))
            if path is not None:
                problem = f"forwards {path} to {service.full_name}, and only instances may call it"
                patterns = " and ".join(service.closed_patterns) or path
                remedy = f"answer {patterns} with 404, by a rule of the same listener with a lower priority number"
                yield rule.resource.address, problem, remedy
    for rule in rules:
        for problem, remedy in _answered(rule, services) if rule.answers else ():
            yield rule.resource.address, problem, remedy


def _internal(service: Service) -> tuple[str, ...]:
    """Patterns of every path that leads to what is internal; of Actuator, in any spelling that encodes no letter."""
    ways = (f"*/{ACTUATOR}",) if service.runs_actuator else ()
    return tuple(f"{way}{end}" for way in (*ways, *service.internal) for end in _ENDS)


def _closed_before(rules: Sequence[ListenerRule], forwarding: ListenerRule) -> tuple[str, ...]:
    """The patterns that rules of the same listener answer before one that forwards."""
    return tuple(
        path
        for rule in rules
        if rule.answers
        and rule.by_path_only
        and rule.resource.get("listener_arn") == forwarding.resource.get("listener_arn")
        and _precedes(rule.resource.get("priority"), forwarding.resource.get("priority"))
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
