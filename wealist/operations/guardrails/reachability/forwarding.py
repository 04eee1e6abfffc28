"""What the load balancer passes on, and to whom (section 4): each described route, and nothing else.

listener 443 ─ rule (path) ─► target group (port) ─► fleet

    reachability.forwarding
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from wealist.operations.guardrails.finding import Finding
from wealist.operations.guardrails.stack_json import Resource, StackJson, addresses_in
from wealist.spec.environment import Environment
from wealist.spec.services import HTTP_PORT, HTTPS_PORT, Route

_CONTROL: Final = "reachability.forwarding"
_LISTENED: Final = (HTTP_PORT, HTTPS_PORT)


def misdirected(stack: StackJson, environment: Environment) -> Iterator[Finding]:
    """Listeners, rules and target groups that no route describes, and routes that lead nowhere."""
    for listener in stack.all("aws_lb_listener"):
        yield from _listener(stack, listener)
    patterns = {route.path_pattern for route in environment.routes}
    for rule in stack.all("aws_lb_listener_rule"):
        extra = sorted(_paths(rule) - patterns) or ([] if _paths(rule) else ["every path"])
        if extra:
            problem = f"forwards {', '.join(extra)}, which no route of {environment.name} describes"
            yield Finding(stack.name, rule.address, _CONTROL, problem, "remove it, or describe the route")
    ports = sorted({route.port for route in environment.routes})
    for group in stack.all("aws_lb_target_group"):
        if group.get("port") not in ports or group.get("target_type") != "instance":
            problem = f"passes requests on to {group.get('target_type')} targets on port {group.get('port')}"
            problem += f", and routes lead to instances on {', '.join(map(str, ports))}"
            yield Finding(stack.name, group.address, _CONTROL, problem, "give it a route's port")
    for route in environment.routes:
        yield from _route(stack, route)


def serving(stack: StackJson, route: Route) -> list[Resource]:
    """The Auto Scaling groups whose instances a route's requests reach."""
    return [fleet for group in _target_groups(stack, route) for fleet in _registered(stack, group)]


def _listener(stack: StackJson, listener: Resource) -> Iterator[Finding]:
    port = listener.get("port")
    if port not in _LISTENED:
        problem = f"listens on {port}, and documented are {HTTP_PORT} and {HTTPS_PORT}"
        yield Finding(stack.name, listener.address, _CONTROL, problem, "remove it")
    for action in listener.blocks("default_action"):
        if _forwards(action):
            problem = f"forwards to {', '.join(addresses_in(dict(action)))} what no rule takes"
            remedy = "redirect on 80, and answer 404 on 443"
            yield Finding(stack.name, listener.address, _CONTROL, problem, remedy)


def _route(stack: StackJson, route: Route) -> Iterator[Finding]:
    listeners = [listener for listener in stack.all("aws_lb_listener") if listener.get("port") == HTTPS_PORT]
    if not listeners:
        balancer = next(iter(stack.all("aws_lb")), None)
        address, problem = balancer.address if balancer else "aws_lb", f"has no listener on {HTTPS_PORT}"
        yield _lost(stack, address, problem, route)
        return
    groups = _target_groups(stack, route)
    if not groups:
        yield _lost(stack, listeners[0].address, f"has no rule that forwards {route.path_pattern}", route)
    for group in groups:
        if group.get("port") != route.port:
            yield _lost(stack, group.address, f"passes it on to port {group.get('port')}, not {route.port}", route)
        if not _registered(stack, group):
            yield _lost(stack, group.address, "has no Auto Scaling group that registers with it", route)
        checked = group.block("health_check").get("port", "traffic-port")
        if checked not in ("traffic-port", str(route.port), route.port):
            problem = f"checks health on port {checked}, which no edge opens"
            yield _lost(stack, group.address, problem, route)


def _target_groups(stack: StackJson, route: Route) -> list[Resource]:
    """The target groups that a listener on 443 forwards a route's path to."""
    found: list[Resource] = []
    for rule in stack.all("aws_lb_listener_rule"):
        listener = stack.target(rule.get("listener_arn"))
        if listener and listener.get("port") == HTTPS_PORT and route.path_pattern in _paths(rule):
            named = addresses_in([dict(action) for action in rule.blocks("action")])
            found += [group for group in stack.all("aws_lb_target_group") if group.address in named]
    return found


def _registered(stack: StackJson, group: Resource) -> list[Resource]:
    return [
        fleet
        for fleet in stack.all("aws_autoscaling_group")
        if group.address in addresses_in(fleet.get("target_group_arns"))
    ]


def _paths(rule: Resource) -> set[str]:
    blocks = [condition.get("path_pattern") or {} for condition in rule.blocks("condition")]
    each = [block[0] if isinstance(block, list) and block else block for block in blocks]
    return {value for block in each if isinstance(block, Mapping) for value in block.get("values") or []}


def _forwards(action: Mapping[str, Any]) -> bool:
    return any("aws_lb_target_group" in address for address in addresses_in(dict(action)))


def _lost(stack: StackJson, address: str, problem: str, route: Route) -> Finding:
    remedy = f"lead {route.path_pattern} from {HTTPS_PORT} to the instances' {route.port}"
    return Finding(stack.name, address, _CONTROL, f"{problem}: requests for {route.path_pattern} are lost", remedy)
