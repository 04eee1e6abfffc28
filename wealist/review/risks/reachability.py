"""Who may reach what by the rules of security groups, as far as one resource tells.

rule, old rule, inline rules → `Edge`s: from whom, on which ports, to which group

A model of the whole network can take the place of `gained` and `lost`: they alone say what becomes reachable.
"""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wealist.review.changes import Change, Plan
from wealist.review.difference import shown
from wealist.review.finding import Code
from wealist.review.secrets import MASK
from wealist.review.values import UNKNOWN, Sensitive, Value, first, is_hidden, is_nothing

INGRESS: Final = "ingress"
EGRESS: Final = "egress"
WORLD: Final = ("0.0.0.0/0", "::/0")
HIDDEN_PORTS: Final = "ports"
"""What ports of a hidden protocol begin with."""
SENSITIVE: Final = "sensitive"
"""Why something cannot be judged, where it is not unknown."""
WIDEST: Final = 8
"""A public block with a shorter prefix is most of the internet: two halves of it are all of it."""

_RULES: Final = {"aws_vpc_security_group_ingress_rule": INGRESS, "aws_vpc_security_group_egress_rule": EGRESS}
_GROUPS: Final = ("aws_security_group", "aws_default_security_group")
_ALL: Final = ("-1", "all")
_MADE: Final = ("aws_", "module.")
_NETWORKS: Final = ("aws_vpc.", "aws_subnet.", "aws_eip.")
"""What a peer's address may come from, and be known by: never the whole internet."""
_INDEX: Final = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
"""The instance in an address: the configuration has none."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Traffic that is allowed.

    Attributes:
        direction: `INGRESS`: the peer may reach the group; `EGRESS`: the group may reach the peer.
        group: the security group that the rule belongs to.
        peer: a CIDR block, a prefix list or another group.
        ports: `tcp 443`, or `everything`.
        hidden: nobody can say here who the peer is.
    """

    direction: str
    group: str
    peer: str
    ports: str
    hidden: bool = False

    @property
    def is_world(self) -> bool:
        """Whether the peer is the internet, or most of it."""
        return is_world(self.peer)

    @property
    def is_masked(self) -> bool:
        """Whether a part of it is not shown: then nobody can say that it is as it was."""
        return MASK in self.peer or MASK in self.ports

    @property
    def is_public(self) -> bool:
        """Whether the peer is anywhere on the internet."""
        network = _network(self.peer)
        return self.is_world or (network is not None and not network.is_private)


def gained(change: Change, plan: Plan) -> tuple[Edge, ...]:
    """What a change allows that it did not allow before."""
    before = set(_edges(change, change.before, plan))
    return tuple(edge for edge in _edges(change, change.after, plan) if edge not in before or edge.is_masked)


def lost(change: Change, plan: Plan) -> tuple[Edge, ...]:
    """What a change no longer allows."""
    after = set(_edges(change, change.after, plan))
    return tuple(edge for edge in _edges(change, change.before, plan) if edge not in after)


def named(change: Change, attribute: str, value: Value, plan: Plan) -> Code:
    """What an id stands for: an address of the plan where it is one, else the id itself."""
    if isinstance(value, str):
        return Code(plan.ids.get(value, value))
    references = given(change, attribute, plan)
    return Code(references[-1] if references and not is_masked(value) else shown(value))


def given(change: Change, attribute: str, plan: Plan) -> tuple[str, ...]:
    """What the configuration refers to for an attribute: nothing where the provider itself sets it."""
    return plan.references.get(_INDEX.sub("", change.address), {}).get(attribute, ())


def is_masked(value: Value) -> bool:
    """Whether a value is sensitive, or a part of it."""
    return MASK in shown(value)


def is_world(peer: str) -> bool:
    """Whether a CIDR block is the internet, or most of it."""
    network = _network(peer)
    return network is not None and (peer in WORLD or (network.is_global and network.prefixlen < WIDEST))


def _edges(change: Change, values: Value, plan: Plan) -> Iterator[Edge]:
    if not isinstance(values, dict):
        return
    if change.type in _RULES:
        group = named(change, "security_group_id", values.get("security_group_id"), plan)
        for attribute in ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"):
            if not is_nothing(values.get(attribute)):
                opened = ports(values, "ip_protocol")
                yield _edge(change, _RULES[change.type], group, (attribute, values[attribute]), opened, plan)
    elif change.type == "aws_security_group_rule":
        group = named(change, "security_group_id", values.get("security_group_id"), plan)
        direction = EGRESS if values.get("type") == EGRESS else INGRESS
        yield from _old_edges(change, values, direction, group, plan)
    elif change.type in _GROUPS:
        for direction in (INGRESS, EGRESS):
            rules = values.get(direction)
            for rule in rules if isinstance(rules, list) else []:
                if isinstance(rule, dict):
                    yield from _old_edges(change, rule, direction, Code(change.address), plan)


def _old_edges(change: Change, rule: dict[str, Value], direction: str, group: str, plan: Plan) -> Iterator[Edge]:
    """The edges of a rule that lists its peers."""
    opened = ports(rule, "protocol")
    for attribute in ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups"):
        peers = rule.get(attribute)
        for peer in peers if isinstance(peers, list) else [] if is_nothing(peers) else [peers]:
            yield _edge(change, direction, group, (attribute, peer), opened, plan)
    other = rule.get("source_security_group_id")
    if not is_nothing(other):
        yield _edge(change, direction, group, ("source_security_group_id", other), opened, plan)
    if rule.get("self") is True:
        yield Edge(direction, group, group, opened)


def _edge(change: Change, direction: str, group: str, peer: tuple[str, Value], opened: str, plan: Plan) -> Edge:
    """An edge whose peer is the value of an attribute. A peer of this plan is told by the configuration."""
    attribute, value = peer
    telling = _NETWORKS if "cidr" in attribute else _MADE
    references = given(change, attribute, plan)
    told = value is UNKNOWN and bool(references) and references[-1].removeprefix("data.").startswith(telling)
    return Edge(direction, group, named(change, attribute, value, plan), opened, hidden=is_hidden(value) and not told)


def ports(rule: dict[str, Value], protocol: str) -> str:
    """What a rule opens: `tcp 443`, `everything`. `protocol` is the attribute that names the protocol."""
    name = rule.get(protocol)
    if name is UNKNOWN or isinstance(name, Sensitive):
        return f"{HIDDEN_PORTS} {shown(name)}"
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
