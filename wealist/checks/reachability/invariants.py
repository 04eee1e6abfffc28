"""What must hold of every connection, rule and node, whatever else an environment's network lets through.

connections ─► internet, data_tier, load_balancer      rules ─► internet, outward, edges
subnets, nodes, public addresses ─► tiers, public_address

Every other connection is allowed, and shown by the matrix.
"""

from collections.abc import Callable, Iterator
from ipaddress import IPv4Network
from itertools import product
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.reachability.connections import Connection, Connections, Rule
from wealist.checks.reachability.listeners import serving
from wealist.checks.reachability.nodes import INTERNET, NetworkNode, NodeKind, Subnet
from wealist.checks.reachability.topology import Topology
from wealist.spec.account import REGION
from wealist.spec.environment import Environment
from wealist.spec.services import HTTP_PORT, HTTPS_PORT, POSTGRESQL_PORT, REDIS_PORT

_WEB_PORTS: Final = frozenset({HTTP_PORT, HTTPS_PORT})
_HTTPS: Final = frozenset({HTTPS_PORT})
_DATA_PORTS: Final = {NodeKind.DATABASE: POSTGRESQL_PORT, NodeKind.CACHE: REDIS_PORT}
"""The data tier, and the ports that AWS gives it by default."""
_OPENS: Final = "the rule or route in brackets opens it: remove or narrow it, or attach another security group"
_Broken = tuple[str, str, str, str]
"""Address, control without its prefix, problem, remedy."""


def broken(connections: Connections, environment: Environment) -> Iterator[Finding]:
    """Every invariant that does not hold; of a rule that breaks several, the gravest alone."""
    rules = {rule.address for rule in connections.rules}
    reported: set[str] = set()
    for address, control, problem, remedy in _broken(connections, environment):
        if address not in rules or address not in reported:
            reported.add(address)
            yield Finding(connections.topology.stack.name, address, f"reachability.{control}", problem, remedy)


def _broken(connections: Connections, environment: Environment) -> Iterator[_Broken]:
    """The gravest first."""
    yield from _unwanted(connections, environment)
    yield from _open_to_addresses(connections)
    yield from _outward(connections)
    yield from _half_open(connections)
    yield from _unreached(connections, environment)
    yield from _without_group(connections.topology)
    yield from _tiers(connections.topology, environment)
    yield from _public_addresses(connections.topology)


def _unwanted(connections: Connections, environment: Environment) -> Iterator[_Broken]:
    """Connections that must not be; of those that a rule opens, the shortest."""
    passed_on = frozenset(route.port for route in environment.routes)
    claims: tuple[tuple[str, Callable[[Connection], bool]], ...] = (
        ("internet", lambda each: each.source is not INTERNET or _is_web(each)),
        ("data_tier", lambda each: each.target.kind not in _DATA_PORTS or _is_query(connections.topology, each)),
        (
            "load_balancer",
            lambda each: (
                each.source.kind is not NodeKind.LOAD_BALANCER
                or (each.target.kind is NodeKind.INSTANCES and each.ports.within(passed_on))
            ),
        ),
        ("endpoints", lambda each: each.target.kind is not NodeKind.ENDPOINT or each.ports.within(_HTTPS)),
    )
    ordered = sorted(connections.all, key=lambda each: (len(each.way), each.ingress, each.egress))
    for control, holds in claims:
        for each in ordered:
            if not holds(each):
                blamed = each.egress if control == "load_balancer" else each.ingress
                yield blamed or each.target.address, control, f"opens {each}", _OPENS


def _is_web(connection: Connection) -> bool:
    return connection.target.kind is NodeKind.LOAD_BALANCER and connection.ports.within(_WEB_PORTS)


def _is_query(topology: Topology, connection: Connection) -> bool:
    port = _data_port(topology, connection.target)
    return connection.source.kind is NodeKind.INSTANCES and connection.ports.within(frozenset({port}))


def _data_port(topology: Topology, node: NetworkNode) -> int:
    port = topology.stack.resources[node.address].get("port")
    return port if isinstance(port, int) else _DATA_PORTS[node.kind]


