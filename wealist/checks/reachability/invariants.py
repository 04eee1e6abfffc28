"""Check what must hold of every connection, rule, subnet and public address of an environment.

connections ─► internet, data_tier, load_balancer, endpoints      rules ─► internet, outward, edges
subnets, nodes ─► tiers                                           public addresses ─► public_address

Any other connection is allowed, and appears in the matrix.

Requests of instances to AWS must go through the VPC's endpoints (section 2.3):
    an interface endpoint, to which private DNS resolves the service's public name
    the gateway endpoint of S3, to which the subnets have a route
Otherwise they leave through the NAT gateway.
"""

from collections.abc import Callable, Iterator
from ipaddress import IPv4Network
from itertools import product
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.reachability.connections import Connection, Connections, Rule
from wealist.checks.reachability.listeners import serving_fleets
from wealist.checks.reachability.nodes import INTERNET, NetworkNode, NodeKind, Subnet
from wealist.checks.reachability.topology import SERVICE_PREFIX, SYSTEMS_MANAGER, Topology
from wealist.spec.account import REGION
from wealist.spec.environment import Environment
from wealist.spec.services import HTTP_PORT, HTTPS_PORT, POSTGRESQL_PORT, REDIS_PORT

_WEB_PORTS: Final = frozenset({HTTP_PORT, HTTPS_PORT})
_HTTPS: Final = frozenset({HTTPS_PORT})
_DATA_PORTS: Final = {NodeKind.DATABASE: POSTGRESQL_PORT, NodeKind.CACHE: REDIS_PORT}
"""Kinds of nodes in the data tier → AWS's default port."""
_OPENS: Final = "remove or narrow the rule or route in brackets, or attach another security group"
_Violation = tuple[str, str, str, str]
"""Address, control without its prefix, problem, remedy."""


def violations(connections: Connections, environment: Environment) -> Iterator[Finding]:
    """Report each violated invariant; for a rule that violates several, only the most severe."""
    rules = {rule.address for rule in connections.rules}
    reported: set[str] = set()
    for address, control, problem, remedy in _by_severity(connections, environment):
        if address not in rules or address not in reported:
            reported.add(address)
            yield Finding(connections.topology.stack.name, address, f"reachability.{control}", problem, remedy)


def bypasses_endpoint(connections: Connections) -> Iterator[Finding]:
    """Report requests of instances to S3, Systems Manager or a service with an endpoint that do not go through it."""
    topology = connections.topology
    for fleet in topology.nodes_of(NodeKind.INSTANCES):
        problems = [
            each for service in _services(topology) for each in _interface_problems(connections, fleet, service)
        ]
        problems += [each for subnet in fleet.subnets for each in _gateway_problems(connections, fleet, subnet)]
        for address, problem, remedy in problems:
            yield Finding(topology.stack.name, address, "reachability.endpoints", problem, remedy)


def _services(topology: Topology) -> list[str]:
    """Return the services that instances must reach by an interface endpoint."""
    resources = topology.stack.resources
    names = [str(resources[node.address].get("service_name")) for node in topology.nodes_of(NodeKind.ENDPOINT)]
    with_endpoint = [name.removeprefix(SERVICE_PREFIX) for name in names if name.startswith(SERVICE_PREFIX)]
    return list(dict.fromkeys((*SYSTEMS_MANAGER, *with_endpoint)))


def _interface_problems(connections: Connections, fleet: NetworkNode, service: str) -> Iterator[tuple[str, str, str]]:
    topology = connections.topology
    endpoints = topology.private_dns_endpoints(service)
    if not endpoints:
        without_dns = topology.endpoints(NodeKind.ENDPOINT, service)
        problem = f"leaves {service} to its public name: {_path_instead(connections, fleet, *fleet.subnets)}"
        address = without_dns[0].address if without_dns else topology.vpc
        yield address, problem, "add an interface endpoint with private DNS for it"
    for endpoint in endpoints:
        if not connections.reaches(fleet, endpoint, HTTPS_PORT):
            problem = f"receives all requests for {service} by private DNS, and {fleet.address} cannot reach it"
            yield endpoint.address, problem, f"open tcp {HTTPS_PORT} between them"


