"""Where the load balancer sends requests (section 4): each described route to its own fleet, and nothing else.

listener 443 ─ rule (path) ─► target group (port) ─► fleet
listener 80 ── redirect to 443

How a listener answers by itself is judged by the rules of `hardening`, rules that close a path by `internal`.

    reachability.forwarding
"""

from collections.abc import Iterator
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.reachability.listeners import (
    Action,
    ListenerRule,
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
_KEPT: Final = {"host": "#{host}", "path": "/#{path}", "query": "#{query}"}
"""What a redirect keeps of a request, which is AWS's default."""

_Problem = tuple[str, str, str]
"""Address, problem, remedy."""


def wrong_forwarding(stack: StackJson, environment: Environment) -> Iterator[Finding]:
    """Listeners, rules and fleets that no route describes, and routes whose requests are lost."""
    for address, problem, remedy in _problems(stack, environment):
        yield Finding(stack.name, address, _CONTROL, problem, remedy)


def _problems(stack: StackJson, environment: Environment) -> Iterator[_Problem]:
    for listener in stack.all("aws_lb_listener"):
        for problem, remedy in _listener(stack, listener, environment):
            yield listener.address, problem, remedy
    routes = {route.path_pattern for route in environment.routes}
    for rule in listener_rules(stack):
        for problem, remedy in _rule(rule, routes):
            yield rule.resource.address, problem, remedy
    for fleet in stack.all("aws_autoscaling_group"):
        for problem in _registering(stack, fleet):
            yield fleet.address, problem, "register with target groups of this stack alone, by reference"
    for attachment in stack.all("aws_lb_target_group_attachment"):
        problem = f"registers {attachment.get('target_id')!r}, which belongs to no fleet"
        yield attachment.address, problem, "register a fleet by its target_group_arns"
    for route in environment.routes:
        yield from _route(stack, route)


def _listener(stack: StackJson, listener: Resource, environment: Environment) -> Iterator[tuple[str, str]]:
    balancer = stack.target(listener.get("load_balancer_arn"))
    if balancer is None or balancer.type != "aws_lb":
        yield f"belongs to {listener.get('load_balancer_arn')!r}, which is no load balancer of this stack", "remove it"
    if listener.get("port") not in {HTTP_PORT, HTTPS_PORT}:
        yield f"listens on {listener.get('port')}, and documented are {HTTP_PORT} and {HTTPS_PORT}", "remove it"
    certificate = listener.get("certificate_arn")
    if is_https(listener) and not _is_described(stack, certificate, environment.api.certificate_arn):
        problem = f"has the certificate {certificate!r}, which is not the described one"
        yield problem, "refer to the validated certificate of the API, or to that of its settings"
    for action in actions(stack, listener, "default_action"):
        if action.kind == "redirect" and not _leads_to_https(action):
            problem = f"redirects to {dict(action.settings)}"
            yield problem, f"redirect to {HTTPS_PORT} of the same host, path and query"


def _leads_to_https(redirect: Action) -> bool:
    kept = all(redirect.settings.get(key) in (None, default) for key, default in _KEPT.items())
    return kept and str(redirect.settings.get("port")) == str(HTTPS_PORT)


def _is_described(stack: StackJson, certificate: object, described: str | None) -> bool:
    if described is not None:
        return certificate == described
    target = stack.target(certificate)
    return target is not None and target.type == "aws_acm_certificate_validation"


def _rule(rule: ListenerRule, routes: set[str]) -> Iterator[tuple[str, str]]:
    if more := sorted(rule.resource.values.keys() - _RULE_ARGUMENTS):
        yield f"has {', '.join(more)}, which is not read", "leave it out"
    if not is_https(rule.listener):
        problem = f"belongs to {rule.resource.get('listener_arn')!r}, which does not listen on {HTTPS_PORT}"
        yield problem, "move it there, or remove it"
    if len(rule.paths) != 1 or rule.paths[0] not in routes:
        if not rule.answers:
            problem = f"takes {', '.join(rule.paths) or 'every path'}, which no route describes"
            yield problem, "remove it, or describe the route"
    elif not rule.by_path_only:
        problem = f"takes {rule.paths[0]} under more conditions: {rule.resource.blocks('condition')}"
        yield problem, "ask for the path alone"


def _registering(stack: StackJson, fleet: Resource) -> Iterator[str]:
    for arn in fleet.get("target_group_arns") or []:
        if target_group(stack, arn) is None:
            yield f"registers with {arn!r}, which is no target group of this stack"
    for argument in _REGISTERS:
        if fleet.get(argument):
            yield f"registers by {argument} = {fleet.get(argument)!r}"


def _route(stack: StackJson, route: Route) -> Iterator[_Problem]:
    listeners = [listener for listener in stack.all("aws_lb_listener") if is_https(listener)]
    if not listeners:
        balancer = next(iter(stack.all("aws_lb")), None)
        yield _lost(balancer.address if balancer else "aws_lb", f"has no listener on {HTTPS_PORT}", route)
        return
    rules = rules_of(stack, route)
    if not rules:
        yield _lost(listeners[0].address, f"has no rule that forwards {route.path_pattern}", route)
    for rule in rules:
        if len(rules) > 1:
            others = ", ".join(each.resource.address for each in rules if each is not rule)
            yield rule.resource.address, f"takes {route.path_pattern}, as {others} does", "leave one rule for each path"
        group = rule.target_group
        if group is None:
            problem = f"answers {route.path_pattern} with {rule.resource.blocks('action')}"
            yield rule.resource.address, problem, f"forward to the one target group of {route.port}, by reference"
        elif (group.get("port"), group.get("target_type", "instance")) != (route.port, "instance"):
            problem = f"passes it on to {group.get('target_type')} targets on port {group.get('port')}"
            yield _lost(group.address, problem, route)
        elif not registered(stack, group):
            yield _lost(group.address, "has no Auto Scaling group that registers with it", route)
        elif (port := group.block("health_check").get("port", "traffic-port")) not in ("traffic-port", str(route.port)):
            yield _lost(group.address, f"checks health on port {port}, not {route.port}", route)


def _lost(address: str, problem: str, route: Route) -> _Problem:
    remedy = f"lead {route.path_pattern} from {HTTPS_PORT} to the instances' {route.port}"
    return address, f"{problem}: requests for {route.path_pattern} are lost", remedy
