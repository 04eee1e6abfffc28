"""Who can open which connection to whom: a way by routes, and a rule that opens it at each end.

source ─ egress rule ─► routes ─► ingress rule ─ target
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from wealist.checks.reachability.parties import Party
from wealist.checks.reachability.parts import Part
from wealist.checks.reachability.paths import INTERNET, Hop, Paths
from wealist.checks.reachability.reading import Reader, Unread
from wealist.checks.reachability.rules import Ports, Rule, read_rules
from wealist.checks.reachability.topology import Topology

_WITHOUT_RULES: Final = frozenset({Party.INTERNET, Party.VPC, Party.S3})
"""Whose own rules are not ours to know: they may open anything, and S3 accepts all."""
_EVERYTHING: Final = Rule("", "egress", "", Ports("-1"), "")


@dataclass(frozen=True)
class Connection:
    """One way in which a part can open connections to another.

    Attributes:
        source: Opens them.
        target: Accepts them.
        ports: Which.
        path: The hops from the source to the target, with what opens each.
    """

    source: Part
    target: Part
    ports: Ports
    path: tuple[Hop, ...]

    @property
    def opened_by(self) -> tuple[str, ...]:
        """The addresses of the rules and routes along the way."""
        return tuple(hop.by for hop in self.path if hop.by)

    def __str__(self) -> str:
        """The path, as an operator reads it."""
        source = f"anything in {self.source.address}" if self.source.party is Party.VPC else self.source.address
        return " → ".join([source, *map(str, self.path)]) + f" on {self.ports}"


class Connections:
    """Every connection that one VPC lets through.

    Attributes:
        topology: The VPC.
        paths: Its routes.
        rules: Its security group rules.
        unread: What was not understood of the rules.
    """

    def __init__(self, topology: Topology) -> None:
        reader = Reader(topology.stack)
        self.topology = topology
        self.paths = Paths(topology)
        self.rules = tuple(read_rules(topology, reader))
        self.unread: tuple[Unread, ...] = tuple(reader.unread)
        ours = tuple(part for part in topology.parts if part.party is not Party.S3)
        ways = (*product(ours, (*topology.parts, INTERNET)), *product((INTERNET, topology.rest), ours))
        self.all = tuple(one for source, target in ways for one in self._between(source, target))

    def _between(self, source: Part, target: Part) -> Iterator[Connection]:
        path = self.paths.shortest(source, target)
        if path is None:
            return
        for way_out, way_in in product(self.leaving(source, target), self.entering(source, target)):
            ports = way_out.ports.meet(way_in.ports)
            if ports:
                first = Hop(path[0].to, path[0].by or way_out.address)
                opened = (first, *path[1:])
                last = replace(opened[-1], by=way_in.address or opened[-1].by)
                yield Connection(source, target, ports, (*opened[:-1], last))

    def leaving(self, source: Part, target: Part) -> list[Rule]:
        """The source's rules that let connections to the target out."""
        return self._meeting(source, "egress", target)

    def entering(self, source: Part, target: Part) -> list[Rule]:
        """The target's rules that let connections from the source in."""
        return self._meeting(target, "ingress", source)

    def _meeting(self, owner: Part, direction: str, peer: Part) -> list[Rule]:
        if owner.party in _WITHOUT_RULES:
            return [_EVERYTHING]
        return [
            rule
            for rule in self.rules
            if rule.direction == direction and rule.group in owner.groups and rule.meets(peer, self.topology.block)
        ]
