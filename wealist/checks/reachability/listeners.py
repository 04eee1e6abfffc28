"""Read the load balancer's listeners, and check where they send requests.

listener 443 ─┬─ rule (priority, paths) ─ forward ─► target group (port) ─► fleets      reachability.forwarding
              └─ rule (priority, internal paths) ─► 404                                 reachability.internal
listener 80 ─── redirect to 443                                                         wealist.checks.rules

reachability.forwarding: each described route is forwarded to its own fleet, and no other request is (section 4).
reachability.internal: only instances can call a service's internal paths, such as metrics and Spring's Actuator.
Before a rule that forwards such a path, a rule of the same listener must answer it. `wealist.spec.globs` compares the
patterns, so the result holds for every path.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from wealist.checks.finding import Finding
from wealist.model.stack import Resource, StackJson
from wealist.model.values import as_list
from wealist.spec.environment import Environment
from wealist.spec.globs import example
from wealist.spec.services import ACTUATOR, HTTP_PORT, HTTPS_PORT, Route, Service

_FORWARDING: Final = "reachability.forwarding"
_INTERNAL: Final = "reachability.internal"
_RULE_ARGUMENTS: Final = frozenset({"//", "listener_arn", "priority", "action", "condition", "tags", "depends_on"})
_OTHER_REGISTRATIONS: Final = ("load_balancers", "traffic_source")
"""Arguments that register an Auto Scaling group with something other than a target group."""
_LISTEN: Final = f"listen on {HTTP_PORT} and {HTTPS_PORT} of the load balancer of this stack, and forward only by rules"
_FORWARD: Final = (
    "give each described route one rule of the HTTPS listener, by its path only, to a target group of this stack on "
    "its port, and register fleets only there"
)
_PATH_SUFFIXES: Final = ("", "/*", ";*")
"""Suffixes that lead to the same path, or below it."""
_Problem = tuple[str, str]
"""Address and problem."""


@dataclass(frozen=True)
class ListenerRule:
    """One rule of a listener.

    Attributes:
        resource: The rule.
        listener: Its listener; None if that is not in this stack.
        paths: The path patterns of its conditions, sorted.
        by_path_only: Whether a path is its only condition.
        target_group: The target group, if forwarding to it is the only action; else None.
    """

    resource: Resource
    listener: Resource | None
    paths: tuple[str, ...]
    by_path_only: bool
    target_group: Resource | None

    @property
    def answers(self) -> bool:
        """Whether the load balancer itself answers, without an instance."""
        return self.resource.at("action.type") == ["fixed-response"]


def rules_of(stack: StackJson, route: Route) -> list[ListenerRule]:
    """Return the rules of the HTTPS listener for a route's path."""
    return [each for each in _rules(stack) if _is_https(each.listener) and route.path_pattern in each.paths]


def target_groups(stack: StackJson, route: Route) -> list[Resource]:
    """Return the target groups that a route's requests are forwarded to."""
    return [group for rule in rules_of(stack, route) if (group := rule.target_group) is not None]


def serving_fleets(stack: StackJson, route: Route) -> list[Resource]:
    """Return the fleets whose instances a route's requests reach."""
    return [fleet for group in target_groups(stack, route) for fleet in _registered_fleets(stack, group)]


def wrong_forwarding(stack: StackJson, environment: Environment) -> Iterator[Finding]:
    """Report listeners, rules and fleets that no route describes, and routes whose requests reach no fleet."""
    for address, problem in _listener_problems(stack):
        yield Finding(stack.name, address, _FORWARDING, problem, _LISTEN)
    problems = (
        *_rule_problems(stack, environment),
        *_registration_problems(stack),
        *_route_problems(stack, environment),
    )
    for address, problem in problems:
        yield Finding(stack.name, address, _FORWARDING, problem, _FORWARD)


def exposed_paths(stack: StackJson, environment: Environment) -> Iterator[Finding]:
    """Report internal paths that are forwarded to their service, and rules that answer paths that must be forwarded."""
    rules, services = _rules(stack), environment.services
    for service in services:
        for rule in rules_of(stack, service):
            path = example((service.path_pattern,), _internal_patterns(service), unless=_answered_before(rules, rule))
            if path is not None:
                problem = f"forwards {path} to {service.full_name}, but only instances may call it"
                patterns = " and ".join(service.closed_patterns) or path
                remedy = f"answer {patterns} with 404, by a rule of the same listener with a lower priority number"
                yield Finding(stack.name, rule.resource.address, _INTERNAL, problem, remedy)
    for rule in rules:
        for problem, remedy in _answer_problems(rule, services) if rule.answers else ():
            yield Finding(stack.name, rule.resource.address, _INTERNAL, problem, remedy)


def _listener_problems(stack: StackJson) -> Iterator[_Problem]:
    for listener in stack.all("aws_lb_listener"):
        balancer = stack.target(listener.get("load_balancer_arn"))
        if balancer is None or balancer.type != "aws_lb":
            problem = f"belongs to {listener.get('load_balancer_arn')!r}, which is not a load balancer of this stack"
            yield listener.address, problem
        if listener.get("port") not in {HTTP_PORT, HTTPS_PORT}:
            yield listener.address, f"listens on {listener.get('port')}"
        if "forward" in listener.at("default_action.type"):
            yield listener.address, "forwards requests that match no rule"


