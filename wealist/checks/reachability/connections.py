"""Find every connection that a VPC allows: a path by routes, and a security group rule at each end.

source ─ egress rule ─► routes ─► ingress rule ─ target
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import product
from typing import Final

from wealist.checks.reachability.nodes import INTERNET, NetworkNode, NodeKind, is_gateway
from wealist.checks.reachability.reader import Reader
from wealist.checks.reachability.topology import Hop, Path, Paths, Topology
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
"""Nodes without security groups, or with unknown ones; all their connections count as allowed."""
_OUTSIDE: Final = frozenset({NodeKind.INTERNET, NodeKind.GATEWAY_ENDPOINT})


@dataclass(frozen=True)
class Rule:
    """One security group rule.

    Attributes:
        address: The address of the resource that contains it.
        direction: `ingress` or `egress`.
        group: The address of its security group.
        ports: The protocol and ports.
        peer: The other end: the address of a group or gateway endpoint, or a block.
    """

    address: str
    direction: Direction
    group: str
    ports: Ports
    peer: str | IPv4Network

    def meets(self, node: NetworkNode, vpc: IPv4Network) -> bool:
        """Return whether the peer contains an address of a node."""
        if not isinstance(self.peer, IPv4Network):
            return self.peer in {node.address, *node.groups}
        if node.kind in _OUTSIDE:
            return not self.peer.subnet_of(vpc)
        return any(self.peer.overlaps(subnet.block) for subnet in node.subnets)

    def covers(self, node: NetworkNode) -> bool:
        """Return whether the peer contains every address of a node."""
        if not isinstance(self.peer, IPv4Network):
            return self.peer in {node.address, *node.groups}
        if node.kind in _OUTSIDE:
            return self.peer == ANYWHERE
        return all(subnet.block.subnet_of(self.peer) for subnet in node.subnets)


_EVERYTHING: Final = Rule("", "egress", "", Ports(EVERYTHING), "")


@dataclass(frozen=True)
class Connection:
    """Connections that one node can open to another.

    Attributes:
        source: The node that opens them.
        target: The node that accepts them.
        ports: The protocol and ports.
        path: The steps from the source to the target, with the route or rule that opens each.
        egress: The address of the source's rule; empty if the source has no security group.
        ingress: The address of the target's rule; empty if the target has no security group.
    """

    source: NetworkNode
    target: NetworkNode
    ports: Ports
    path: Path
    egress: str
    ingress: str

    def __str__(self) -> str:
        """The path and the ports."""
        anything = "anything in " if self.source.kind is NodeKind.VPC else ""
        return " → ".join([f"{anything}{self.source.address}", *map(str, self.path)]) + f" on {self.ports}"


class Connections:
    """Every connection that one VPC allows.

    Attributes:
        topology: The VPC.
        paths: The paths that its routes open.
        rules: Its security group rules.
        all: The connections.
        gaps: The values of the topology and of the rules that could not be read.
    """

    def __init__(self, topology: Topology) -> None:
        reader = Reader(topology.stack)
        self.topology = topology
        self.paths = Paths(topology)
        self.rules = tuple(_read(reader))
        self.gaps = (*topology.gaps, *reader.gaps)
        inside = tuple(node for node in topology.nodes if node.kind is not NodeKind.GATEWAY_ENDPOINT)
        pairs = (*product(inside, (*topology.nodes, INTERNET)), *product((INTERNET, topology.rest), inside))
        self.all = tuple(each for source, target in pairs for each in self._between(source, target))

    def reaches(self, source: NetworkNode, target: NetworkNode, port: int) -> bool:
        """Return whether one node can open connections to another on a TCP port."""
        return any((each.source, each.target) == (source, target) and each.ports.holds(port) for each in self.all)

    def _between(self, source: NetworkNode, target: NetworkNode) -> Iterator[Connection]:
        path = self.paths.shortest(source, target)
        if path is None:
            return
        egress_rules, ingress_rules = self._rules(source, "egress", target), self._rules(target, "ingress", source)
        for egress, ingress in product(egress_rules, ingress_rules):
            if ports := egress.ports.common(ingress.ports):
                opened = (Hop(path[0].to, path[0].by or egress.address), *path[1:])
                last = Hop(opened[-1].to, ingress.address or opened[-1].by)
                yield Connection(source, target, ports, (*opened[:-1], last), egress.address, ingress.address)

    def _rules(self, owner: NetworkNode, direction: Direction, peer: NetworkNode) -> list[Rule]:
        """Return the rules of a node that allow connections from or to a peer."""
        if owner.kind in _WITHOUT_RULES:
            return [_EVERYTHING]
        return [
            rule
            for rule in self.rules
            if rule.direction == direction and rule.group in owner.groups and rule.meets(peer, self.topology.block)
        ]


def _read(reader: Reader) -> Iterator[Rule]:
    """Yield every rule that can be read; the reader records the others as gaps."""
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
    """Return the address of a rule's group, which is the resource itself for a rule inside a group."""
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
        reader.reject(resource, f"{rule.argument} = {rule.peer!r} does not belong to a gateway endpoint")
        return None
    return target.address if target else None
