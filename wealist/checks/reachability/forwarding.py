"""Where the load balancer sends requests (section 4): each described route to its own fleet, and nothing else.

listener 443 ─ rule (path) ─► target group (port) ─► fleet
listener 80 ── redirect to 443

What a listener does by itself is judged by `wealist.checks.rules`, rules that close a path by `internal`.

    reachability.forwarding
"""

from collections.abc import Iterator
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.reachability.listeners import (
    actions,
    is_https,
    listener_rules,
    registered,
    rules_of,
    target_group,
)
from wealist.model.stack import Resource, StackJson
from wealist.spec.environment import Environment
from wealist.spec.services import HTTP_PORT, HTTPS_PORT, Route

_CONTROL: Final = "reachability.forwarding"
_RULE_ARGUMENTS: Final = frozenset({"//", "listener_arn", "priority", "action", "condition", "tags", "depends_on"})
_REGISTERS: Final = ("load_balancers", "traffic_source")
"""Arguments by which an Auto Scaling group registers with what is no target group."""
_LISTEN: Final = (
    f"listen on {HTTP_PORT} and {HTTPS_PORT} of the load balancer of this stack, and forward by rules alone"
)
_FORWARD: Final = (
    "give each described route one rule of the HTTPS listener, by its path alone, to a target group of this stack on "
    "its port, and register fleets there alone"
)
_Problem = tuple[str, str]
"""Address and problem."""


def wrong_forwarding(stack: StackJson, environment: Environment) -> Iterator[Finding]:
    """Listeners, rules and fleets that no route describes, and routes whose requests are lost."""
    for address, problem in _listeners(stack):
        yield Finding(stack.name, address, _CONTROL, problem, _LISTEN)
    for address, problem in (*_rules(stack, environment), *_registering(stack), *_routes(stack, environment)):
        yield Finding(stack.name, address, _CONTROL, problem, _FORWARD)


def _listeners(stack: StackJson) -> Iterator[_Problem]:
    for listener in stack.all("aws_lb_listener"):
        balancer = stack.target(listener.get("load_balancer_arn"))
        if balancer is None or balancer.type != "aws_lb":
            problem = f"belongs to {listener.get('load_balancer_arn')!r}, which is no load balancer of this stack"
            yield listener.address, problem
        if listener.get("port") not in {HTTP_PORT, HTTPS_PORT}:
            yield listener.address, f"listens on {listener.get('port')}"
        if any(action.kind == "forward" for action in actions(stack, listener, "default_action")):
            yield listener.address, "forwards what no rule takes"


def _rules(stack: StackJson, environment: Environment) -> Iterator[_Problem]:
    routes = {route.path_pattern for route in environment.routes}
    for rule in listener_rules(stack):
        address, values = rule.resource.address, rule.resource.values
        if more := sorted(values.keys() - _RULE_ARGUMENTS):
            yield address, f"has {', '.join(more)}, which is not read"
        if not is_https(rule.listener):
            yield address, f"belongs to {values.get('listener_arn')!r}, which does not listen on {HTTPS_PORT}"
        if len(rule.paths) == 1 and rule.paths[0] in routes:
            if not rule.by_path_only:
                yield address, f"takes {rule.paths[0]} under more conditions: {values.get('condition')}"
        elif not rule.answers:
            yield address, f"takes {', '.join(rule.paths) or 'every path'}, which no route describes"


def _registering(stack: StackJson) -> Iterator[_Problem]:
    for fleet in stack.all("aws_autoscaling_group"):
        for arn in fleet.get("target_group_arns") or []:
            if target_group(stack, arn) is None:
                yield fleet.address, f"registers with {arn!r}, which is no target group of this stack"
        for argument in _REGISTERS:
            if fleet.get(argument):
                yield fleet.address, f"registers by {argument} = {fleet.get(argument)!r}"
    for attachment in stack.all("aws_lb_target_group_attachment"):
        yield attachment.address, f"registers {attachment.get('target_id')!r}, which belongs to no fleet"


def _routes(stack: StackJson, environment: Environment) -> Iterator[_Problem]:
    for route in environment.routes:
        rules = rules_of(stack, route)
        lost = f"requests for {route.path_pattern} are lost"
        if not rules:
            listener = next(filter(is_https, stack.all("aws_lb_listener")), None)
            address = listener.address if listener else "aws_lb_listener"
            yield address, f"has no rule that forwards {route.path_pattern} from {HTTPS_PORT}: {lost}"
        for rule in rules:
            if len(rules) > 1:
                others = ", ".join(each.resource.address for each in rules if each is not rule)
                yield rule.resource.address, f"takes {route.path_pattern}, as {others} does"
            group = rule.target_group
            if group is None:
                done = rule.resource.get("action")
                yield rule.resource.address, f"answers {route.path_pattern} with {done}: {lost}"
            elif problem := _misses(stack, group, route):
                yield group.address, f"{problem}: {lost}"


def _misses(stack: StackJson, group: Resource, route: Route) -> str | None:
    """Why a target group does not lead to a route's fleet."""
    checked = group.block("health_check").get("port", "traffic-port")
    if (group.get("port"), group.get("target_type", "instance")) != (route.port, "instance"):
        return (
            f"leads to {group.get('target_type')} targets on port {group.get('port')}, not to instances on {route.port}"
        )
    if str(checked) not in {"traffic-port", str(route.port)}:
        return f"checks health on port {checked}, not {route.port}"
    return None if registered(stack, group) else "has no Auto Scaling group that registers with it"
