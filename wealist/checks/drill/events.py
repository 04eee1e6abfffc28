"""What can be lost, read from the JSON: each zone, each NAT gateway, one node of each part that has nodes.

Event ─ losses: what exactly is gone; several where the JSON does not say which of them it would be
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wealist.checks.reachability.parties import Party
from wealist.checks.reachability.parts import Part
from wealist.checks.reachability.topology import Topology
from wealist.spec.account import REGION


@dataclass(frozen=True)
class Loss:
    """What is gone.

    Attributes:
        zones: Availability zones, with everything in them.
        gateways: Addresses of NAT gateways.
        nodes: Addresses of parts that lose one node: an instance, Redis' primary.
    """

    zones: frozenset[str] = frozenset()
    gateways: frozenset[str] = frozenset()
    nodes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Event:
    """One thing that goes wrong.

    Attributes:
        name: `zone a is lost`.
        losses: What it may mean; more than one where the JSON does not say.
    """

    name: str
    losses: tuple[Loss, ...]


def events(topology: Topology) -> Iterator[Event]:
    """Every event of the drill."""
    for zone in sorted({subnet.zone for subnet in topology.subnets.values()}):
        yield Event(f"{said([zone])} is lost", (Loss(zones=frozenset({zone})),))
    for gateway, subnet in sorted(topology.nat_gateways.items()):
        where = f" of {said([topology.subnets[subnet].zone])}" if len(topology.nat_gateways) > 1 else ""
        yield Event(f"the NAT gateway{where} is lost", (Loss(gateways=frozenset({gateway})),))
    for fleet in topology.playing(Party.EC2):
        which = "the" if topology.stack.resources[fleet.address].get("max_size") == 1 else "one"
        yield Event(f"{which} {fleet.label} instance is lost", (Loss(nodes=frozenset({fleet.address})),))
    for cache in topology.playing(Party.REDIS):
        yield Event("the Redis primary is lost", (Loss(nodes=frozenset({cache.address})),))
    for database in topology.playing(Party.RDS):
        told = database_zone(topology, database)
        zones = (told,) if told else zones_of(database)
        yield Event("the database's zone is lost", tuple(Loss(zones=frozenset({zone})) for zone in zones))


def said(zones: Iterable[str]) -> str:
    """`zones a, c` of `ap-northeast-2a` and `ap-northeast-2c`."""
    letters = sorted(zone.removeprefix(REGION) for zone in zones)
    return f"zone{'s' * (len(letters) > 1)} {', '.join(letters)}"


def database_zone(topology: Topology, database: Part) -> str | None:
    """The zone that a database without a standby is told to stand in; None where RDS or an operator chooses."""
    instance = topology.stack.resources[database.address]
    zone = instance.get("availability_zone") if not instance.get("multi_az") else None
    return zone if isinstance(zone, str) and "${" not in zone else None


def zones_of(part: Part) -> tuple[str, ...]:
    """The zones of a part's subnets, each once, in order."""
    return tuple(sorted({subnet.zone for subnet in part.subnets}))
