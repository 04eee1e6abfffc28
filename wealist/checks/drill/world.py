"""What can be lost, and an environment without it: the subnets that remain, and where their ways still lead.

Event (`zone a is lost`) ─ losses, several where the JSON leaves open which of them it would be ─► World of each
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from wealist.checks.reachability.endpoints import resolving
from wealist.checks.reachability.nodes import INTERNET, NetworkNode, NodeKind, Subnet
from wealist.checks.reachability.topology import Topology
from wealist.checks.reachability.ways import Ways
from wealist.model.stack import Resource
from wealist.spec.account import REGION
from wealist.spec.services import DATABASE_FAILOVER_SECONDS, Route


class State(IntEnum):
    """How a part fares, from best to worst; unknown is what the JSON leaves open."""

    WORKS = 0
    DEGRADED = 1
    UNKNOWN = 2
    LOST = 3

    def __str__(self) -> str:
        """`works`."""
        return self.name.lower()


@dataclass(frozen=True, order=True)
class Verdict:
    """How a part fares, and why, by the addresses that decide it."""

    state: State
    why: str


def worst(verdicts: Iterable[Verdict], otherwise: str) -> Verdict:
    """The worst state, with the reasons of all that does not work; where all works, why."""
    ill = sorted((verdict for verdict in verdicts if verdict.state is not State.WORKS), key=lambda each: -each.state)
    if not ill:
        return Verdict(State.WORKS, otherwise)
    return Verdict(ill[0].state, "; ".join(dict.fromkeys(verdict.why for verdict in ill)))


@dataclass(frozen=True)
class Loss:
    """What is gone.

    Attributes:
        zones: Availability zones, with everything in them.
        gateways: Addresses of NAT gateways.
        nodes: Addresses of nodes that lose one machine: an instance, Redis' primary, the database's.
        broken: Services whose last revision cannot be installed, while the group of their instances scales.
    """

    zones: frozenset[str] = frozenset()
    gateways: frozenset[str] = frozenset()
    nodes: frozenset[str] = frozenset()
    broken: frozenset[Route] = frozenset()


@dataclass(frozen=True)
class Event:
    """One thing that goes wrong.

    Attributes:
        name: `zone a is lost`.
        losses: What it may mean; more than one where the JSON leaves it open.
    """

    name: str
    losses: tuple[Loss, ...]


def events(topology: Topology, services: Iterable[Route]) -> Iterator[Event]:
    """Every event of the drill."""
    for zone in sorted({subnet.zone for subnet in topology.subnets.values()}):
        yield Event(f"{zones_in_words([zone])} is lost", (Loss(zones=frozenset({zone})),))
    for gateway, subnet in sorted(topology.nat_gateways.items()):
        where = f" of {zones_in_words([topology.subnets[subnet].zone])}" if len(topology.nat_gateways) > 1 else ""
        yield Event(f"the NAT gateway{where} is lost", (Loss(gateways=frozenset({gateway})),))
    for fleet in topology.nodes_of(NodeKind.INSTANCES):
        which = "the" if topology.stack.resources[fleet.address].get("max_size") == 1 else "one"
        yield Event(f"{which} {fleet.label} instance is lost", (Loss(nodes=frozenset({fleet.address})),))
    for cache in topology.nodes_of(NodeKind.CACHE):
        yield Event("the Redis primary is lost", (Loss(nodes=frozenset({cache.address})),))
    for database in topology.nodes_of(NodeKind.DATABASE):
        chosen = database_zone(topology, database)
        zones = (chosen,) if chosen else zones_of(database)
        yield Event(
            f"the database is away for {DATABASE_FAILOVER_SECONDS} s", (Loss(nodes=frozenset({database.address})),)
        )
        yield Event("the database's zone is lost", tuple(Loss(zones=frozenset({zone})) for zone in zones))
    for service in services:
        yield Event(f"scaling while {service.name} is broken", (Loss(broken=frozenset({service})),))


def zones_in_words(zones: Iterable[str]) -> str:
    """`zones a, c` of `ap-northeast-2a` and `ap-northeast-2c`."""
    letters = sorted(zone.removeprefix(REGION) for zone in zones)
    return f"zone{'s' * (len(letters) > 1)} {', '.join(letters)}"


def zones_of(node: NetworkNode) -> tuple[str, ...]:
    """The zones of a node's subnets, each once, in order."""
    return tuple(sorted({subnet.zone for subnet in node.subnets}))


def database_zone(topology: Topology, database: NetworkNode) -> str | None:
    """The zone that is set for a database without a standby; None where RDS or an operator chooses it."""
    instance = topology.stack.resources[database.address]
    zone = instance.get("availability_zone") if not instance.get("multi_az") else None
    return zone if isinstance(zone, str) and "${" not in zone else None


@dataclass(frozen=True)
class Survivors:
    """What remains of a fleet before Auto Scaling acts.

    Attributes:
        least: Instances that surely run.
        of: Instances that surely ran before: the group's `min_size`.
        zones: Where Auto Scaling can launch new ones.
        out: Those of them from where new ones reach what their first boot downloads.
    """

    least: int
    of: int
    zones: tuple[str, ...]
    out: tuple[str, ...]


class World:
    """One environment after a loss.

    Attributes:
        topology: Before the loss.
        loss: What is gone.
    """

    def __init__(self, topology: Topology, loss: Loss) -> None:
        self.topology = topology
        self.loss = loss
        subnets = {subnet.address for subnet in topology.subnets.values() if subnet.zone in loss.zones}
        self._ways = Ways(topology, subnets | loss.gateways)

    def resource(self, node: NetworkNode) -> Resource:
        """The resource that a node is read from."""
        return self.topology.stack.resources[node.address]

    def remaining(self, node: NetworkNode) -> tuple[Subnet, ...]:
        """A node's subnets outside the lost zones."""
        return tuple(subnet for subnet in node.subnets if subnet.zone not in self.loss.zones)

    def is_hit(self, node: NetworkNode) -> bool:
        """Whether a node loses a machine, or a part of its zones."""
        return node.address in self.loss.nodes or len(self.remaining(node)) < len(node.subnets)

    def zones_reaching(self, node: NetworkNode, *services: str) -> tuple[str, ...]:
        """The zones from where a node still reaches each of some services of AWS; the internet by default."""
        zones = {subnet.zone for subnet in self.remaining(node) if self._reaches_all(node, subnet, services)}
        return tuple(sorted(zones))

    def survivors(self, fleet: NetworkNode) -> Survivors:
        """What surely remains of a fleet: AWS spreads instances evenly, and the lost zone may hold the most."""
        size = self.resource(fleet).get("min_size")
        # Scaling moves desired_capacity, and never below min_size.
        least = of = size if isinstance(size, int) else 0
        zones = zones_of(fleet)
        lost = len(self.loss.zones.intersection(zones))
        if lost:
            each, more = divmod(of, len(zones))
            least -= lost * each + min(lost, more)
        if fleet.address in self.loss.nodes:
            least = max(0, of - 1)
        remaining = tuple(sorted({subnet.zone for subnet in self.remaining(fleet)}))
        return Survivors(least, of, remaining, self.zones_reaching(fleet))

    def _reaches_all(self, node: NetworkNode, subnet: Subnet, services: tuple[str, ...]) -> bool:
        """With private DNS, a service has no other way than its endpoints."""
        endpoints = [resolving(self.topology, service) for service in services]
        if not all(any(map(self.remaining, each)) for each in endpoints if each):
            return False
        by_internet = not endpoints or not all(endpoints)
        return not by_internet or any(self._ways.leaving(node, subnet, INTERNET))
