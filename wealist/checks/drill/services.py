"""The state of what users, operators and pipelines need: site, APIs, new instances, deployments, monitoring.

While the last revision of one service is broken, whether new instances of its group serve the others depends on how its
deployment group of CodeDeploy selects instances (ADR 56):
    by the Auto Scaling group's name              lost: CodeDeploy's launch hook terminates each new instance
    by tags, and the group has a launch hook      works: new instances serve the other services
    by tags, and the group has no launch hook     lost: nothing is installed on new instances
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from wealist.checks.drill import stores
from wealist.checks.drill.outages import Outage, State, Survivors, Verdict, worst, zones_in_words, zones_of
from wealist.checks.reachability.listeners import rules_of, serving_fleets, target_groups
from wealist.checks.reachability.nodes import NetworkNode, NodeKind
from wealist.checks.reachability.topology import SYSTEMS_MANAGER
from wealist.model.stack import Resource, StackJson
from wealist.spec.account import REGION
from wealist.spec.environment import Environment
from wealist.spec.services import DATABASE_FAILOVER_SECONDS, Route, Service

LAUNCHING: Final = "autoscaling:EC2_INSTANCE_LAUNCHING"
_DEPLOYMENT_SERVICES: Final = ("codedeploy-commands-secure", "ecr.api", "ecr.dkr")
"""The services that a deployment calls besides S3, by the names of their endpoints.

https://docs.aws.amazon.com/codedeploy/latest/userguide/vpc-endpoints.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
"""
_DISCOVERY_SERVICE: Final = "ec2"
"""The service from which Prometheus reads its targets."""
_INTERVAL_SECONDS: Final = 30
_UNHEALTHY_AFTER: Final = 3
"""The provider's defaults for a target group."""
_NO_WAY_OUT: Final = "no path to the internet remains from there"


def site(outage: Outage) -> Verdict:
    """Return the state of the React application."""
    distributions = outage.topology.stack.all("aws_cloudfront_distribution")
    if not distributions:
        return Verdict(State.LOST, "the stack has no aws_cloudfront_distribution")
    for distribution in distributions:
        for origin in distribution.blocks("origin"):
            if not str(origin.get("domain_name")).endswith(f".s3.{REGION}.amazonaws.com"):
                why = f"{distribution.address} has the origin {origin.get('domain_name')}, which is not S3"
                return Verdict(State.UNKNOWN, why)
    return Verdict(State.WORKS, f"{distributions[0].address} and its bucket in S3 are in no zone and no VPC")


def api(outage: Outage, route: Service) -> Verdict:
    """Return the state of a service, with its load balancer, instances and stores."""
    data, cached = stores.database(outage), stores.cache(outage)
    verdicts = [*_serving(outage, route), Verdict(data.state, f"its database is {data.state}")]
    if cached.state is not State.WORKS:
        # Section 6. The JSON does not specify how a service handles the loss of Redis.
        why = f"Redis, with its sessions and rate limits, is {cached.state}"
        replaced = cached.state is State.LOST and route.liveness_path is None
        why += f"; if {route.health_path} checks Redis, Auto Scaling replaces instances needlessly" * replaced
        verdicts.append(Verdict(min(cached.state, State.DEGRADED), why))
    if data.state is State.DEGRADED:
        verdicts += _during_failover(outage, route)
    for fleet in _fleets(outage, route):
        verdicts += _with_broken_revision(outage, fleet, route)
        if cut := _zones_cut_off(outage, fleet):
            why = f"instances in {cut} keep serving, but reach nothing on the internet, such as Google's sign-in"
            verdicts.append(Verdict(State.DEGRADED, why))
    return worst(verdicts, _unaffected(outage, route))


def monitoring(outage: Outage, environment: Environment) -> Verdict:
    """Return the state of Prometheus and Grafana."""
    verdicts = [*_serving(outage, environment.grafana)]
    for fleet in _fleets(outage, environment.grafana):
        if outage.is_affected(fleet):
            volumes = ", ".join(volume.address for volume in outage.topology.stack.all("aws_ebs_volume"))
            kept = f"is kept on {volumes}" if volumes else "is lost with its root volume"
            verdicts.append(Verdict(State.DEGRADED, f"its data {kept}"))
        elif not outage.zones_reaching(fleet, _DISCOVERY_SERVICE):
            why = f"Prometheus in {fleet.address} keeps its targets, and cannot ask EC2 for new ones"
            verdicts.append(Verdict(State.DEGRADED, why))
    return worst(verdicts, _unaffected(outage, environment.grafana))