def _gateway_problems(connections: Connections, fleet: NetworkNode, subnet: Subnet) -> Iterator[tuple[str, str, str]]:
    topology = connections.topology
    endpoints = topology.endpoints(NodeKind.GATEWAY_ENDPOINT, "s3")
    routed = [node for node in endpoints if subnet.address in topology.gateway_endpoints[node.address]]
    if not routed:
        problem = f"has no route to an endpoint of S3: {_path_instead(connections, fleet, subnet)}"
        yield subnet.address, problem, "associate its route table with the gateway endpoint of S3"
    elif not any(connections.reaches(fleet, node, HTTPS_PORT) for node in routed):
        problem = f"is the route of {subnet.address} to S3, and no egress rule of {fleet.address} allows it"
        yield routed[0].address, problem, f"allow egress on tcp {HTTPS_PORT}"


def _path_instead(connections: Connections, fleet: NetworkNode, *subnets: Subnet) -> str:
    """Return the path of requests that do not go through an endpoint, as text."""
    paths = (path for subnet in subnets for path in connections.paths.outbound(fleet, subnet, INTERNET))
    path = next(paths, None)
    return " → ".join([fleet.address, *map(str, path)]) if path else f"{fleet.address} does not reach it at all"


def _by_severity(connections: Connections, environment: Environment) -> Iterator[_Violation]:
    """Yield the most severe ones first."""
    yield from _forbidden_connections(connections, environment)
    yield from _rules_for_blocks(connections)
    yield from _data_tier_egress(connections)
    yield from _one_sided_rules(connections)
    yield from _unreachable_ports(connections, environment)
    yield from _nodes_without_group(connections.topology)
    yield from _subnet_problems(connections.topology, environment)
    yield from _public_addresses(connections.topology)


def _forbidden_connections(connections: Connections, environment: Environment) -> Iterator[_Violation]:
    """Yield each connection that must not exist, those with the shortest path first."""
    route_ports = frozenset(route.port for route in environment.routes)
    claims: tuple[tuple[str, Callable[[Connection], bool]], ...] = (
        ("internet", lambda each: each.source is not INTERNET or _is_web(each)),
        ("data_tier", lambda each: each.target.kind not in _DATA_PORTS or _is_query(connections.topology, each)),
        (
            "load_balancer",
            lambda each: (
                each.source.kind is not NodeKind.LOAD_BALANCER
                or (each.target.kind is NodeKind.INSTANCES and each.ports.within(route_ports))
            ),
        ),
        ("endpoints", lambda each: each.target.kind is not NodeKind.ENDPOINT or each.ports.within(_HTTPS)),
    )
    ordered = sorted(connections.all, key=lambda each: (len(each.path), each.ingress, each.egress))
    for control, holds in claims:
        for each in ordered:
            if not holds(each):
                rule = each.egress if control == "load_balancer" else each.ingress
                yield rule or each.target.address, control, f"opens {each}", _OPENS


def _is_web(connection: Connection) -> bool:
    return connection.target.kind is NodeKind.LOAD_BALANCER and connection.ports.within(_WEB_PORTS)


def _is_query(topology: Topology, connection: Connection) -> bool:
    port = _data_port(topology, connection.target)
    return connection.source.kind is NodeKind.INSTANCES and connection.ports.within(frozenset({port}))


def _data_port(topology: Topology, node: NetworkNode) -> int:
    port = topology.stack.resources[node.address].get("port")
    return port if isinstance(port, int) else _DATA_PORTS[node.kind]


def _rules_for_blocks(connections: Connections) -> Iterator[_Violation]:
    """Yield each ingress rule for a block other than the whole VPC, except the load balancer's on its web ports."""
    for rule in connections.rules:
        if rule.direction == "egress" or not isinstance(rule.peer, IPv4Network):
            continue
        owners = connections.topology.nodes_with_group(rule.group)
        web = all(node.kind is NodeKind.LOAD_BALANCER for node in owners) and rule.ports.within(_WEB_PORTS)
        action = f"connect to {', '.join(node.address for node in owners) or rule.group} on {rule.ports}"
        if _is_outside(connections, rule) and not web:
            problem = f"allows {rule.peer}, which reaches beyond the VPC, to {action}"
            yield rule.address, "internet", problem, "allow the internet only 80 and 443 of the load balancer"
        elif rule.peer != connections.topology.block and not web:
            problem = f"allows {rule.peer}, a part of the VPC, to {action}"
            yield rule.address, "edges", problem, "refer to the security group of the callers: addresses are reassigned"


