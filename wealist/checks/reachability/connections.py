"""Who can open which connection to whom: a way by routes, and a rule that opens it at each end.

source ─ egress rule ─► routes ─► ingress rule ─ target
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import product
from typing import Final

from wealist.checks.reachability.nodes import INTERNET, NetworkNode, NodeKind, is_gateway
from wealist.checks.reachability.reading import Reader
from wealist.checks.reachability.topology import Topology
from wealist.checks.reachability.ways import Hop, Ways
from wealist.model.network import (
    ANYWHERE,
    EVERYTHING,
    GROUP_TYPES,
    OLD_RULE_TYPE,
    RULE_TYPES,
    Direction,
    NetworkRule,
    Ports,
    Unread,
    read_rules,
)
from wealist.model.stack import Resource

_WITHOUT_RULES: Final = frozenset({NodeKind.INTERNET, NodeKind.VPC, NodeKind.GATEWAY_ENDPOINT})
"""Nodes whose own rules are unknown, or that have none: they may open everything, and accept all."""
_OUTSIDE: Final = frozenset({NodeKind.INTERNET, NodeKind.GATEWAY_ENDPOINT})


@dataclass(frozen=True)
class Rule:
    """One rule between a group and a peer of this stack.

    Attributes:
        address: Of the resource that holds it.
        direction: `ingress` lets in, `egress` lets out.
        group: The address of the group that it belongs to.
        ports: Which.
        peer: From or to where: the address of a group or gateway endpoint, or a block.
    """

    address: str
    direction: Direction
    group: str
    ports: Ports
    peer: str | IPv4Network

    def meets(self, node: NetworkNode, vpc: IPv4Network) -> bool:
        """Whether the peer is a node, or some of its addresses."""
        if not isinstance(self.peer, IPv4Network):
            return self.peer in {node.address, *node.groups}
        if node.kind in _OUTSIDE:
            return not self.peer.subnet_of(vpc)
        return any(self.peer.overlaps(subnet.block) for subnet in node.subnets)

    def covers(self, node: NetworkNode) -> bool:
        """Whether the peer is all of a node: every address of it."""
        if not isinstance(self.peer, IPv4Network):
            return self.peer in {node.address, *node.groups}
        if node.kind in _OUTSIDE:
            return self.peer == ANYWHERE
        return all(subnet.block.subnet_of(self.peer) for subnet in node.subnets)


_EVERYTHING: Final = Rule("", "egress", "", Ports(EVERYTHING), "")


@dataclass(frozen=True)
class Connection:
    """One way in which a node can open connections to another.

    Attributes:
        source: Opens them.
        target: Accepts them.
        ports: Which.
        way: The steps from the source to the target, with what opens each.
        egress: The address of the rule that lets them out; empty where the source has none.
        ingress: The address of the rule that lets them in; empty where the target has none.
    """

    source: NetworkNode
    target: NetworkNode
    ports: Ports
    way: tuple[Hop, ...]
    egress: str
    ingress: str

    def __str__(self) -> str:
        """The way, as an operator reads it."""
        anything = "anything in " if self.source.kind is NodeKind.VPC else ""
        return " → ".join([f"{anything}{self.source.address}", *map(str, self.way)]) + f" on {self.ports}"


class Connections:
    """Every connection that one VPC lets through.

    Attributes:
        topology: The VPC.
        ways: Its routes.
        rules: Its security group rules.
        all: The connections.
        gaps: What could not be read, of the topology and of the rules.
    """

    def __init__(self, topology: Topology) -> None:
        reader = Reader(topology.stack)
        self.topology = topology
        self.ways = Ways(topology)
        self.rules = tuple(_read(reader))
        self.gaps = (*topology.gaps, *reader.gaps)
        inside = tuple(node for node in topology.nodes if node.kind is not NodeKind.GATEWAY_ENDPOINT)
        pairs = (*product(inside, (*topology.nodes, INTERNET)), *product((INTERNET, topology.rest), inside))
        self.all = tuple(each for source, target in pairs for each in self._between(source, target))

    def reaches(self, source: NetworkNode, target: NetworkNode, port: int) -> bool:
        """Whether one node can open connections to another on a TCP port."""
        return any((each.source, each.target) == (source, target) and each.ports.holds(port) for each in self.all)

    def _between(self, source: NetworkNode, target: NetworkNode) -> Iterator[Connection]:
        way = self.ways.way(source, target)
        if way is None:
            return
        for out, into in product(self._meeting(source, "egress", target), self._meeting(target, "ingress", source)):
            if ports := out.ports.common(into.ports):
                first = Hop(way[0].to, way[0].by or out.address)
                opened = (first, *way[1:])
                last = Hop(opened[-1].to, into.address or opened[-1].by)
                yield Connection(source, target, ports, (*opened[:-1], last), out.address, into.address)

    def _meeting(self, owner: NetworkNode, direction: Direction, peer: NetworkNode) -> list[Rule]:
        """The rules of a node that let a peer in, or connections to it out."""
        if owner.kind in _WITHOUT_RULES:
            return [_EVERYTHING]
        return [
            rule
            for rule in self.rules
            if rule.direction == direction and rule.group in owner.groups and rule.meets(peer, self.topology.block)
        ]


def _read(reader: Reader) -> Iterator[Rule]:
    """Every rule that can be read; the reader collects the others."""
    for resource in reader.stack.all(*RULE_TYPES, OLD_RULE_TYPE, *GROUP_TYPES):
        for rule in read_rules(resource.type, resource.values):
            if isinstance(rule, Unread):
                reader.reject(resource, rule.problem)
            elif isinstance(rule.ports, Unread):
                reader.reject(resource, rule.ports.problem)
            else:
                group, peer = _group(reader, resource, rule.group), _peer(reader, resource, rule)
                if group and peer:
                    yield Rule(resource.address, rule.direction, group, rule.ports, peer)


def _group(reader: Reader, resource: Resource, value: object) -> str | None:
    """The address of the group that a rule belongs to: that of its resource where it stands inside a group."""
    if resource.type in GROUP_TYPES:
        return resource.address
    group = reader.resource(resource, "security_group_id", *GROUP_TYPES, value=value or "")
    return group.address if group else None


def _peer(reader: Reader, resource: Resource, rule: NetworkRule) -> str | IPv4Network | None:
    if rule.argument == "self":
        return _group(reader, resource, rule.group)
    if rule.peer_kind == "block":
        return reader.block(resource, rule.argument, value=rule.peer)
    types = GROUP_TYPES if rule.peer_kind == "group" else ("aws_vpc_endpoint",)
    target = reader.resource(resource, rule.argument, *types, value=rule.peer)
    if target and target.type == "aws_vpc_endpoint" and not is_gateway(target):
        reader.reject(resource, f"{rule.argument} = {rule.peer!r} is not of a gateway endpoint")
        return None
    return target.address if target else None