def new_instances(outage: Outage, environment: Environment) -> Verdict:
    """Return whether Auto Scaling can launch backend instances, whose first boot downloads Docker and images."""
    fleets = _backend_fleets(outage, environment)
    if not fleets:
        return Verdict(State.LOST, "no Auto Scaling group serves a service")
    launches = [_launch(outage.survivors(fleet), fleet) for fleet in fleets]
    installations = [_installation(outage, fleet, broken) for fleet in fleets for broken in outage.loss.broken]
    return worst([*launches, *installations], (installations or launches)[0].why)


def deployments(outage: Outage, environment: Environment) -> Verdict:
    """Return whether CodeDeploy reaches instances, and these can pull images."""
    verdicts = []
    for fleet in _backend_fleets(outage, environment):
        cut = _zones_cut_off(outage, fleet, *_DEPLOYMENT_SERVICES)
        if not outage.zones_reaching(fleet, *_DEPLOYMENT_SERVICES):
            why = f"{fleet.address} does not reach each of {', '.join(_DEPLOYMENT_SERVICES)}"
            verdicts.append(Verdict(State.LOST, f"{why}: they have no endpoint here, and {_NO_WAY_OUT}"))
        elif cut:
            verdicts.append(Verdict(State.DEGRADED, f"deployments fail on instances in {cut}: {_NO_WAY_OUT}"))
        elif outage.is_affected(fleet) and not outage.survivors(fleet).least:
            verdicts.append(Verdict(State.DEGRADED, f"{fleet.address} may have no instance until a new one runs"))
    return worst(verdicts, "the remaining instances reach CodeDeploy and ECR")


def systems_manager(outage: Outage) -> Verdict:
    """Return whether Session Manager reaches instances, and these can read their parameters."""
    verdicts = []
    for fleet in outage.topology.nodes_of(NodeKind.INSTANCES):
        if cut := _zones_cut_off(outage, fleet, *SYSTEMS_MANAGER):
            why = f"{fleet.address} in {cut} has no path left to each of {', '.join(SYSTEMS_MANAGER)}"
            some = outage.zones_reaching(fleet, *SYSTEMS_MANAGER)
            verdicts.append(Verdict(State.DEGRADED if some else State.LOST, why))
    topology = outage.topology
    endpoints = [each.address for service in SYSTEMS_MANAGER for each in topology.private_dns_endpoints(service)]
    return worst(verdicts, f"remaining instances reach {', '.join(endpoints) or 'it by the internet'}")


def _during_failover(outage: Outage, route: Service) -> Iterator[Verdict]:
    """Yield whether Auto Scaling replaces instances because of a failover of the database, for each target group."""
    for group in target_groups(outage.topology.stack, route):
        for check in group.blocks("health_check"):
            path, seconds = check.get("path", "/"), _seconds_until_unhealthy(check)
            checks = f"{group.address} checks {path}"
            if path == route.liveness_path:
                yield Verdict(State.DEGRADED, f"{checks}, which does not check the database: no instance is replaced")
            elif seconds > DATABASE_FAILOVER_SECONDS:
                yield Verdict(
                    State.DEGRADED, f"{checks} for {seconds} s until an instance is unhealthy: none is replaced"
                )
            else:
                why = f"{checks}, and an instance is unhealthy after {seconds} s: Auto Scaling replaces all of them"
                yield Verdict(State.LOST, why)


def _seconds_until_unhealthy(check: Mapping[str, Any]) -> int:
    """Return the least time between the first failed health check of a target and the one that makes it unhealthy."""
    interval, failures = (
        int(written) if (written := str(check.get(name))).isdecimal() else default
        for name, default in (("interval", _INTERVAL_SECONDS), ("unhealthy_threshold", _UNHEALTHY_AFTER))
    )
    return interval * (failures - 1)


def _with_broken_revision(outage: Outage, fleet: NetworkNode, route: Route) -> Iterator[Verdict]:
    """Yield the state of a service for each service of its fleet whose last revision is broken."""
    for broken in outage.loss.broken:
        installation = _installation(outage, fleet, broken)
        if broken == route:
            why = "instances that already run it keep serving, and new ones start without it"
            yield Verdict(State.DEGRADED, why)
        elif installation.state is not State.WORKS:
            yield Verdict(State.DEGRADED, f"running instances keep serving, and none is added: {installation.why}")


