"""Systems Manager's and S3's traffic stays on the VPC's endpoints (section 2.3).

instance ─ private DNS ─► endpoint ssm, ssmmessages, ec2messages      else, by the public name: NAT → internet
instance ─ S3's route ──► gateway endpoint                            else: NAT → internet

    reachability.endpoints
"""

from collections.abc import Iterator
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.reachability.connections import Connections
from wealist.checks.reachability.parties import Party
from wealist.checks.reachability.parts import Part, Subnet
from wealist.checks.reachability.paths import INTERNET
from wealist.checks.reachability.topology import Topology
from wealist.spec.account import REGION
from wealist.spec.services import HTTPS_PORT

SYSTEMS_MANAGER: Final = ("ssm", "ssmmessages", "ec2messages")
"""What its agent talks to (section 2.1)."""
_CONTROL: Final = "reachability.endpoints"


def resolving(topology: Topology, service: str) -> list[Part]:
    """The interface endpoints that a service's usual name leads to: those with private DNS, in a VPC that has it.

    https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    """
    return [
        part
        for part in topology.playing(Party.ENDPOINTS)
        if (endpoint := topology.stack.resources[part.address]).get("service_name") == service_name(service)
        and endpoint.get("private_dns_enabled") in (True, "true")
        and topology.resolves
    ]


def service_name(service: str) -> str:
    """`com.amazonaws.ap-northeast-2.ssm`."""
    return f"com.amazonaws.{REGION}.{service}"


def strayed(connections: Connections) -> Iterator[Finding]:
    """Traffic of the instances to Systems Manager and S3 that does not pass an endpoint."""
    for fleet in connections.topology.playing(Party.EC2):
        for service in SYSTEMS_MANAGER:
            yield from _interface(connections, fleet, service)
        for subnet in fleet.subnets:
            yield from _gateway(connections, fleet, subnet)


def _interface(connections: Connections, fleet: Part, service: str) -> Iterator[Finding]:
    topology = connections.topology
    endpoints = resolving(topology, service)
    if not endpoints:
        named = [part for part in topology.playing(Party.ENDPOINTS) if part.label == f"endpoint {service}"]
        address = named[0].address if named else topology.vpc
        problem = f"leaves {service} to its public name: {_instead(connections, fleet)}"
        yield _finding(connections, address, problem, "have an interface endpoint with private DNS for it")
    for endpoint in endpoints:
        if not _reaches(connections, fleet, endpoint):
            problem = f"takes {service} to itself by private DNS, and {fleet.address} cannot reach it"
            yield _finding(connections, endpoint.address, problem, f"open tcp {HTTPS_PORT} between them")


def _gateway(connections: Connections, fleet: Part, subnet: Subnet) -> Iterator[Finding]:
    topology = connections.topology
    led = [part for part in topology.playing(Party.S3) if subnet.address in topology.gateway_endpoints[part.address]]
    served = [topology.stack.resources[part.address].get("service_name") for part in led]
    if service_name("s3") not in served:
        problem = f"has no route to an endpoint of S3: {_instead(connections, fleet, subnet.address)}"
        yield _finding(connections, subnet.address, problem, "associate its table with the gateway endpoint of S3")
    elif not any(_reaches(connections, fleet, part) for part in led):
        problem = f"is led to by {subnet.address}, and no rule lets {fleet.address} out to it"
        yield _finding(connections, led[0].address, problem, f"let tcp {HTTPS_PORT} out")


def _reaches(connections: Connections, fleet: Part, endpoint: Part) -> bool:
    return any(
        each.ports.hold(HTTPS_PORT) for each in connections.all if (each.source, each.target) == (fleet, endpoint)
    )


def _instead(connections: Connections, fleet: Part, subnet: str = "") -> str:
    """The way that the traffic takes instead."""
    path = connections.paths.shortest(fleet, INTERNET, first=subnet)
    if path is None:
        return f"{fleet.address} does not reach it at all"
    return " → ".join([fleet.address, *map(str, path)])


def _finding(connections: Connections, address: str, problem: str, remedy: str) -> Finding:
    return Finding(connections.topology.stack.name, address, _CONTROL, problem, remedy)