def _rule_problems(stack: StackJson, environment: Environment) -> Iterator[_Problem]:
    routes = {route.path_pattern for route in environment.routes}
    for rule in _rules(stack):
        address, values = rule.resource.address, rule.resource.values
        if unread := sorted(values.keys() - _RULE_ARGUMENTS):
            yield address, f"has {', '.join(unread)}, which is not read"
        if not _is_https(rule.listener):
            yield address, f"belongs to {values.get('listener_arn')!r}, which does not listen on {HTTPS_PORT}"
        if len(rule.paths) == 1 and rule.paths[0] in routes:
            if not rule.by_path_only:
                yield address, f"matches {rule.paths[0]} under more conditions: {values.get('condition')}"
        elif not rule.answers:
            yield address, f"matches {', '.join(rule.paths) or 'every path'}, which no route describes"


def _registration_problems(stack: StackJson) -> Iterator[_Problem]:
    for fleet in stack.all("aws_autoscaling_group"):
        for arn in fleet.get("target_group_arns") or []:
            if _target_group(stack, arn) is None:
                yield fleet.address, f"registers with {arn!r}, which is not a target group of this stack"
        for argument in _OTHER_REGISTRATIONS:
            if fleet.get(argument):
                yield fleet.address, f"registers by {argument} = {fleet.get(argument)!r}"
    for attachment in stack.all("aws_lb_target_group_attachment"):
        yield attachment.address, f"registers {attachment.get('target_id')!r}, which belongs to no fleet"


def _route_problems(stack: StackJson, environment: Environment) -> Iterator[_Problem]:
    for route in environment.routes:
        rules = rules_of(stack, route)
        lost = f"requests for {route.path_pattern} are lost"
        if not rules:
            listener = next(filter(_is_https, stack.all("aws_lb_listener")), None)
            address = listener.address if listener else "aws_lb_listener"
            yield address, f"has no rule that forwards {route.path_pattern} from {HTTPS_PORT}: {lost}"
        for rule in rules:
            if len(rules) > 1:
                others = ", ".join(each.resource.address for each in rules if each is not rule)
                yield rule.resource.address, f"matches {route.path_pattern}, as {others} does"
            group = rule.target_group
            if group is None:
                action = rule.resource.get("action")
                yield rule.resource.address, f"answers {route.path_pattern} with {action}: {lost}"
            elif problem := _target_group_problem(stack, group, route):
                yield group.address, f"{problem}: {lost}"


def _target_group_problem(stack: StackJson, group: Resource, route: Route) -> str | None:
    """Return why a target group does not lead to a route's fleet; None if it does."""
    checked = group.block("health_check").get("port", "traffic-port")
    if (group.get("port"), group.get("target_type", "instance")) != (route.port, "instance"):
        actual = f"{group.get('target_type')} targets on port {group.get('port')}"
        return f"leads to {actual}, not to instances on {route.port}"
    if str(checked) not in {"traffic-port", str(route.port)}:
        return f"checks health on port {checked}, not {route.port}"
    return None if _registered_fleets(stack, group) else "has no Auto Scaling group that registers with it"


def _internal_patterns(service: Service) -> tuple[str, ...]:
    """Return patterns of every internal path. Actuator's match any spelling without percent-encoded letters."""
    paths = (f"*/{ACTUATOR}",) if service.runs_actuator else ()
    return tuple(f"{path}{suffix}" for path in (*paths, *service.internal) for suffix in _PATH_SUFFIXES)


def _answered_before(rules: Sequence[ListenerRule], forwarding: ListenerRule) -> tuple[str, ...]:
    """Return the patterns that rules of the same listener answer before a rule that forwards."""
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


def _answer_problems(rule: ListenerRule, services: Sequence[Service]) -> Iterator[tuple[str, str]]:
    described = [sorted(service.closed_patterns) for service in services if service.closed_patterns]
    if list(rule.paths) not in described or not rule.by_path_only:
        conditions, paths = rule.resource.blocks("condition"), ", ".join(rule.paths) or "every path"
        problem = f"answers {paths} under {conditions}, which no service closes"
        yield problem, "name the path in internal_paths of its service, or remove the rule"
    status = rule.resource.at("action.fixed_response.status_code")
    if status != ["404"]:
        yield f"answers with status {status}", "answer with 404, as unknown paths are answered"


def _rules(stack: StackJson) -> list[ListenerRule]:
    return [_rule(stack, resource) for resource in stack.all("aws_lb_listener_rule")]


def _rule(stack: StackJson, resource: Resource) -> ListenerRule:
    conditions = resource.blocks("condition")
    patterns = {each for values in resource.at("condition.path_pattern.values") for each in as_list(values)}
    return ListenerRule(
        resource,
        stack.target(resource.get("listener_arn")),
        tuple(sorted(patterns)),
        len(conditions) == 1 and set(conditions[0]) == {"path_pattern"},
        _forward_target(stack, resource),
    )


def _forward_target(stack: StackJson, rule: Resource) -> Resource | None:
    forwards = rule.at("action.type") == ["forward"] and not any(rule.at("action.forward"))
    return _target_group(stack, rule.at("action.target_group_arn")[0]) if forwards else None


def _is_https(listener: Resource | None) -> bool:
    return listener is not None and listener.type == "aws_lb_listener" and listener.get("port") == HTTPS_PORT


def _target_group(stack: StackJson, arn: object) -> Resource | None:
    group = stack.target(arn)
    return group if group and group.type == "aws_lb_target_group" and arn == f"${{{group.address}.arn}}" else None


def _registered_fleets(stack: StackJson, group: Resource) -> list[Resource]:
    arn = f"${{{group.address}.arn}}"
    return [fleet for fleet in stack.all("aws_autoscaling_group") if arn in (fleet.get("target_group_arns") or [])]
