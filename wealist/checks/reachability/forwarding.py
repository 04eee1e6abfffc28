"""What the load balancer passes on, and to whom (section 4): each described route, and nothing else.

listener 443 ─ rule (path) ─► target group (port) ─► fleet
listener 80 ── redirect to 443

Rules that answer by themselves are those of `internal`.

    reachability.forwarding
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from wealist.checks.finding import Finding
from wealist.model.stack import Resource, StackJson
from wealist.spec.environment import Environment
from wealist.spec.services import HTTP_PORT, HTTPS_PORT, Route

_CONTROL: Final = "reachability.forwarding"
RULE_ARGUMENTS: Final = frozenset({"//", "listener_arn", "priority", "action", "condition", "tags", "depends_on"})
_REGISTERS: Final = ("load_balancers", "traffic_source")
"""By which an Auto Scaling group registers with what is no target group."""


def misdirected(stack: StackJson, environment: Environment) -> Iterator[Finding]:
    """Listeners, rules, target groups and fleets that no route describes, and routes that lead nowhere."""
    for address, problem, remedy in _problems(stack, environment):
        yield Finding(stack.name, address, _CONTROL, problem, remedy)


def answers_itself(rule: Resource) -> bool:
    """Whether a rule gives a response of its own, and nothing reaches an instance."""
    return [action.get("type") for action in rule.blocks("action")] == ["fixed-response"]


def paths_of(rule: Resource) -> list[str]:
    """The patterns of paths that a rule takes, whatever else it asks for."""
    blocks = [block_of(condition.get("path_pattern")) for condition in rule.blocks("condition")]
    return sorted({value for block in blocks for value in block.get("values") or []})


def block_of(value: object) -> Mapping[str, Any]:
    """A nested block, which stands as an object or as a list of one; empty for anything else."""
    found = value[0] if isinstance(value, list) and value else value
    return found if isinstance(found, Mapping) else {}


def target_group(stack: StackJson, arn: object) -> Resource | None:
    """The target group of this stack that an ARN is a reference to."""
    group = stack.target(arn)
    return group if group and group.type == "aws_lb_target_group" and arn == f"${{{group.address}.arn}}" else None


def serving(stack: StackJson, route: Route) -> list[Resource]:
    """The Auto Scaling groups whose instances a route's requests reach."""
    return [fleet for group in _target_groups(stack, route) for fleet in _registered(stack, group)]


_Problem = tuple[str, str, str]
"""Address, problem, remedy."""


def _problems(stack: StackJson, environment: Environment) -> Iterator[_Problem]:
    for listener in stack.all("aws_lb_listener"):
        for problem, remedy in _listener(stack, listener, environment):
            yield listener.address, problem, remedy
    routes = {route.path_pattern: route for route in environment.routes}
    for rule in stack.all("aws_lb_listener_rule"):
        for problem, remedy in _rule(stack, rule, routes):
            yield rule.address, problem, remedy
    ports = sorted({route.port for route in environment.routes})
    for group in stack.all("aws_lb_target_group"):
        if group.get("port") not in ports or group.get("target_type") != "instance":
            problem = f"passes requests on to {group.get('target_type')} targets on port {group.get('port')}"
            problem += f", and routes lead to instances on {', '.join(map(str, ports))}"
            yield group.address, problem, "give it a route's port"
    for fleet in stack.all("aws_autoscaling_group"):
        for problem in _registering(stack, fleet):
            yield fleet.address, problem, "register with target groups of this stack alone, by reference"
    for route in environment.routes:
        yield from _route(stack, route)


def _listener(stack: StackJson, listener: Resource, environment: Environment) -> Iterator[tuple[str, str]]:
    actions = listener.blocks("default_action")
    balancer = stack.target(listener.get("load_balancer_arn"))
    if balancer is None or balancer.type != "aws_lb":
        yield f"listens for {listener.get('load_balancer_arn')!r}, which is no load balancer of this stack", "remove it"
    if listener.get("port") == HTTP_PORT:
        if not _redirects(actions):
            yield f"answers plain HTTP with {actions}", f"redirect to HTTPS on {HTTPS_PORT}, and nothing else"
    elif listener.get("port") == HTTPS_PORT:
        if listener.get("protocol") != "HTTPS":
            yield f"talks {listener.get('protocol')} on {HTTPS_PORT}", "talk HTTPS"
        if [action.get("type") for action in actions] != ["fixed-response"]:
            yield f"passes on what no rule takes: {actions}", "answer with a fixed response of 404"
        if not _is_ours(stack, listener.get("certificate_arn"), environment.api.certificate_arn):
            problem = f"shows the certificate {listener.get('certificate_arn')!r}, which is not the described one"
            yield problem, "refer to the validated certificate of the API, or to that of its settings"
    else:
        yield f"listens on {listener.get('port')}, and documented are {HTTP_PORT} and {HTTPS_PORT}", "remove it"