def _installation(outage: Outage, fleet: NetworkNode, broken: Route) -> Verdict:
    """Return whether new instances of a fleet serve although the last revision of one service is broken."""
    stack, fleet_name = outage.topology.stack, f"${{{fleet.address}.name}}"
    by_name = [
        group.address
        for group in _deployment_groups(stack, broken)
        if fleet_name in (group.get("autoscaling_groups") or [])
    ]
    if by_name:
        hook = f"CodeDeploy's launch hook of {', '.join(by_name)}"
        why = f"{hook} terminates each instance on which its last revision fails, whatever else it serves"
        return Verdict(State.LOST, f"{why}; Auto Scaling launches the next")
    if not any(_is_launch_hook(hook, fleet) for hook in stack.all("aws_autoscaling_lifecycle_hook")):
        why = f"{fleet.address} has no launch hook: nothing is installed on a new instance before its first request"
        return Verdict(State.LOST, why)
    return Verdict(State.WORKS, f"a new instance leaves the target group of {broken.name}, and serves the others")


def _deployment_groups(stack: StackJson, route: Route) -> list[Resource]:
    """Return the deployment groups of CodeDeploy for a route's target group."""
    targets = {f"${{{rule.target_group.address}.name}}" for rule in rules_of(stack, route) if rule.target_group}
    return [
        group
        for group in stack.all("aws_codedeploy_deployment_group")
        if targets.intersection(group.at("load_balancer_info.target_group_info.name"))
    ]


def _is_launch_hook(hook: Resource, fleet: NetworkNode) -> bool:
    of_fleet = hook.get("autoscaling_group_name") == f"${{{fleet.address}.name}}"
    return bool(of_fleet and hook.get("lifecycle_transition") == LAUNCHING)


def _zones_cut_off(outage: Outage, fleet: NetworkNode, *services: str) -> str:
    """Return the zones, as text, from which a fleet cannot reach AWS services; by default, the internet."""
    remaining = {subnet.zone for subnet in outage.remaining_subnets(fleet)}
    cut = remaining.difference(outage.zones_reaching(fleet, *services))
    return zones_in_words(cut) if cut else ""


def _backend_fleets(outage: Outage, environment: Environment) -> list[NetworkNode]:
    fleets = {fleet.address: fleet for route in environment.services for fleet in _fleets(outage, route)}
    return list(fleets.values())


def _fleets(outage: Outage, route: Route) -> list[NetworkNode]:
    addresses = {resource.address for resource in serving_fleets(outage.topology.stack, route)}
    return [node for node in outage.topology.nodes_of(NodeKind.INSTANCES) if node.address in addresses]


def _serving(outage: Outage, route: Route) -> list[Verdict]:
    """Return the states of a route's load balancer and instances."""
    verdicts = []
    if not any(map(outage.remaining_subnets, outage.topology.nodes_of(NodeKind.LOAD_BALANCER))):
        verdicts.append(Verdict(State.LOST, "no load balancer is left"))
    fleets = _fleets(outage, route)
    if not fleets:
        verdicts.append(Verdict(State.LOST, f"no Auto Scaling group serves {route.path_pattern}"))
    return verdicts + [_instances(outage.survivors(fleet), fleet) for fleet in fleets if outage.is_affected(fleet)]


def _instances(survivors: Survivors, fleet: NetworkNode) -> Verdict:
    launch = _launch(survivors, fleet)
    if survivors.least:
        why = f"{fleet.address} keeps at least {survivors.least} of its {survivors.of} instances"
        return Verdict(State.DEGRADED, f"{why}; {launch.why}")
    return Verdict(State.LOST, f"{fleet.address} may have no instance left; {launch.why}")


def _launch(survivors: Survivors, fleet: NetworkNode) -> Verdict:
    """Return whether new instances of a fleet become healthy."""
    if not survivors.zones:
        own_zones = zones_in_words(zones_of(fleet))
        return Verdict(
            State.LOST,
            f"it has subnets only in {own_zones}, and launches no instance until the zone is available again",
        )
    where = f"Auto Scaling launches new ones in {zones_in_words(survivors.zones)}"
    if not survivors.online:
        return Verdict(State.LOST, f"{where}, and none becomes healthy: {_NO_WAY_OUT}")
    if cut := set(survivors.zones).difference(survivors.online):
        return Verdict(State.DEGRADED, f"{where}, and none in {zones_in_words(cut)} becomes healthy: {_NO_WAY_OUT}")
    return Verdict(State.WORKS, f"{where}, healthy within minutes")


def _unaffected(outage: Outage, route: Route) -> str:
    if not outage.loss.zones:
        return stores.UNTOUCHED
    names = [node.address for node in (*outage.topology.nodes_of(NodeKind.LOAD_BALANCER), *_fleets(outage, route))]
    return f"{', '.join(names)} are in other zones too"
