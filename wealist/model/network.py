"""Read security group rules from a stack's JSON or a plan: direction, group, ports and peer.

aws_vpc_security_group_{ingress,egress}_rule ─┐
aws_security_group_rule ──────────────────────┼─► NetworkRule, one for each peer
ingress and egress of aws_security_group ─────┘

Groups and peers are raw values: references in JSON, ids and CIDR blocks in a plan.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, Final, Literal

Direction = Literal["ingress", "egress"]
PeerKind = Literal["block", "prefix list", "group"]
ANYWHERE: Final = IPv4Network("0.0.0.0/0")
EVERYTHING: Final = "-1"
LAST_PORT: Final = 65535
RULE_TYPES: Final[Mapping[str, Direction]] = {
    "aws_vpc_security_group_ingress_rule": "ingress",
    "aws_vpc_security_group_egress_rule": "egress",
}
"""Types of a single rule → its direction."""
OLD_RULE_TYPE: Final = "aws_security_group_rule"
"""The type of a rule with several peers."""
GROUP_TYPES: Final = ("aws_security_group", "aws_default_security_group")
"""Types with inline rules."""

_SELF: Final = "self"
_PEERS: Final[Mapping[str, PeerKind]] = {
    "cidr_ipv4": "block",
    "cidr_ipv6": "block",
    "cidr_blocks": "block",
    "ipv6_cidr_blocks": "block",
    "prefix_list_id": "prefix list",
    "prefix_list_ids": "prefix list",
    "referenced_security_group_id": "group",
    "source_security_group_id": "group",
    "security_groups": "group",
    _SELF: "group",
}
_PROTOCOLS: Final = {"all": EVERYTHING, "1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
_NAMED: Final = frozenset({EVERYTHING, "tcp", "udp", "icmp", "icmpv6"})
_WITH_PORTS: Final = frozenset({"tcp", "udp"})
_LAST_PROTOCOL: Final = 255


@dataclass(frozen=True)
class Unread:
    """An argument whose value is invalid, or known to AWS only.

    Attributes:
        argument: Its name.
        value: Its value.
        problem: The message: `ip_protocol = 'x' is not …`.
    """

    argument: str
    value: object = field(hash=False)
    problem: str


@dataclass(frozen=True, order=True)
class Ports:
    """A range of ports of one protocol. `-1` is every protocol; a protocol without ports has the full range.

    https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
    """

    protocol: str
    low: int = 0
    high: int = LAST_PORT

    def common(self, other: "Ports") -> "Ports | None":
        """Return the ports that both ranges contain; None without common ports."""
        if EVERYTHING in {self.protocol, other.protocol}:
            return other if self.protocol == EVERYTHING else self
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Ports(self.protocol, low, high) if self.protocol == other.protocol and low <= high else None

    def covers(self, other: "Ports") -> bool:
        """Return whether the range contains all ports of another one."""
        return self.common(other) == other

    def holds(self, tcp: int) -> bool:
        """Return whether the range contains a TCP port."""
        return self.covers(Ports("tcp", tcp, tcp))

    def within(self, tcp: frozenset[int]) -> bool:
        """Return whether all ports are TCP ports of a set."""
        few = self.high - self.low < len(tcp)
        return self.protocol == "tcp" and few and tcp.issuperset(range(self.low, self.high + 1))

    def __str__(self) -> str:
        """Return `tcp 443`, `tcp 8000-8080`, `all udp` or `every port`."""
        if self.protocol == EVERYTHING:
            return "every port"
        if (self.low, self.high) == (0, LAST_PORT):
            return f"all {self.protocol}"
        return f"{self.protocol} {self.low}" + (f"-{self.high}" if self.high > self.low else "")


@dataclass(frozen=True)
class NetworkRule:
    """Traffic that a rule allows between a security group and one peer.

    Attributes:
        direction: `ingress`: the peer may connect to the group; `egress`: the group may connect to the peer.
        group: The reference to the group; None for an inline rule, which belongs to the group that contains it.
        ports: The ports, or why they cannot be read.
        argument: The argument that names the peer: `cidr_ipv4`, `self`.
        peer: Its value, or one element of a list; for `self`, the same as `group`.
    """

    direction: Direction
    group: object
    ports: Ports | Unread
    argument: str
    peer: object

    @property
    def peer_kind(self) -> PeerKind:
        """Return the kind of the peer."""
        return _PEERS[self.argument]


def read_rules(kind: str, values: Mapping[str, Any]) -> Iterator[NetworkRule | Unread]:
    """Yield the rules of a resource, one for each peer; none for other types.

    Args:
        kind: The resource's type.
        values: Its arguments, from a stack or a plan.
    """
    if kind in RULE_TYPES:
        yield from _rules(RULE_TYPES[kind], values.get("security_group_id"), values, "ip_protocol")
    elif kind == OLD_RULE_TYPE:
        direction = values.get("type")
        if direction in ("ingress", "egress"):
            yield from _rules(direction, values.get("security_group_id"), values, "protocol")
        else:
            yield Unread("type", direction, f"type = {direction!r} is neither ingress nor egress")
    elif kind in GROUP_TYPES:
        for side in RULE_TYPES.values():
            inline = values.get(side) or []
            if not isinstance(inline, list) or not all(isinstance(each, Mapping) for each in inline):
                yield Unread(side, inline, f"{side} = {inline!r} is not a list of rules")
                continue
            for each in inline:
                yield from _rules(side, None, each, "protocol")


def read_ports(values: Mapping[str, Any], protocol: str) -> Ports | Unread:
    """Return the ports of a rule.

    Args:
        values: Its arguments: `from_port`, `to_port` and the protocol.
        protocol: The argument that names the protocol.
    """
    value = values.get(protocol)
    name = _PROTOCOLS.get(str(value), str(value))
    number = int(name) if name.isascii() and name.isdigit() else None
    if not isinstance(value, str | int) or not (name in _NAMED or (number is not None and number <= _LAST_PROTOCOL)):
        return Unread(protocol, value, f"{protocol} = {value!r} is not tcp, udp, icmp, icmpv6, a number or -1")
    low, high = values.get("from_port"), values.get("to_port")
    if name not in _WITH_PORTS or (low in (None, -1) and high in (None, -1)):
        return Ports(name)
    if isinstance(low, int) and isinstance(high, int) and 0 <= low <= high <= LAST_PORT:
        return Ports(name, low, high)
    return Unread("from_port", low, f"from_port = {low!r} and to_port = {high!r} are not a range of ports")


def address_block(value: object) -> IPv4Network | IPv6Network | None:
    """Return a CIDR block as a network; None where the value is not a literal block."""
    try:
        # ip_network also accepts integers.
        return ip_network(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _rules(
    direction: Direction, group: object, values: Mapping[str, Any], protocol: str
) -> Iterator[NetworkRule | Unread]:
    ports, peers = read_ports(values, protocol), list(_peers(values, group))
    if not peers:
        yield Unread("peer", None, f"names no peer by any of {', '.join(_PEERS)}")
    for argument, peer in peers:
        yield NetworkRule(direction, group, ports, argument, peer)


def _peers(values: Mapping[str, Any], group: object) -> Iterator[tuple[str, object]]:
    for argument in _PEERS:
        value = values.get(argument)
        if argument == _SELF:
            yield from [(argument, group)] if value in (True, "true") else []
        elif isinstance(value, list):
            yield from ((argument, each) for each in value)
        elif value is not None and value != "":
            yield argument, value
