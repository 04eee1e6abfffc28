"""Security group rules: which connections each lets out of its group, or into it.

aws_vpc_security_group_{ingress,egress}_rule ─► Rule (direction, group, ports, peer: group, block or prefix list)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final, Literal

from wealist.checks.reachability.parties import Party
from wealist.checks.reachability.parts import Part, is_gateway
from wealist.checks.reachability.reading import Reader, absent
from wealist.checks.reachability.topology import Topology
from wealist.model.stack import Resource

_ALL: Final = "-1"
_WITH_PORTS: Final = {"tcp": "tcp", "6": "tcp", "udp": "udp", "17": "udp"}
_PEERS: Final = ("referenced_security_group_id", "cidr_ipv4", "prefix_list_id")
_DIRECTIONS: Final[dict[str, Literal["ingress", "egress"]]] = {
    "aws_vpc_security_group_ingress_rule": "ingress",
    "aws_vpc_security_group_egress_rule": "egress",
}
_ANYWHERE: Final = IPv4Network("0.0.0.0/0")
_LAST_PORT: Final = 65535


@dataclass(frozen=True, order=True)
class Ports:
    """Ports of one protocol; of `-1`, everything; of a protocol without ports, all of it.

    https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
    """

    protocol: str
    low: int = 0
    high: int = _LAST_PORT

    def meet(self, other: "Ports") -> "Ports | None":
        """What both let through."""
        if _ALL in {self.protocol, other.protocol}:
            return other if self.protocol == _ALL else self
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Ports(self.protocol, low, high) if self.protocol == other.protocol and low <= high else None

    def within(self, tcp: frozenset[int]) -> bool:
        """Whether they are TCP ports of a set alone."""
        few = self.high - self.low < len(tcp)
        return self.protocol == "tcp" and few and tcp.issuperset(range(self.low, self.high + 1))

    def hold(self, tcp: int) -> bool:
        """Whether a TCP port is among them."""
        return self.protocol == _ALL or (self.protocol == "tcp" and self.low <= tcp <= self.high)

    def __str__(self) -> str:
        """`tcp 443`, `tcp 8000-8080`, `every port`."""
        if self.protocol == _ALL:
            return "every port"
        if (self.low, self.high) == (0, _LAST_PORT):
            return f"all {self.protocol}"
        return f"{self.protocol} {self.low}" + (f"-{self.high}" if self.high > self.low else "")


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        address: Its Terraform address.
        direction: `ingress` lets in, `egress` lets out.
        group: The address of the group that it is a rule of.
        ports: Which.
        peer: From or to whom: the address of a group or gateway endpoint, or a block.
    """

    address: str
    direction: Literal["ingress", "egress"]
    group: str
    ports: Ports
    peer: str | IPv4Network

    def meets(self, part: Part, vpc: IPv4Network) -> bool:
        """Whether the peer is a part, or some of its addresses."""
        if not isinstance(self.peer, IPv4Network):
            return self.peer in {part.address, *part.groups}
        if part.party in {Party.INTERNET, Party.S3}:
            return not self.peer.subnet_of(vpc)
        return any(self.peer.overlaps(subnet.block) for subnet in part.subnets)

    def covers(self, part: Part) -> bool:
        """Whether the peer is all of a part: every address of it."""
        if not isinstance(self.peer, IPv4Network):
            return self.peer in {part.address, *part.groups}
        if part.party in {Party.INTERNET, Party.S3}:
            return self.peer == _ANYWHERE
        return all(subnet.block.subnet_of(self.peer) for subnet in part.subnets)


def read_rules(topology: Topology, reader: Reader) -> Iterator[Rule]:
    """Every rule that can be read; the reader notes the others."""
    for rule in topology.stack.all(*_DIRECTIONS):
        group = reader.resource(rule, "security_group_id", "aws_security_group")
        ports = _ports(reader, rule)
        peer = _peer(reader, rule)
        if group and ports and peer:
            yield Rule(rule.address, _DIRECTIONS[rule.type], group.address, ports, peer)


def _ports(reader: Reader, rule: Resource) -> Ports | None:
    protocol = str(rule.get("ip_protocol"))
    if protocol == _ALL:
        return Ports(_ALL)
    if protocol not in _WITH_PORTS:
        if protocol in {"icmp", "1"}:
            return Ports("icmp")
        reader.reject(rule, f"ip_protocol = {protocol!r} is not tcp, udp, icmp or -1")
        return None
    low, high = rule.get("from_port"), rule.get("to_port")
    if not (isinstance(low, int) and isinstance(high, int) and 0 <= low <= high <= _LAST_PORT):
        reader.reject(rule, f"from_port = {low!r} and to_port = {high!r} are not a range of ports")
        return None
    return Ports(_WITH_PORTS[protocol], low, high)


def _peer(reader: Reader, rule: Resource) -> str | IPv4Network | None:
    named = [argument for argument in _PEERS if not absent(rule.get(argument))]
    if len(named) != 1:
        reader.reject(rule, f"has not exactly one of {', '.join(_PEERS)}, but {' and '.join(named) or 'none'}")
        return None
    (argument,) = named
    if argument == "cidr_ipv4":
        return reader.block(rule, argument)
    type_ = "aws_security_group" if argument == "referenced_security_group_id" else "aws_vpc_endpoint"
    target = reader.resource(rule, argument, type_)
    if target and type_ == "aws_vpc_endpoint" and not is_gateway(target):
        reader.reject(rule, f"{argument} = {rule.get(argument)!r} is not a gateway endpoint's")
        return None
    return target.address if target else None
