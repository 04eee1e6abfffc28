"""How what people and pipelines use fares: site, APIs, new instances, deployments, Systems Manager, monitoring."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from wealist.checks.drill import launches, stores
from wealist.checks.drill.world import State, Survivors, Verdict, World, worst, zones_in_words, zones_of
from wealist.checks.reachability.endpoints import SYSTEMS_MANAGER, resolving
from wealist.checks.reachability.listeners import serving, target_groups
from wealist.checks.reachability.nodes import NetworkNode, NodeKind
from wealist.spec.account import REGION
from wealist.spec.environment import Environment
from wealist.spec.services import DATABASE_FAILOVER_SECONDS, Route, Service

_DEPLOYMENTS: Final = ("codedeploy-commands-secure", "ecr.api", "ecr.dkr")
"""What a deployment asks besides S3, by the names of their endpoints.

https://docs.aws.amazon.com/codedeploy/latest/userguide/vpc-endpoints.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
"""
_DISCOVERY: Final = "ec2"
"""The service that Prometheus asks for its targets."""
_INTERVAL_SECONDS: Final = 30
_UNHEALTHY_AFTER: Final = 3
"""What the provider asks where a target group leaves it open."""
_NO_WAY_OUT: Final = "no way to the internet is left from there"


def site(world: World) -> Verdict:
    """The React application."""
    distributions = world.topology.stack.all("aws_cloudfront_distribution")
    if not distributions:
        return Verdict(State.LOST, "the stack has no aws_cloudfront_distribution")
    for distribution in distributions:
        for origin in distribution.blocks("origin"):
            if not str(origin.get("domain_name")).endswith(f".s3.{REGION}.amazonaws.com"):
                why = f"{distribution.address} has the origin {origin.get('domain_name')}, which is not S3"
                return Verdict(State.UNKNOWN, why)
    return Verdict(State.WORKS, f"{distributions[0].address} and its bucket in S3 are in no zone and no VPC")


def api(world: World, route: Service) -> Verdict:
    """A service, from the load balancer to the stores."""
    data, cached = stores.database(world), stores.cache(world)
    verdicts = [*_served(world, route), Verdict(data.state, f"its database is {data.state}")]
    if cached.state is not State.WORKS:
        # Section 6. How a service bears it is not in the JSON.
        why = f"Redis, with its sessions and rate limits, is {cached.state}"
        asks = f"; where {route.health_path} asks Redis, Auto Scaling replaces instances for nothing"
        replaced = cached.state is State.LOST and route.liveness_path is None
        verdicts.append(Verdict(min(cached.state, State.DEGRADED), why + asks * replaced))
    if data.state is State.DEGRADED:
        verdicts += _failing_over(world, route)
    for fleet in _fleets(world, route):
        verdicts += launches.api(world, fleet, route)
        if cut := _cut_off(world, fleet):
            why = f"instances in {cut} keep serving, but reach nothing on the internet, such as Google's sign-in"
            verdicts.append(Verdict(State.DEGRADED, why))
    return worst(verdicts, _standing(world, route))


def _failing_over(world: World, route: Service) -> Iterator[Verdict]:
    """What the load balancer makes of a failover of the database; Auto Scaling replaces what it finds unhealthy."""
    for group in target_groups(world.topology.stack, route):
        for check in group.blocks("health_check"):
            path, lasts = check.get("path", "/"), _seconds_until_unhealthy(check)
            asks = f"{group.address} asks {path}"
            if path == route.liveness_path:
                yield Verdict(State.DEGRADED, f"{asks}, which leaves the database out: no instance is replaced")
            elif lasts > DATABASE_FAILOVER_SECONDS:
                yield Verdict(State.DEGRADED, f"{asks} for {lasts} s until an instance is unhealthy: none is replaced")
            else:
                why = f"{asks}, and an instance is unhealthy after {lasts} s: Auto Scaling replaces all of them"
                yield Verdict(State.LOST, why)


def _seconds_until_unhealthy(check: Mapping[str, Any]) -> int:
    """How long a target fails at least: from its first failed answer to the last that counts."""
    interval, failures = (
        int(written) if (written := str(check.get(name))).isdecimal() else default
        for name, default in (("interval", _INTERVAL_SECONDS), ("unhealthy_threshold", _UNHEALTHY_AFTER))
    )
    return interval * (failures - 1)


def monitoring(world: World, environment: Environment) -> Verdict:
    """Prometheus and Grafana."""
    verdicts = [*_served(world, environment.grafana)]
    for fleet in _fleets(world, environment.grafana):
        if world.is_hit(fleet):
            volumes = ", ".join(volume.address for volume in world.topology.stack.all("aws_ebs_volume"))
            kept = f"is kept on {volumes}" if volumes else "is lost with its root volume"
            verdicts.append(Verdict(State.DEGRADED, f"what it measured {kept}"))
        elif not world.zones_reaching(fleet, _DISCOVERY):
            why = f"Prometheus in {fleet.address} keeps its targets, and cannot ask EC2 for new ones"
            verdicts.append(Verdict(State.DEGRADED, why))
    return worst(verdicts, _standing(world, environment.grafana))


def new_instances(world: World, environment: Environment) -> Verdict:
    """Whether Auto Scaling can replace and add backend instances; their first boot fetches Docker and images."""
    fleets = _backend(world, environment)
    if not fleets:
        return Verdict(State.LOST, "no Auto Scaling group serves a service")
    launching = [_launching(world.survivors(fleet), fleet) for fleet in fleets]
    installing = [verdict for fleet in fleets for verdict in launches.new_instances(world, fleet)]
    return worst([*launching, *installing], (installing or launching)[0].why)


def deployments(world: World, environment: Environment) -> Verdict:
    """Whether CodeDeploy reaches instances, and they pull images."""
    verdicts = []
    for fleet in _backend(world, environment):
        cut = _cut_off(world, fleet, *_DEPLOYMENTS)
        if not world.zones_reaching(fleet, *_DEPLOYMENTS):
            why = f"{fleet.address} does not reach each of {', '.join(_DEPLOYMENTS)}: they have no endpoint here"
            verdicts.append(Verdict(State.LOST, f"{why}, and {_NO_WAY_OUT}"))
        elif cut:
            verdicts.append(Verdict(State.DEGRADED, f"deployments fail on instances in {cut}: {_NO_WAY_OUT}"))
        elif world.is_hit(fleet) and not world.survivors(fleet).least:
            verdicts.append(Verdict(State.DEGRADED, f"{fleet.address} may have no instance until a new one runs"))
    return worst(verdicts, "the instances that remain reach CodeDeploy and ECR")


def systems_manager(world: World) -> Verdict:
    """Whether operators reach instances by Session Manager, and instances read their parameters."""
    verdicts = []
    for fleet in world.topology.nodes_of(NodeKind.INSTANCES):
        if cut := _cut_off(world, fleet, *SYSTEMS_MANAGER):
            why = f"{fleet.address} in {cut} has no way left to each of {', '.join(SYSTEMS_MANAGER)}"
            some = world.zones_reaching(fleet, *SYSTEMS_MANAGER)
            verdicts.append(Verdict(State.DEGRADED if some else State.LOST, why))
    ways = [endpoint.address for service in SYSTEMS_MANAGER for endpoint in resolving(world.topology, service)]
    return worst(verdicts, f"instances that remain reach {', '.join(ways) or 'it by the internet'}")


def _cut_off(world: World, fleet: NetworkNode, *services: str) -> str:
    """The zones, as words, from where a fleet no longer reaches AWS's services; the internet by default."""
    left = {subnet.zone for subnet in world.remaining(fleet)}
    cut = left.difference(world.zones_reaching(fleet, *services))
    return zones_in_words(cut) if cut else ""


