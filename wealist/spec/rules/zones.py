"""Rules about Availability Zones."""

from collections.abc import Iterator
from typing import Final

from wealist.spec.account import REGION
from wealist.spec.environment import Environment, ManagedDatabase
from wealist.spec.problems import Problem

_OF_THE_REGION: Final = ("a", "b", "c", "d")
"""https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html"""
_FEWEST: Final = 2
"""Minimum of a load balancer, and of a subnet group of RDS.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#availability-zones
"""


def zones_are_two_or_more_of_the_region(environment: Environment) -> Iterator[Problem]:
    """The network needs two or more different zones of the region."""
    zones = environment.network.zones
    for zone in zones:
        if zone not in _OF_THE_REGION:
            remedy = f"write letters of {', '.join(_OF_THE_REGION)}"
            yield Problem("network.zones", zone, f"is not a zone of {REGION}", remedy)
    yield from _repeated("network.zones", zones)
    if len(set(zones)) < _FEWEST:
        message = "are fewer zones than a load balancer and RDS need"
        yield Problem("network.zones", zones, message, f"name {_FEWEST} or more")


def zones_are_chosen_among_those_with_subnets(environment: Environment) -> Iterator[Problem]:
    """Resources need a zone with subnets."""
    known = environment.network.zones
    for field, chosen in _choices(environment).items():
        if not chosen:
            yield Problem(field, chosen, "names no zone", f"name some of {', '.join(known)}, or leave it out")
        for zone in chosen:
            if zone not in known:
                remedy = f"write one of {', '.join(known)}, or add it to network.zones"
                yield Problem(field, zone, "is not among network.zones", remedy)
        yield from _repeated(field, chosen)


def nat_zone_needs_a_single_gateway(environment: Environment) -> Iterator[Problem]:
    """With a gateway in each zone, the setting would have no effect."""
    network = environment.network
    if network.nat_zone and network.nat != "single":
        message = f"has no effect with nat = {network.nat!r}, which puts a gateway into every zone"
        yield Problem("network.nat_zone", network.nat_zone, message, "leave one of them out")


def failover_has_a_second_zone(environment: Environment) -> Iterator[Problem]:
    """ElastiCache rejects Multi-AZ if all nodes are in one zone."""
    zones = environment.cache.zones
    if environment.enable_multi_az and len(set(zones)) == 1:
        message = "leaves no zone to fail over to, and enable_multi_az is True"
        yield Problem("cache.zones", zones, message, f"name {_FEWEST} or more")


def _choices(environment: Environment) -> dict[str, tuple[str, ...]]:
    """Return the zones that settings choose, by path of the setting."""
    network, database = environment.network, environment.database
    chosen = {"monitoring.zone": (environment.monitoring.zone,), "cache.zones": environment.cache.zones}
    if network.nat_zone is not None:
        chosen["network.nat_zone"] = (network.nat_zone,)
    if network.endpoint_zones is not None:
        chosen["network.endpoint_zones"] = network.endpoint_zones
    if isinstance(database, ManagedDatabase):
        chosen["database.zone"] = (database.zone,)
    return chosen


def _repeated(field: str, zones: tuple[str, ...]) -> Iterator[Problem]:
    if len(set(zones)) < len(zones):
        yield Problem(field, zones, "name a zone twice", "name each once")
