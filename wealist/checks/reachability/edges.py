"""Section 8, both ways round: every rule is an end of a documented edge, and every documented edge is there.

reachability.edges  a rule too many, a rule too wide, an edge too few
"""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.reachability.connections import Connections
from wealist.checks.reachability.parties import Edge, Party
from wealist.checks.reachability.parts import Part
from wealist.checks.reachability.paths import INTERNET
from wealist.checks.reachability.rules import Rule

_CONTROL: Final = "reachability.edges"


def undocumented(connections: Connections, edges: frozenset[Edge]) -> Iterator[Finding]:
    """Rules that are no end of a documented edge."""
    stack = connections.topology.stack.name
    for rule in connections.rules:
        owners, peers = _wearing(connections, rule.group), _peers(connections, rule)
        pairs = [(peer, owner) if rule.direction == "ingress" else (owner, peer) for owner in owners for peer in peers]
        way = "from" if rule.direction == "ingress" else "to"
        says = f"opens {rule.ports} of {rule.group} {way} {rule.peer}"
        if not pairs:
            problem = f"{says}, and nothing that the proof knows wears {rule.group if not owners else rule.peer}"
            yield Finding(stack, rule.address, _CONTROL, problem, "remove the rule")
        elif not all(rule.ports.within(_documented(edges, *pair)) for pair in pairs):
            ports = sorted(frozenset.intersection(*(_documented(edges, *pair) for pair in pairs)))
            instead = f"documented are the TCP ports {', '.join(map(str, ports))}" if ports else "no edge is documented"
            yield Finding(stack, rule.address, _CONTROL, f"{says}; {instead}", "remove or narrow the rule")


def missing(connections: Connections, edges: frozenset[Edge]) -> Iterator[Finding]:
    """Documented edges that are not there, and the end or route that they lack."""
    topology = connections.topology
    stack = topology.stack.name
    told: set[tuple[str, str, Edge]] = set()
    for edge in sorted(edges):
        sources, targets = _playing(connections, edge.source), _playing(connections, edge.target)
        if not (sources and targets):
            absent = edge.source if not sources else edge.target
            problem = f"has nothing that is {absent}, and {_said(edge)} is documented"
            yield Finding(stack, topology.vpc, _CONTROL, problem, f"add {absent} to the stack")
        for source in sources:
            for target in targets:
                for address, problem in _lacks(connections, source, target, edge):
                    if (address, problem, edge) not in told:
                        told.add((address, problem, edge))
                        way = f"{source.address} → {target.address} on tcp {edge.port}"
                        remedy = f"open the documented edge {_said(edge)}"
                        yield Finding(stack, address, _CONTROL, f"{problem}, so that {way} is not there", remedy)


def unworn(connections: Connections) -> Iterator[Finding]:
    """Whatever has addresses wears a security group of the stack; else AWS gives it the VPC's default one."""
    for part in connections.topology.parts:
        if part.subnets and not part.groups:
            problem = "wears no security group of this stack, so that AWS gives it the VPC's default one"
            remedy = "give it the group that section 8 draws for it"
            yield Finding(connections.topology.stack.name, part.address, _CONTROL, problem, remedy)


def _documented(edges: frozenset[Edge], source: Party, target: Party) -> frozenset[int]:
    """The ports of the edges between two parties, the edges from wider ones left out: a rule is an end of one edge."""
    return frozenset(edge.port for edge in edges if edge.source is source and edge.target is target)


def _wearing(connections: Connections, group: str) -> set[Party]:
    return {part.party for part in connections.topology.parts if group in part.groups}


def _peers(connections: Connections, rule: Rule) -> set[Party]:
    """Whom a rule names; a block that reaches beyond the VPC names the internet."""
    if isinstance(rule.peer, IPv4Network):
        return {Party.VPC if rule.peer.subnet_of(connections.topology.block) else Party.INTERNET}
    if rule.peer in connections.topology.gateway_endpoints:
        return {Party.S3}
    return _wearing(connections, rule.peer)


def _playing(connections: Connections, party: Party) -> list[Part]:
    if party is Party.INTERNET:
        return [INTERNET]
    return [connections.topology.rest] if party is Party.VPC else connections.topology.playing(party)


def _lacks(connections: Connections, source: Part, target: Part, edge: Edge) -> Iterator[tuple[str, str]]:
    """What one pair of parts lacks of an edge: addresses, and the problem there."""
    if not any(rule.ports.hold(edge.port) for rule in connections.leaving(source, target) if _whole(rule, target)):
        yield min(source.groups, default=source.address), f"lets no tcp {edge.port} out to {edge.target}"
    if not any(rule.ports.hold(edge.port) for rule in connections.entering(source, target) if _whole(rule, source)):
        yield min(target.groups, default=target.address), f"lets no tcp {edge.port} in from {edge.source}"
    # Each of their subnets has routes of its own.
    if source is INTERNET:
        for subnet in target.subnets:
            others = {other.address for other in target.subnets} - {subnet.address}
            if connections.paths.shortest(source, target, without=others) is None:
                yield subnet.address, "has no way from the internet"
    else:
        for subnet in source.subnets:
            if connections.paths.shortest(source, target, first=subnet.address) is None:
                yield subnet.address, f"has no way to {edge.target}"


def _whole(rule: Rule, peer: Part) -> bool:
    return not rule.address or rule.covers(peer)


def _said(edge: Edge) -> str:
    return f"{edge.source} → {edge.target}:{edge.port}"