def _backend(world: World, environment: Environment) -> list[NetworkNode]:
    fleets = {fleet.address: fleet for route in environment.services for fleet in _fleets(world, route)}
    return list(fleets.values())


def _fleets(world: World, route: Route) -> list[NetworkNode]:
    addresses = {resource.address for resource in serving(world.topology.stack, route)}
    return [node for node in world.topology.nodes_of(NodeKind.INSTANCES) if node.address in addresses]


def _served(world: World, route: Route) -> list[Verdict]:
    """The load balancer, and the instances behind it."""
    verdicts = []
    if not any(world.remaining(balancer) for balancer in world.topology.nodes_of(NodeKind.LOAD_BALANCER)):
        verdicts.append(Verdict(State.LOST, "no load balancer is left"))
    fleets = _fleets(world, route)
    if not fleets:
        verdicts.append(Verdict(State.LOST, f"no Auto Scaling group serves {route.path_pattern}"))
    return verdicts + [_instances(world.survivors(fleet), fleet) for fleet in fleets if world.is_hit(fleet)]


def _instances(left: Survivors, fleet: NetworkNode) -> Verdict:
    launching = _launching(left, fleet)
    if left.least:
        why = f"{fleet.address} keeps at least {left.least} of its {left.of} instances"
        return Verdict(State.DEGRADED, f"{why}; {launching.why}")
    return Verdict(State.LOST, f"{fleet.address} may have no instance left; {launching.why}")


def _launching(left: Survivors, fleet: NetworkNode) -> Verdict:
    """Whether new instances of a fleet come up."""
    if not left.zones:
        alone = zones_in_words(zones_of(fleet))
        return Verdict(State.LOST, f"it has subnets in {alone} alone, and launches none until the zone is back")
    where = f"Auto Scaling launches new ones in {zones_in_words(left.zones)}"
    if not left.out:
        return Verdict(State.LOST, f"{where}, and none becomes healthy: {_NO_WAY_OUT}")
    if cut := set(left.zones).difference(left.out):
        return Verdict(State.DEGRADED, f"{where}, and none in {zones_in_words(cut)} becomes healthy: {_NO_WAY_OUT}")
    return Verdict(State.WORKS, f"{where}, healthy within minutes")


def _standing(world: World, route: Route) -> str:
    if not world.loss.zones:
        return stores.UNTOUCHED
    names = [node.address for node in (*world.topology.nodes_of(NodeKind.LOAD_BALANCER), *_fleets(world, route))]
    return f"{', '.join(names)} stand in other zones too"
