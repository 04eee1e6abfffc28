"""What may reach what: a connection that no edge documents breaks a claim, and its shortest way is told.

connection ─ documented? ── no ─► internet, outward, data_tier, load_balancer, else edges
subnets, public addresses ─ no ─► tiers, public_address
"""

from collections.abc import Callable, Collection, Iterator
from ipaddress import IPv4Network
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.reachability.connections import Connection, Connections
from wealist.checks.reachability.parties import DATA_TIER, PRIVATE, Edge, Party, allowed
from wealist.checks.reachability.topology import Topology
from wealist.spec.account import REGION
from wealist.spec.environment import Environment

_OPENS: Final = "the rule or route in brackets opens it: remove it, or narrow it to a documented edge"


_CLAIMS: Final[tuple[tuple[str, Callable[[Connection], bool]], ...]] = (
    ("reachability.internet", lambda each: each.source.party is Party.INTERNET),
    ("reachability.outward", lambda each: each.source.party in DATA_TIER),
    ("reachability.data_tier", lambda each: each.target.party in DATA_TIER),
    ("reachability.load_balancer", lambda each: each.source.party is Party.ALB),
    ("reachability.edges", lambda _: True),
)
"""Control → whether it speaks of a connection, the gravest first."""


def _breaking(connections: Connections, edges: frozenset[Edge]) -> Iterator[tuple[str, Connection]]:
    """Each connection that breaks a claim, with the claim: claim by claim, the shortest way first."""
    undocumented = [
        each
        for each in sorted(connections.all, key=lambda each: (len(each.path), each.opened_by))
        if not each.ports.within(allowed(edges, each.source.party, each.target.party))
    ]
    for control, speaks_of in _CLAIMS:
        yield from ((control, each) for each in undocumented if speaks_of(each))


def refuted(
    connections: Connections, edges: frozenset[Edge], suspects: Collection[str]
) -> Iterator[tuple[Finding, Connection]]:
    """A finding for each rule that breaks a claim: the first claim that it breaks, by the shortest way.

    Args:
        connections: Of the VPC.
        edges: The documented ones.
        suspects: The rules that are no end of a documented edge: of several along a way, the one to blame.
    """
    told: set[str] = set()
    for control, connection in _breaking(connections, edges):
        along = connection.opened_by or (connection.target.address,)
        blamed = next((address for address in along if address in suspects), along[-1])
        if blamed not in told:
            told.add(blamed)
            problem = f"no edge is documented for {connection}"
            yield Finding(connections.topology.stack.name, blamed, control, problem, _OPENS), connection


def outward(connections: Connections) -> Iterator[Finding]:
    """The data tier has no rule that lets anything out, wherever it leads."""
    for part in connections.topology.parts:
        for rule in connections.rules:
            if part.party in DATA_TIER and rule.direction == "egress" and rule.group in part.groups:
                problem = f"lets {part.address} open connections to {rule.peer} on {rule.ports}"
                yield Finding(
                    connections.topology.stack.name, rule.address, "reachability.outward", problem, "remove the rule"
                )


def tiers(topology: Topology, environment: Environment) -> Iterator[Finding]:
    """Subnets are the described ones, and what must not face the internet lives in private ones."""
    if topology.block != IPv4Network(environment.network.cidr):
        problem = f"has the block {topology.block}, and {environment.name} is described with {environment.network.cidr}"
        yield _outside(topology, topology.vpc, problem, "give it the described block")
    described = _described(environment)
    for subnet in topology.subnets.values():
        public = described.get((subnet.zone, subnet.block))
        if public is None:
            problem = f"has the block {subnet.block} in {subnet.zone}, which {environment.name} does not describe"
            yield _outside(topology, subnet.address, problem, "describe it, or remove it")
        elif public is not topology.is_public(subnet):
            routes = ", ".join(route.address for route in topology.routes.get(subnet.address, ())) or "no default route"
            problem = f"is described as {'public' if public else 'private'}, and its table has {routes}"
            remedy = "a public table leads to the internet gateway, a private one never does"
            yield _outside(topology, subnet.address, problem, remedy)
    built = {(subnet.zone, subnet.block) for subnet in topology.subnets.values()}
    for zone, block in sorted(described.keys() - built):
        problem = f"has no subnet {block} in {zone}, which {environment.name} describes"
        yield _outside(topology, topology.vpc, problem, "add the subnet")
    for part in topology.parts:
        # Of a private subnet that is routed wrongly, the subnet is told.
        public_ones = [
            subnet.address
            for subnet in part.subnets
            if topology.is_public(subnet) and described.get((subnet.zone, subnet.block)) is not False
        ]
        if part.party in PRIVATE and public_ones:
            problem = f"lies in {', '.join(public_ones)}, whose table leads to an internet gateway"
            yield _outside(topology, part.address, problem, "move it to the private subnets")


def _described(environment: Environment) -> dict[tuple[str, IPv4Network], bool]:
    """Zone and block of each subnet → whether it is public."""
    layout = environment.network.subnets
    return {
        (f"{REGION}{zone}", IPv4Network(block)): blocks is layout.public
        for blocks in (layout.public, layout.private)
        for zone, block in blocks.items()
    }


def _outside(topology: Topology, address: str, problem: str, remedy: str) -> Finding:
    return Finding(topology.stack.name, address, "reachability.tiers", problem, remedy)


def public_addresses(topology: Topology) -> Iterator[Finding]:
    """Nothing else than the load balancer and the NAT gateways has a public address."""
    stack, control = topology.stack, "reachability.public_address"
    for part in topology.parts:
        if part.public and part.party is not Party.ALB:
            remedy = "leave it private: the load balancer is the only way in, the NAT gateway the only way out"
            yield Finding(stack.name, part.address, control, f"has public addresses by {part.public}", remedy)
    for part in topology.playing(Party.ALB)[1:]:
        if part.public:
            problem = f"faces the internet by {part.public}, beside {topology.playing(Party.ALB)[0].address}"
            yield Finding(stack.name, part.address, control, problem, "make it internal, or remove it")
    used = [stack.target(gateway.get("allocation_id")) for gateway in stack.all("aws_nat_gateway")]
    for address in stack.all("aws_eip"):
        if address.address not in {each.address for each in used if each}:
            remedy = "remove it: public addresses are for the NAT gateways"
            yield Finding(stack.name, address.address, control, "is no NAT gateway's address", remedy)