def _open_to_addresses(connections: Connections) -> Iterator[_Broken]:
    """Only a load balancer's groups let blocks in that are not the whole VPC, whether a way leads there or not."""
    for rule in connections.rules:
        if rule.direction == "egress" or not isinstance(rule.peer, IPv4Network):
            continue
        owners = connections.topology.attached(rule.group)
        web = all(node.kind is NodeKind.LOAD_BALANCER for node in owners) and rule.ports.within(_WEB_PORTS)
        does = f"connect to {', '.join(node.address for node in owners) or rule.group} on {rule.ports}"
        if _is_outside(connections, rule) and not web:
            problem = f"lets {rule.peer}, which reaches beyond the VPC, {does}"
            yield rule.address, "internet", problem, "let the internet reach 80 and 443 of the load balancer only"
        elif rule.peer != connections.topology.block and not web:
            problem = f"lets {rule.peer}, a part of the VPC, {does}"
            yield rule.address, "edges", problem, "refer to the group that calls: addresses change their owners"


def _outward(connections: Connections) -> Iterator[_Broken]:
    """The data tier has no rule that lets anything out, wherever it leads."""
    for node, rule in product(connections.topology.nodes_of(*_DATA_PORTS), connections.rules):
        if rule.direction == "egress" and rule.group in node.groups:
            problem = f"lets {node.address} open connections to {rule.peer} on {rule.ports}"
            yield rule.address, "outward", problem, "remove the rule"


def _half_open(connections: Connections) -> Iterator[_Broken]:
    """Rules that nothing answers at their other end, and ways that are missing: an edge of one direction works not."""
    for rule in connections.rules:
        from_or_to = "from" if rule.direction == "ingress" else "to"
        does = f"opens {rule.ports} of {rule.group} {from_or_to} {rule.peer}"
        owners = connections.topology.attached(rule.group)
        if not owners:
            yield rule.address, "edges", f"{does}, and {rule.group} is attached to nothing", "attach it, or remove both"
        elif not _is_answered(connections, rule, owners):
            missing = "lets them out" if rule.direction == "ingress" else "lets them in"
            remedy = f"add the rule of the other end for {rule.ports}, or remove this one"
            yield rule.address, "edges", f"{does}, and nothing there {missing}", remedy
        for owner, subnet in ((node, subnet) for node in owners for subnet in node.subnets):
            if not _has_way(connections, rule, owner, subnet):
                problem = f"has no way {from_or_to} {rule.peer} for {owner.address}, which {rule.address} opens"
                yield subnet.address, "edges", problem, "route it there, or remove the rule"


def _is_answered(connections: Connections, rule: Rule, owners: list[NetworkNode]) -> bool:
    """Whether a rule of the other end allows the same ports; of a block, of some node with addresses in it."""
    if isinstance(rule.peer, IPv4Network):
        if rule.direction == "ingress" or _is_outside(connections, rule):
            return True
        others = [node for node in connections.topology.nodes if rule.meets(node, connections.topology.block)]
        peers = frozenset(group for node in others for group in node.groups)
    elif rule.peer in connections.topology.gateway_endpoints:
        return True
    else:
        peers = frozenset({rule.peer} if connections.topology.attached(rule.peer) else ())
    return any(
        other.direction != rule.direction
        and other.group in peers
        and other.ports.covers(rule.ports)
        and (other.peer == rule.group or all(other.covers(owner) for owner in owners))
        for other in connections.rules
    )


def _has_way(connections: Connections, rule: Rule, owner: NetworkNode, subnet: Subnet) -> bool:
    """Whether routes lead where a rule does: within the VPC they always do."""
    if rule.peer in connections.topology.gateway_endpoints:
        target = next(node for node in connections.topology.nodes if node.address == rule.peer)
    elif _is_outside(connections, rule):
        target = INTERNET
    else:
        return True
    if rule.direction == "ingress":
        # No other node may be open to the internet at all.
        return owner.kind is not NodeKind.LOAD_BALANCER or connections.ways.entering(owner, subnet) is not None
    return any(connections.ways.leaving(owner, subnet, target))


def _is_outside(connections: Connections, rule: Rule) -> bool:
    """Whether the peer is a block that reaches beyond the VPC."""
    return isinstance(rule.peer, IPv4Network) and not rule.peer.subnet_of(connections.topology.block)


