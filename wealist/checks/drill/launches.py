"""How a group scales while the last revision of one service is broken (ADR 56).

deployment group of CodeDeploy ─┬─ names the Auto Scaling group ─► CodeDeploy's launch hook ends the instance: lost
                                └─ finds instances by tags ─┬─ the group's own launch hook: it serves the others
                                                            └─ no hook: nothing is installed on it: lost
"""

from collections.abc import Iterator
from typing import Final

from wealist.checks.drill.world import State, Verdict, World
from wealist.checks.reachability.listeners import rules_of
from wealist.checks.reachability.nodes import NetworkNode
from wealist.model.stack import Resource, StackJson
from wealist.spec.services import Route

LAUNCHING: Final = "autoscaling:EC2_INSTANCE_LAUNCHING"


def new_instances(world: World, fleet: NetworkNode) -> Iterator[Verdict]:
    """Whether new instances of a fleet come to serve, for each service whose last revision is broken."""
    for route in world.loss.broken:
        yield _launch(world.topology.stack, fleet, route)


def api(world: World, fleet: NetworkNode, route: Route) -> Iterator[Verdict]:
    """What that means for a service behind the load balancer."""
    for broken in world.loss.broken:
        launch = _launch(world.topology.stack, fleet, broken)
        if broken == route:
            why = "instances that run an earlier start of it keep serving, and new ones come without it"
            yield Verdict(State.DEGRADED, why)
        elif launch.state is not State.WORKS:
            yield Verdict(State.DEGRADED, f"the instances that run keep serving, and none is added: {launch.why}")


def _launch(stack: StackJson, fleet: NetworkNode, broken: Route) -> Verdict:
    hooked = [group.address for group in _deployment_groups(stack, broken) if _names(group, fleet)]
    if hooked:
        why = f"CodeDeploy's launch hook of {', '.join(hooked)} ends each instance on which its last revision fails"
        return Verdict(State.LOST, f"{why}, whatever else it serves; Auto Scaling launches the next")
    if not any(_waits(hook, fleet) for hook in stack.all("aws_autoscaling_lifecycle_hook")):
        why = f"{fleet.address} has no launch hook: nothing is installed on a new instance before its first request"
        return Verdict(State.LOST, why)
    return Verdict(State.WORKS, f"a new instance leaves the target group of {broken.name}, and serves the others")


def _deployment_groups(stack: StackJson, route: Route) -> list[Resource]:
    """CodeDeploy's groups that deploy what a route's requests reach."""
    targets = {f"${{{rule.target_group.address}.name}}" for rule in rules_of(stack, route) if rule.target_group}
    return [
        group
        for group in stack.all("aws_codedeploy_deployment_group")
        if targets.intersection(group.at("load_balancer_info.target_group_info.name"))
    ]


def _names(group: Resource, fleet: NetworkNode) -> bool:
    """Whether a deployment group is given a fleet by its name."""
    return f"${{{fleet.address}.name}}" in (group.get("autoscaling_groups") or [])


def _waits(hook: Resource, fleet: NetworkNode) -> bool:
    """Whether a hook keeps the new instances of a fleet from requests."""
    of_fleet = hook.get("autoscaling_group_name") == f"${{{fleet.address}.name}}"
    return bool(of_fleet and hook.get("lifecycle_transition") == LAUNCHING)
