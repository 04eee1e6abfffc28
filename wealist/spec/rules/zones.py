"""Rules about Availability Zones: which ones have subnets, and what stands in which of them."""

from collections.abc import Iterator
from typing import Final

from wealist.spec.account import REGION
from wealist.spec.environment import Environment, ManagedDatabase
from wealist.spec.problems import Problem

_OF_THE_REGION: Final = ("a", "b", "c", "d")
"""https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html"""
_FEWEST: Final = 2
"""What a load balancer and a subnet group of RDS need.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#availability-zones
"""


def zones_are_two_or_more_of_the_region(environment: Environment) -> Iterator[Problem]:
    """Each is the letter of another zone of the region."""
    zones = environment.network.zones
    for zone in zones:
        if zone not in _OF_THE_REGION:
            remedy = f"write letters of {', '.join(_OF_THE_REGION)}"
            yield Problem(environment.name, "network.zones", zone, f"is not a zone of {REGION}", remedy)
    yield from _repeated(environment, "network.zones", zones)
    if len(set(zones)) < _FEWEST:
        message = "are fewer zones than a load balancer and RDS take"
        yield Problem(environment.name, "network.zones", zones, message, f"name {_FEWEST} or more")


def zones_are_chosen_among_those_with_subnets(environment: Environment) -> Iterator[Problem]:
    """A zone without subnets holds nothing."""
    known = environment.network.zones
    for field, chosen in _choices(environment).items():
        if not chosen:
            remedy = f"name some of {', '.join(known)}, or leave it out"
            yield Problem(environment.name, field, chosen, "names no zone", remedy)
        for zone in chosen:
            if zone not in known:
                remedy = f"write one of {', '.join(known)}, or add it to network.zones"
                yield Problem(environment.name, field, zone, "is not among network.zones", remedy)
        yield from _repeated(environment, field, chosen)


def nat_zone_stands_beside_a_single_gateway(environment: Environment) -> Iterator[Problem]:
    """With a gateway in each zone, it would choose nothing."""
    network = environment.network
    if network.nat_zone and network.nat != "single":
        message = f"stands beside nat = {network.nat!r}, which puts a gateway into every zone"
        yield Problem(environment.name, "network.nat_zone", network.nat_zone, message, "leave one of them out")


def failover_has_a_second_zone(environment: Environment) -> Iterator[Problem]:
    """ElastiCache refuses Multi-AZ where all nodes are in one zone."""
    zones = environment.cache.zones
    if environment.enable_multi_az and len(set(zones)) == 1:
        message = "leaves no zone to fail over to, and enable_multi_az is True"
        yield Problem(environment.name, "cache.zones", zones, message, f"name {_FEWEST} or more")


def _choices(environment: Environment) -> dict[str, tuple[str, ...]]:
    """The zones that each setting chooses, by its path."""
    network, database = environment.network, environment.database
    chosen = {"monitoring.zone": (environment.monitoring.zone,), "cache.zones": environment.cache.zones}
    if network.nat_zone is not None:
        chosen["network.nat_zone"] = (network.nat_zone,)
    if network.endpoint_zones is not None:
        chosen["network.endpoint_zones"] = network.endpoint_zones
    if isinstance(database, ManagedDatabase):
        chosen["database.zone"] = (database.zone,)
    return chosen


def _repeated(environment: Environment, field: str, zones: tuple[str, ...]) -> Iterator[Problem]:
    if len(set(zones)) < len(zones):
        yield Problem(environment.name, field, zones, "name a zone twice", "name each once")