def _data_tier_egress(connections: Connections) -> Iterator[_Violation]:
    """Yield each egress rule of the data tier, whatever its peer is."""
    for node, rule in product(connections.topology.nodes_of(*_DATA_PORTS), connections.rules):
        if rule.direction == "egress" and rule.group in node.groups:
            problem = f"allows {node.address} to open connections to {rule.peer} on {rule.ports}"
            yield rule.address, "outward", problem, "remove the rule"


def _one_sided_rules(connections: Connections) -> Iterator[_Violation]:
    """Yield each rule without a matching rule at its other end, and each subnet without a route to the peer."""
    for rule in connections.rules:
        from_or_to = "from" if rule.direction == "ingress" else "to"
        opens = f"opens {rule.ports} of {rule.group} {from_or_to} {rule.peer}"
        owners = connections.topology.nodes_with_group(rule.group)
        if not owners:
            yield rule.address, "edges", f"{opens}, but {rule.group} is not attached", "attach it, or remove both"
        elif not _has_counterpart(connections, rule, owners):
            missing = "egress" if rule.direction == "ingress" else "ingress"
            remedy = f"add a rule at the other end for {rule.ports}, or remove this one"
            yield rule.address, "edges", f"{opens}, but no {missing} rule of the other end allows it", remedy
        for owner, subnet in ((node, subnet) for node in owners for subnet in node.subnets):
            if not _has_path(connections, rule, owner, subnet):
                problem = f"has no path {from_or_to} {rule.peer} for {owner.address}, which {rule.address} opens"
                yield subnet.address, "edges", problem, "add a route, or remove the rule"


def _has_counterpart(connections: Connections, rule: Rule, owners: list[NetworkNode]) -> bool:
    """Return whether a rule at the other end allows the same ports. For a block, one node in it is enough."""
    if isinstance(rule.peer, IPv4Network):
        if rule.direction == "ingress" or _is_outside(connections, rule):
            return True
        others = [node for node in connections.topology.nodes if rule.meets(node, connections.topology.block)]
        peers = frozenset(group for node in others for group in node.groups)
    elif rule.peer in connections.topology.gateway_endpoints:
        return True
    else:
        peers = frozenset({rule.peer} if connections.topology.nodes_with_group(rule.peer) else ())
    return any(
        other.direction != rule.direction
        and other.group in peers
        and other.ports.covers(rule.ports)
        and (other.peer == rule.group or all(other.covers(owner) for owner in owners))
        for other in connections.rules
    )


def _has_path(connections: Connections, rule: Rule, owner: NetworkNode, subnet: Subnet) -> bool:
    """Return whether routes lead to a rule's peer. Within the VPC they always do."""
    if rule.peer in connections.topology.gateway_endpoints:
        target = next(node for node in connections.topology.nodes if node.address == rule.peer)
    elif _is_outside(connections, rule):
        target = INTERNET
    else:
        return True
    if rule.direction == "ingress":
        # Other nodes must not accept connections from the internet, which another control reports.
        return owner.kind is not NodeKind.LOAD_BALANCER or connections.paths.inbound(owner, subnet) is not None
    return any(connections.paths.outbound(owner, subnet, target))


def _is_outside(connections: Connections, rule: Rule) -> bool:
    """Return whether the peer is a block that reaches beyond the VPC."""
    return isinstance(rule.peer, IPv4Network) and not rule.peer.subnet_of(connections.topology.block)


