"""The events of the drill, and an environment after one: the subnets that remain, and the paths between them.

Event (`zone a is lost`) ─ losses; several if the JSON does not say which one it would be ─► Outage for each
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from wealist.checks.reachability.nodes import INTERNET, NetworkNode, NodeKind, Subnet
from wealist.checks.reachability.topology import Paths, Topology
from wealist.model.stack import Resource
from wealist.spec.account import REGION
from wealist.spec.services import DATABASE_FAILOVER_SECONDS, Route


class State(IntEnum):
    """The state of a part, from best to worst. It is unknown if the JSON does not determine it."""

    WORKS = 0
    DEGRADED = 1
    UNKNOWN = 2
    LOST = 3

    def __str__(self) -> str:
        """`works`."""
        return self.name.lower()


@dataclass(frozen=True, order=True)
class Verdict:
    """The state of a part, and the reason, which names the addresses that it depends on."""

    state: State
    why: str


def worst(verdicts: Iterable[Verdict], otherwise: str) -> Verdict:
    """Return the worst state, with the reasons of all verdicts that do not work.

    Args:
        verdicts: The verdicts.
        otherwise: The reason to give if all of them work.
    """
    problems = sorted((verdict for verdict in verdicts if verdict.state is not State.WORKS), key=lambda v: -v.state)
    if not problems:
        return Verdict(State.WORKS, otherwise)
    return Verdict(problems[0].state, "; ".join(dict.fromkeys(verdict.why for verdict in problems)))


@dataclass(frozen=True)
class Loss:
    """What is unavailable.

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
    """One event of the drill.

    Attributes:
        name: `zone a is lost`.
        losses: The losses that it may mean; more than one if the JSON does not determine it.
    """

    name: str
    losses: tuple[Loss, ...]


def events(topology: Topology, services: Iterable[Route]) -> Iterator[Event]:
    """Yield every event of the drill."""
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
        yield from _database_events(topology, database)
    for service in services:
        yield Event(f"scaling while {service.name} is broken", (Loss(broken=frozenset({service})),))


def _database_events(topology: Topology, database: NetworkNode) -> Iterator[Event]:
    chosen = database_zone(topology, database)
    zones = (chosen,) if chosen else zones_of(database)
    failover = Loss(nodes=frozenset({database.address}))
    yield Event(f"the database is unavailable for {DATABASE_FAILOVER_SECONDS} s", (failover,))
    yield Event("the database's zone is lost", tuple(Loss(zones=frozenset({zone})) for zone in zones))


def zones_in_words(zones: Iterable[str]) -> str:
    """Return `zones a, c` for `ap-northeast-2a` and `ap-northeast-2c`."""
    letters = sorted(zone.removeprefix(REGION) for zone in zones)
    return f"zone{'s' * (len(letters) > 1)} {', '.join(letters)}"


def zones_of(node: NetworkNode) -> tuple[str, ...]:
    """Return the zones of a node's subnets, sorted, without duplicates."""
    return tuple(sorted({subnet.zone for subnet in node.subnets}))


def database_zone(topology: Topology, database: NetworkNode) -> str | None:
    """Return the zone of a database without a standby; None if RDS or an operator chooses it."""
    instance = topology.stack.resources[database.address]
    zone = instance.get("availability_zone") if not instance.get("multi_az") else None
    return zone if isinstance(zone, str) and "${" not in zone else None


@dataclass(frozen=True)
class Survivors:
    """The instances of a fleet that remain before Auto Scaling launches new ones.

    Attributes:
        least: The number of instances that certainly run.
        of: The number that certainly ran before: the group's `min_size`.
        zones: The zones in which Auto Scaling can launch new ones.
        online: The zones among them with a path to what the first boot downloads.
    """

    least: int
    of: int
    zones: tuple[str, ...]
    online: tuple[str, ...]


class Outage:
    """One environment after a loss.

    Attributes:
        topology: The network before the loss.
        loss: What is unavailable.
    """

    def __init__(self, topology: Topology, loss: Loss) -> None:
        self.topology = topology
        self.loss = loss
        subnets = {subnet.address for subnet in topology.subnets.values() if subnet.zone in loss.zones}
        self._paths = Paths(topology, subnets | loss.gateways)

    def resource(self, node: NetworkNode) -> Resource:
        """Return the resource of a node."""
        return self.topology.stack.resources[node.address]

    def remaining_subnets(self, node: NetworkNode) -> tuple[Subnet, ...]:
        """Return a node's subnets outside of the lost zones."""
        return tuple(subnet for subnet in node.subnets if subnet.zone not in self.loss.zones)

    def is_affected(self, node: NetworkNode) -> bool:
        """Return whether a node loses a machine or a zone."""
        return node.address in self.loss.nodes or len(self.remaining_subnets(node)) < len(node.subnets)

    def zones_reaching(self, node: NetworkNode, *services: str) -> tuple[str, ...]:
        """Return the zones from which a node reaches each of some AWS services; by default, the internet."""
        subnets = self.remaining_subnets(node)
        return tuple(sorted({subnet.zone for subnet in subnets if self._reaches_all(node, subnet, services)}))

    def survivors(self, fleet: NetworkNode) -> Survivors:
        """Return what certainly remains of a fleet. AWS spreads instances evenly; a lost zone may have had the most."""
        size = self.resource(fleet).get("min_size")
        # Scaling changes desired_capacity, but never to less than min_size.
        least = of = size if isinstance(size, int) else 0
        zones = zones_of(fleet)
        lost = len(self.loss.zones.intersection(zones))
        if lost:
            each, more = divmod(of, len(zones))
            least -= lost * each + min(lost, more)
        if fleet.address in self.loss.nodes:
            least = max(0, of - 1)
        remaining = tuple(sorted({subnet.zone for subnet in self.remaining_subnets(fleet)}))
        return Survivors(least, of, remaining, self.zones_reaching(fleet))

    def _reaches_all(self, node: NetworkNode, subnet: Subnet, services: tuple[str, ...]) -> bool:
        """Return whether a subnet reaches each service. With private DNS, only by the service's endpoints."""
        endpoints = [self.topology.private_dns_endpoints(service) for service in services]
        if not all(any(map(self.remaining_subnets, each)) for each in endpoints if each):
            return False
        by_internet = not endpoints or not all(endpoints)
        return not by_internet or any(self._paths.outbound(node, subnet, INTERNET))
