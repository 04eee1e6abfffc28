"""Traffic to AWS stays on the VPC's endpoints, Systems Manager's and S3's above all (section 2.3).

instance ─ private DNS ─► endpoint of the service      else, by the public name: NAT → internet
instance ─ S3's route ──► gateway endpoint             else: NAT → internet

    reachability.endpoints
"""

from collections.abc import Iterator
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.reachability.connections import Connections
from wealist.checks.reachability.nodes import INTERNET, NetworkNode, NodeKind, Subnet
from wealist.checks.reachability.topology import Topology
from wealist.spec.account import REGION
from wealist.spec.services import HTTPS_PORT

SYSTEMS_MANAGER: Final = ("ssm", "ssmmessages", "ec2messages")
"""The services that its agent uses (section 2.1)."""
_CONTROL: Final = "reachability.endpoints"
_OF_AWS: Final = f"com.amazonaws.{REGION}."
_Problem = tuple[str, str, str]
"""Address, problem, remedy."""


def resolving(topology: Topology, service: str) -> list[NetworkNode]:
    """The interface endpoints that a service's usual name leads to: those with private DNS, in a VPC that has it.

    https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    """
    return [
        node
        for node in _of_service(topology, NodeKind.ENDPOINT, service)
        if topology.stack.resources[node.address].get("private_dns_enabled") in (True, "true") and topology.resolves
    ]


def bypasses_endpoint(connections: Connections) -> Iterator[Finding]:
    """Traffic of the instances to S3, Systems Manager and other services with an endpoint that does not pass it."""
    topology = connections.topology
    made = [
        str(topology.stack.resources[node.address].get("service_name")) for node in topology.nodes_of(NodeKind.ENDPOINT)
    ]
    of_aws = [name.removeprefix(_OF_AWS) for name in made if name.startswith(_OF_AWS)]
    services = dict.fromkeys((*SYSTEMS_MANAGER, *of_aws))
    for fleet in topology.nodes_of(NodeKind.INSTANCES):
        problems = [each for service in services for each in _interface(connections, fleet, service)]
        problems += [each for subnet in fleet.subnets for each in _gateway(connections, fleet, subnet)]
        for address, problem, remedy in problems:
            yield Finding(connections.topology.stack.name, address, _CONTROL, problem, remedy)


def _interface(connections: Connections, fleet: NetworkNode, service: str) -> Iterator[_Problem]:
    topology = connections.topology
    endpoints = resolving(topology, service)
    if not endpoints:
        named = _of_service(topology, NodeKind.ENDPOINT, service)
        problem = f"leaves {service} to its public name: {_instead(connections, fleet, *fleet.subnets)}"
        yield named[0].address if named else topology.vpc, problem, "have an interface endpoint with private DNS for it"
    for endpoint in endpoints:
        if not connections.reaches(fleet, endpoint, HTTPS_PORT):
            problem = f"receives all requests for {service} by private DNS, and {fleet.address} cannot reach it"
            yield endpoint.address, problem, f"open tcp {HTTPS_PORT} between them"


def _gateway(connections: Connections, fleet: NetworkNode, subnet: Subnet) -> Iterator[_Problem]:
    topology = connections.topology
    routed = [
        node
        for node in _of_service(topology, NodeKind.GATEWAY_ENDPOINT, "s3")
        if subnet.address in topology.gateway_endpoints[node.address]
    ]
    if not routed:
        problem = f"has no route to an endpoint of S3: {_instead(connections, fleet, subnet)}"
        yield subnet.address, problem, "associate its table with the gateway endpoint of S3"
    elif not any(connections.reaches(fleet, node, HTTPS_PORT) for node in routed):
        problem = f"is the route of {subnet.address} to S3, and no rule lets {fleet.address} out to it"
        yield routed[0].address, problem, f"let tcp {HTTPS_PORT} out"


def _of_service(topology: Topology, kind: NodeKind, service: str) -> list[NetworkNode]:
    resources, name = topology.stack.resources, f"{_OF_AWS}{service}"
    return [node for node in topology.nodes_of(kind) if resources[node.address].get("service_name") == name]


def _instead(connections: Connections, fleet: NetworkNode, *subnets: Subnet) -> str:
    """The way that the traffic takes instead."""
    ways = (way for subnet in subnets for way in connections.ways.leaving(fleet, subnet, INTERNET))
    way = next(ways, None)
    return " → ".join([fleet.address, *map(str, way)]) if way else f"{fleet.address} does not reach it at all"
