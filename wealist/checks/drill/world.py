"""An environment after something is lost: which subnets remain, and where their ways still lead."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from wealist.checks.drill.events import Loss, zones_of
from wealist.checks.reachability.endpoints import resolving
from wealist.checks.reachability.parts import Part, Subnet
from wealist.checks.reachability.paths import INTERNET, Paths
from wealist.checks.reachability.topology import Topology
from wealist.model.stack import Resource


class State(IntEnum):
    """How a part fares, from best to worst; unknown is what the JSON cannot say."""

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
    """The worst state, with the reasons of all that is not well; where all is, why."""
    ill = [verdict for verdict in verdicts if verdict.state is not State.WORKS]
    if not ill:
        return Verdict(State.WORKS, otherwise)
    ordered = sorted(ill, key=lambda verdict: -verdict.state)
    return Verdict(ordered[0].state, "; ".join(dict.fromkeys(verdict.why for verdict in ordered)))


@dataclass(frozen=True)
class Survivors:
    """What remains of a fleet at once, before Auto Scaling has done anything.

    Attributes:
        least: Instances that surely run.
        of: Instances that surely ran before: the group's `min_size`.
        zones: Where Auto Scaling can launch new ones.
        out: Those of them from where new ones reach what their first boot fetches.
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

    def __init__(self, topology: Topology, paths: Paths, loss: Loss) -> None:
        self.topology = topology
        self.loss = loss
        self._paths = paths
        gone = {subnet.address for subnet in topology.subnets.values() if subnet.zone in loss.zones}
        self._gone = gone | loss.gateways

    def remaining(self, part: Part) -> tuple[Subnet, ...]:
        """A part's subnets outside the lost zones."""
        return tuple(subnet for subnet in part.subnets if subnet.zone not in self.loss.zones)

    def is_hit(self, part: Part) -> bool:
        """Whether a part loses a node, or stands partly in a lost zone."""
        return part.address in self.loss.nodes or len(self.remaining(part)) < len(part.subnets)

    def reaches(self, part: Part, subnet: Subnet, service: str | None = None) -> bool:
        """Whether what stands in a subnet still reaches the internet, or one of AWS's services.

        A service with private DNS has no other way than its endpoints.
        """
        endpoints = resolving(self.topology, service) if service else []
        if endpoints:
            return any(self.remaining(endpoint) for endpoint in endpoints)
        return self._paths.shortest(part, INTERNET, first=subnet.address, without=self._gone) is not None

    def zones_reaching(self, part: Part, *services: str) -> tuple[str, ...]:
        """The zones from where a part still reaches every one of AWS's services; of none given, the internet."""
        wanted = services or (None,)
        return tuple(
            sorted(
                {
                    subnet.zone
                    for subnet in self.remaining(part)
                    if all(self.reaches(part, subnet, service) for service in wanted)
                }
            )
        )

    def survivors(self, fleet: Part) -> Survivors:
        """What remains of a fleet at least: AWS spreads instances evenly, and a fullest zone may be the lost one."""
        # Scaling moves desired_capacity, and never below min_size.
        least = of = _count(self.topology.stack.resources[fleet.address], "min_size")
        zones = zones_of(fleet)
        lost = len(self.loss.zones.intersection(zones))
        if lost:
            each, more = divmod(of, len(zones))
            least -= lost * each + min(lost, more)
        if fleet.address in self.loss.nodes:
            least = max(0, of - 1)
        remaining = tuple(sorted({subnet.zone for subnet in self.remaining(fleet)}))
        return Survivors(least, of, remaining, self.zones_reaching(fleet))


def _count(resource: Resource, argument: str) -> int:
    value = resource.get(argument)
    return value if isinstance(value, int) else 0