def _unreached(connections: Connections, environment: Environment) -> Iterator[_Broken]:
    """The load balancer, the fleets of the routes and the stores that are not reached on their ports."""
    topology = connections.topology
    balancers, instances = topology.nodes_of(NodeKind.LOAD_BALANCER), topology.nodes_of(NodeKind.INSTANCES)
    sources = {NodeKind.INTERNET: [INTERNET], NodeKind.LOAD_BALANCER: balancers, NodeKind.INSTANCES: instances}
    needs = [(NodeKind.INTERNET, node, port) for node, port in product(balancers, sorted(_WEB_PORTS))]
    for route in environment.routes:
        fleets = {fleet.address for fleet in serving(topology.stack, route)}
        needs += [(NodeKind.LOAD_BALANCER, node, route.port) for node in instances if node.address in fleets]
    needs += [(NodeKind.INSTANCES, node, _data_port(topology, node)) for node in topology.nodes_of(*_DATA_PORTS)]
    for kind, node, port in needs:
        if not any(connections.reaches(source, node, port) for source in sources[kind]):
            problem = f"answers on tcp {port}, and is not reached there from {kind}"
            yield node.address, "edges", problem, "open the edge at both ends"


def _without_group(topology: Topology) -> Iterator[_Broken]:
    """Without a security group of the stack AWS attaches the VPC's default one."""
    for node in topology.nodes:
        if node.subnets and not node.groups:
            problem = "has no security group of this stack, so that AWS attaches the default one of the VPC"
            yield node.address, "edges", problem, "attach a group of this stack"


def _tiers(topology: Topology, environment: Environment) -> Iterator[_Broken]:
    """The described subnets are there, and only the load balancer and NAT gateways are in public ones."""
    if topology.block != IPv4Network(environment.network.cidr):
        problem = f"has the block {topology.block}, and {environment.name} is described with {environment.network.cidr}"
        yield topology.vpc, "tiers", problem, "give it the described block"
    built = {(subnet.zone, subnet.block): subnet for subnet in topology.subnets.values()}
    misrouted = set()
    for (zone, block), public in sorted(_described(environment).items()):
        subnet = built.get((zone, block))
        if subnet is None:
            problem = f"has no subnet {block} in {zone}, which {environment.name} describes"
            yield topology.vpc, "tiers", problem, "add the subnet"
        elif public is not topology.is_public(subnet):
            misrouted.add(subnet)
            routes = ", ".join(route.address for route in topology.routes.get(subnet.address, ())) or "no default route"
            problem = f"is described as {'public' if public else 'private'}, and its table has {routes}"
            remedy = "a public table leads to the internet gateway, a private one never does"
            yield subnet.address, "tiers", problem, remedy
    for node in topology.nodes:
        # Of a private subnet with a wrong route, report the subnet only.
        exposed = [each.address for each in node.subnets if topology.is_public(each) and each not in misrouted]
        if exposed and node.kind is not NodeKind.LOAD_BALANCER:
            problem = f"is in {', '.join(exposed)}, whose table leads to an internet gateway"
            yield node.address, "tiers", problem, "move it to the private subnets"


def _described(environment: Environment) -> dict[tuple[str, IPv4Network], bool]:
    """Zone and block of each subnet → whether it is public."""
    layout = environment.network.subnets
    return {
        (f"{REGION}{zone}", IPv4Network(block)): blocks is layout.public
        for blocks in (layout.public, layout.private)
        for zone, block in blocks.items()
    }


def _public_addresses(topology: Topology) -> Iterator[_Broken]:
    """Only one load balancer and the NAT gateways have public addresses."""
    control, stack = "public_address", topology.stack
    for node in topology.nodes:
        if node.public and node.kind is not NodeKind.LOAD_BALANCER:
            remedy = "leave it private: the load balancer is the only way in, the NAT gateway the only way out"
            yield node.address, control, f"has public addresses by {node.public}", remedy
    first, *others = [node for node in topology.nodes_of(NodeKind.LOAD_BALANCER) if node.public] or [INTERNET]
    for node in others:
        problem = f"faces the internet by {node.public}, beside {first.address}"
        yield node.address, control, problem, "make it internal, or remove it"
    used = {
        gateway.address for each in stack.all("aws_nat_gateway") if (gateway := stack.target(each.get("allocation_id")))
    }
    for address in stack.all("aws_eip"):
        if address.address not in used:
            remedy = "remove it: public addresses are for the NAT gateways"
            yield address.address, control, "is no NAT gateway's address", remedy
