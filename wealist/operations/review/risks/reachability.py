"""Who may reach what by the rules of security groups, as far as one resource tells.

rule, old rule, inline rules → `Edge`s: from whom, on which ports, to which group

A model of the whole network can take the place of `gained` and `lost`: they alone say what becomes reachable.
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wealist.operations.review.changes import Change, Plan
from wealist.operations.review.difference import shown
from wealist.operations.review.finding import Code
from wealist.operations.review.values import UNKNOWN, Sensitive, Value, first, is_nothing

INGRESS: Final = "ingress"
EGRESS: Final = "egress"
WORLD: Final = ("0.0.0.0/0", "::/0")
WIDEST: Final = 8
"""A public block with a shorter prefix is most of the internet: two halves of it are all of it."""

_RULES: Final = {"aws_vpc_security_group_ingress_rule": INGRESS, "aws_vpc_security_group_egress_rule": EGRESS}
_GROUPS: Final = ("aws_security_group", "aws_default_security_group")
_ALL: Final = ("-1", "all")


@dataclass(frozen=True, slots=True)
class Edge:
    """Traffic that is allowed.

    Attributes:
        direction: `INGRESS`: the peer may reach the group; `EGRESS`: the group may reach the peer.
        group: the security group that the rule belongs to.
        peer: a CIDR block, a prefix list or another group.
        ports: `tcp 443`, or `everything`.
    """

    direction: str
    group: str
    peer: str
    ports: str

    @property
    def is_world(self) -> bool:
        """Whether the peer is the internet, or most of it."""
        network = _network(self.peer)
        return network is not None and (self.peer in WORLD or (network.is_global and network.prefixlen < WIDEST))

    @property
    def is_public(self) -> bool:
        """Whether the peer is anywhere on the internet."""
        network = _network(self.peer)
        return self.is_world or (network is not None and not network.is_private)


def gained(change: Change, plan: Plan) -> tuple[Edge, ...]:
    """What a change allows that it did not allow before."""
    before = set(_edges(change, change.before, plan))
    return tuple(edge for edge in _edges(change, change.after, plan) if edge not in before)


def lost(change: Change, plan: Plan) -> tuple[Edge, ...]:
    """What a change no longer allows."""
    after = set(_edges(change, change.after, plan))
    return tuple(edge for edge in _edges(change, change.before, plan) if edge not in after)


def named(change: Change, attribute: str, value: Value, plan: Plan) -> Code:
    """What an id stands for: an address of the plan where it is one, else the id itself."""
    if isinstance(value, str):
        return Code(plan.ids.get(value, value))
    references = plan.references.get(change.address, {}).get(attribute, ())
    return Code(references[-1] if references else shown(value))


def _edges(change: Change, values: Value, plan: Plan) -> Iterator[Edge]:
    if not isinstance(values, dict):
        return
    if change.type in _RULES:
        group = named(change, "security_group_id", values.get("security_group_id"), plan)
        for attribute in ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"):
            if not is_nothing(values.get(attribute)):
                peer = named(change, attribute, values[attribute], plan)
                yield Edge(_RULES[change.type], group, peer, _ports(values, "ip_protocol"))
    elif change.type == "aws_security_group_rule":
        group = named(change, "security_group_id", values.get("security_group_id"), plan)
        yield from _old_edges(change, values, str(values.get("type")), group, plan)
    elif change.type in _GROUPS:
        for direction in (INGRESS, EGRESS):
            rules = values.get(direction)
            for rule in rules if isinstance(rules, list) else []:
                if isinstance(rule, dict):
                    yield from _old_edges(change, rule, direction, Code(change.address), plan)


def _old_edges(change: Change, rule: dict[str, Value], direction: str, group: str, plan: Plan) -> Iterator[Edge]:
    """The edges of a rule that lists its peers."""
    ports = _ports(rule, "protocol")
    for attribute in ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups"):
        peers = rule.get(attribute)
        for peer in peers if isinstance(peers, list) else [] if is_nothing(peers) else [peers]:
            yield Edge(direction, group, named(change, attribute, peer, plan), ports)
    other = rule.get("source_security_group_id")
    if not is_nothing(other):
        yield Edge(direction, group, named(change, "source_security_group_id", other, plan), ports)
    if rule.get("self") is True:
        yield Edge(direction, group, group, ports)


def _ports(rule: dict[str, Value], protocol: str) -> str:
    name = rule.get(protocol)
    if name is UNKNOWN or isinstance(name, Sensitive):
        return f"ports {shown(name)}"
    if str(name) in _ALL:
        return "everything"
    low, high = rule.get("from_port"), rule.get("to_port")
    if is_nothing(low) or low == -1:
        return f"{name}, every port"
    return f"{name} {_port(low)}" if low == high else f"{name} {_port(low)} to {_port(high)}"


def _port(value: Value) -> str:
    return str(value) if isinstance(value, int) else shown(value)


def _network(peer: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(peer, strict=False)
    except ValueError:
        return None


def is_internet_gateway(change: Change, values: Value, plan: Plan) -> bool:
    """Whether a route leads to the internet gateway."""
    target = first(values, "gateway_id")
    name = named(change, "gateway_id", target, plan)
    return not is_nothing(target) and (name.startswith("igw-") or "aws_internet_gateway." in name)