def _unreachable_ports(connections: Connections, environment: Environment) -> Iterator[_Violation]:
    """Yield each load balancer, fleet of a route and data store that its callers cannot reach on its port."""
    topology = connections.topology
    balancers, instances = topology.nodes_of(NodeKind.LOAD_BALANCER), topology.nodes_of(NodeKind.INSTANCES)
    sources = {NodeKind.INTERNET: [INTERNET], NodeKind.LOAD_BALANCER: balancers, NodeKind.INSTANCES: instances}
    needs = [(NodeKind.INTERNET, node, port) for node, port in product(balancers, sorted(_WEB_PORTS))]
    for route in environment.routes:
        fleets = {fleet.address for fleet in serving_fleets(topology.stack, route)}
        needs += [(NodeKind.LOAD_BALANCER, node, route.port) for node in instances if node.address in fleets]
    needs += [(NodeKind.INSTANCES, node, _data_port(topology, node)) for node in topology.nodes_of(*_DATA_PORTS)]
    for kind, node, port in needs:
        if not any(connections.reaches(source, node, port) for source in sources[kind]):
            problem = f"listens on tcp {port}, which {kind} cannot reach"
            yield node.address, "edges", problem, "add the rules at both ends"


def _nodes_without_group(topology: Topology) -> Iterator[_Violation]:
    for node in topology.nodes:
        if node.subnets and not node.groups:
            problem = "has no security group of this stack, so AWS attaches the VPC's default one"
            yield node.address, "edges", problem, "attach a group of this stack"


def _subnet_problems(topology: Topology, environment: Environment) -> Iterator[_Violation]:
    """Yield each missing or wrongly routed subnet, and each node in a public subnet other than a load balancer."""
    if topology.block != IPv4Network(environment.network.cidr):
        problem = f"has the block {topology.block}, but {environment.name} specifies {environment.network.cidr}"
        yield topology.vpc, "tiers", problem, "use the specified block"
    built = {(subnet.zone, subnet.block): subnet for subnet in topology.subnets.values()}
    misrouted = set()
    for (zone, block), public in sorted(_specified_subnets(environment).items()):
        subnet = built.get((zone, block))
        if subnet is None:
            problem = f"has no subnet {block} in {zone}, which {environment.name} specifies"
            yield topology.vpc, "tiers", problem, "add the subnet"
        elif public is not topology.is_public(subnet):
            misrouted.add(subnet)
            routes = ", ".join(route.by for route in topology.routes.get(subnet.address, ())) or "no default route"
            problem = f"is specified as {'public' if public else 'private'}, but its route table has {routes}"
            remedy = "route public subnets to the internet gateway, and private ones never"
            yield subnet.address, "tiers", problem, remedy
    for node in topology.nodes:
        # For a private subnet with a wrong route, report only the subnet.
        exposed = [each.address for each in node.subnets if topology.is_public(each) and each not in misrouted]
        if exposed and node.kind is not NodeKind.LOAD_BALANCER:
            problem = f"is in {', '.join(exposed)}, which has a route to an internet gateway"
            yield node.address, "tiers", problem, "move it to the private subnets"


def _specified_subnets(environment: Environment) -> dict[tuple[str, IPv4Network], bool]:
    """Map the zone and block of each subnet to whether it is public."""
    layout = environment.network.subnets
    return {
        (f"{REGION}{zone}", IPv4Network(block)): blocks is layout.public
        for blocks in (layout.public, layout.private)
        for zone, block in blocks.items()
    }


def _public_addresses(topology: Topology) -> Iterator[_Violation]:
    """Yield each public address except those of one load balancer and of the NAT gateways."""
    control, stack = "public_address", topology.stack
    for node in topology.nodes:
        if node.public and node.kind is not NodeKind.LOAD_BALANCER:
            remedy = "keep it private: connections enter by the load balancer, and leave by the NAT gateway"
            yield node.address, control, f"has public addresses by {node.public}", remedy
    first, *others = [node for node in topology.nodes_of(NodeKind.LOAD_BALANCER) if node.public] or [INTERNET]
    for node in others:
        problem = f"has public addresses by {node.public}, as {first.address} has"
        yield node.address, control, problem, "make it internal, or remove it"
    used = {
        gateway.address for each in stack.all("aws_nat_gateway") if (gateway := stack.target(each.get("allocation_id")))
    }
    for address in stack.all("aws_eip"):
        if address.address not in used:
            remedy = "remove it: only NAT gateways need public addresses"
            yield address.address, control, "does not belong to a NAT gateway", remedy