def _redirects(actions: list[Mapping[str, Any]]) -> bool:
    """Whether plain HTTP is only told where HTTPS is: the same host, path and query."""
    if len(actions) != 1 or actions[0].get("type") != "redirect":
        return False
    redirect = block_of(actions[0].get("redirect"))
    where = {key: value for key, value in redirect.items() if key != "status_code" and value is not None}
    return where == {"protocol": "HTTPS", "port": str(HTTPS_PORT)}


def _is_ours(stack: StackJson, found: object, described: str | None) -> bool:
    if described is not None:
        return found == described
    target = stack.target(found)
    return target is not None and target.type == "aws_acm_certificate_validation"


def _rule(stack: StackJson, rule: Resource, routes: Mapping[str, Route]) -> Iterator[tuple[str, str]]:
    if answers_itself(rule) and routes.keys().isdisjoint(paths_of(rule)):
        return
    listener = stack.target(rule.get("listener_arn"))
    if listener is None or listener.type != "aws_lb_listener" or listener.get("port") != HTTPS_PORT:
        yield (
            f"is of {rule.get('listener_arn')!r}, which does not listen on {HTTPS_PORT}",
            "move it there, or remove it",
        )
    paths = paths_of(rule)
    if len(paths) != 1 or paths[0] not in routes:
        named = ", ".join(paths) or "every path"
        yield f"takes {named}, which no route describes", "remove it, or describe the route"
        return
    if len(rule.blocks("condition")) != 1 or set(rule.blocks("condition")[0]) != {"path_pattern"}:
        yield f"takes {paths[0]} under more conditions: {rule.blocks('condition')}", "ask for the path alone"
    same = [each.address for each in stack.all("aws_lb_listener_rule") if paths[0] in paths_of(each)]
    if len(same) > 1:
        yield f"takes {paths[0]}, and so do {', '.join(same)}", "leave one rule for each path"
    group = _forwards_to(stack, rule)
    if group is None or group.get("port") != routes[paths[0]].port:
        problem = f"answers {paths[0]} with {rule.blocks('action')}"
        yield problem, f"forward to the target group of {routes[paths[0]].port} of this stack, by reference"
    if more := sorted(rule.values.keys() - RULE_ARGUMENTS):
        yield f"has {', '.join(more)}, which is not read", "leave it out"


def _forwards_to(stack: StackJson, rule: Resource) -> Resource | None:
    """The one target group that a rule forwards to; None where it does anything else."""
    actions = rule.blocks("action")
    if len(actions) != 1 or set(actions[0]) != {"type", "target_group_arn"} or actions[0]["type"] != "forward":
        return None
    return target_group(stack, actions[0]["target_group_arn"])


def _registering(stack: StackJson, fleet: Resource) -> Iterator[str]:
    for arn in fleet.get("target_group_arns") or []:
        if target_group(stack, arn) is None:
            yield f"registers with {arn!r}, which is no target group of this stack"
    for argument in _REGISTERS:
        if fleet.get(argument):
            yield f"registers by {argument} = {fleet.get(argument)!r}"


def _route(stack: StackJson, route: Route) -> Iterator[_Problem]:
    listeners = [listener for listener in stack.all("aws_lb_listener") if listener.get("port") == HTTPS_PORT]
    if not listeners:
        balancer = next(iter(stack.all("aws_lb")), None)
        address, problem = balancer.address if balancer else "aws_lb", f"has no listener on {HTTPS_PORT}"
        yield _lost(address, problem, route)
        return
    groups = _target_groups(stack, route)
    if not groups:
        yield _lost(listeners[0].address, f"has no rule that forwards {route.path_pattern}", route)
    for group in groups:
        if group.get("port") != route.port:
            yield _lost(group.address, f"passes it on to port {group.get('port')}, not {route.port}", route)
        if not _registered(stack, group):
            yield _lost(group.address, "has no Auto Scaling group that registers with it", route)
        checked = group.block("health_check").get("port", "traffic-port")
        if checked not in ("traffic-port", str(route.port), route.port):
            yield _lost(group.address, f"checks health on port {checked}, which no edge opens", route)


def _target_groups(stack: StackJson, route: Route) -> list[Resource]:
    """The target groups that a listener on 443 forwards a route's path to."""
    found: list[Resource] = []
    for rule in stack.all("aws_lb_listener_rule"):
        listener = stack.target(rule.get("listener_arn"))
        if listener and listener.get("port") == HTTPS_PORT and route.path_pattern in paths_of(rule):
            group = _forwards_to(stack, rule)
            found += [group] if group else []
    return found


def _registered(stack: StackJson, group: Resource) -> list[Resource]:
    arn = f"${{{group.address}.arn}}"
    return [fleet for fleet in stack.all("aws_autoscaling_group") if arn in (fleet.get("target_group_arns") or [])]


def _lost(address: str, problem: str, route: Route) -> _Problem:
    remedy = f"lead {route.path_pattern} from {HTTPS_PORT} to the instances' {route.port}"
    return address, f"{problem}: requests for {route.path_pattern} are lost", remedy
