"""Traffic that security group rules of one resource allow or no longer allow, and buckets that may become public.

rules before and after → `Edge`s: peer, ports, group → edges that the other side does not cover
"""

import functools
import ipaddress
from collections.abc import Iterator
from typing import Final, NamedTuple

from wealist.checks.rules.engine import rules_of
from wealist.model.network import EVERYTHING, NetworkRule, Ports, Unread, read_rules
from wealist.model.values import UNKNOWN, Value
from wealist.review.changes import CREATED_OR_CHANGED, Action, Change, Plan
from wealist.review.difference import one_line
from wealist.review.finding import Code, Finding, Kind, Severity, Words, code
from wealist.review.risks.arguments import SENSITIVE, display_name, is_masked, references
from wealist.review.values import first, is_hidden

INGRESS: Final = "ingress"
WORLD: Final = ("0.0.0.0/0", "::/0")
PUBLIC_PORTS: Final = frozenset({80, 443})
"""Ports of the load balancer, which the internet may reach by the architecture."""
WIDEST: Final = 8
"""A public block with a shorter prefix counts as the internet: two halves cover all of it."""

_GROUP: Final = "security_group_id"
_RESOURCES: Final = ("aws_", "module.")
_NETWORKS: Final = ("aws_vpc.", "aws_subnet.", "aws_eip.")
"""Resources whose addresses a rule may refer to without allowing the whole internet."""


class Edge(NamedTuple):
    """Allowed traffic between a security group and a peer.

    Attributes:
        direction: `ingress`: the peer may reach the group; `egress`: the group may reach the peer.
        group: The security group of the rule.
        peer: A CIDR block, a prefix list or another group.
        ports: The ports, or the argument that cannot be read.
        hidden: Whether the plan does not show the peer.
    """

    direction: str
    group: Code
    peer: Code
    ports: Ports | Unread
    hidden: bool

    @property
    def shows_all(self) -> bool:
        """Whether nothing is masked; otherwise it may have changed."""
        return isinstance(self.ports, Ports) and not is_masked(self.peer)

    @property
    def is_world(self) -> bool:
        """Whether the peer is the internet or most of it."""
        return is_world(self.peer)

    @property
    def is_public(self) -> bool:
        """Whether the peer has public addresses."""
        block = _block(self.peer)
        return self.is_world or (block is not None and not block.is_private)

    def covers(self, other: "Edge") -> bool:
        """Return whether this edge allows all traffic of another one."""
        if self[:2] != other[:2] or not isinstance(self.ports, Ports) or not isinstance(other.ports, Ports):
            return False
        return other.shows_all and self.ports.covers(other.ports) and _includes(self.peer, other.peer)


def find(change: Change, plan: Plan) -> Iterator[Finding]:
    """Report the traffic that a change allows or no longer allows."""
    if change.type == "aws_s3_bucket_public_access_block" and change.action is Action.DESTROY:
        yield from _unblocked(change, plan)
    if change.action in CREATED_OR_CHANGED:
        before, after = (list(_edges(change, side, plan)) for side in (change.before, change.after))
        yield from (_opened(change, edge) for edge in _without(after, before))
        yield from (_closed(change, edge) for edge in _without(before, after))


def is_world(peer: str) -> bool:
    """Return whether a CIDR block is the internet or most of it."""
    block = _block(peer)
    return block is not None and (peer in WORLD or (block.is_global and block.prefixlen < WIDEST))


def describe_ports(ports: Ports | Unread) -> str:
    """Return `tcp 443`, `every port`, or the value that cannot be read: `ip_protocol = (sensitive)`."""
    return f"{ports}" if isinstance(ports, Ports) else f"{ports.argument} = {one_line(ports.value)}"


def _without(edges: list[Edge], others: list[Edge]) -> Iterator[Edge]:
    same = set(map(_key, others))
    for edge in dict.fromkeys(edges):
        is_same = edge.shows_all and _key(edge) in same
        if not is_same and not any(other.covers(edge) for other in others):
            yield edge


def _key(edge: Edge) -> tuple[object, ...]:
    return (*edge[:3], describe_ports(edge.ports))


def _edges(change: Change, values: Value, plan: Plan) -> Iterator[Edge]:
    for rule in read_rules(change.type, values) if isinstance(values, dict) else ():
        if isinstance(rule, NetworkRule):
            group = _group(change, rule.group, plan)
            is_self = rule.argument == "self"
            peer = group if is_self else display_name(change, rule.argument, rule.peer, plan)
            hidden = not is_self and _is_hidden(change, rule, plan)
            yield Edge(rule.direction, group, peer, rule.ports, hidden)
        elif rule.argument == "type" and is_hidden(rule.value):
            yield Edge(INGRESS, _group(change, values.get(_GROUP), plan), code(rule.value), rule, hidden=True)


def _group(change: Change, group: Value, plan: Plan) -> Code:
    return Code(change.address) if group is None else display_name(change, _GROUP, group, plan)


def _is_hidden(change: Change, rule: NetworkRule, plan: Plan) -> bool:
    """Return whether neither the plan nor the configuration shows the peer."""
    sources = _NETWORKS if rule.peer_kind == "block" else _RESOURCES
    addresses = references(change, rule.argument, plan) if rule.peer is UNKNOWN else ()
    return is_hidden(rule.peer) and not (addresses and addresses[-1].removeprefix("data.").startswith(sources))


def _opened(change: Change, edge: Edge) -> Finding:
    ports = code(describe_ports(edge.ports))
    if edge.direction == INGRESS:
        words: Words = ("allows traffic from ", *_peer(edge), " to ", edge.group, " on ", ports)
        severity = _severity(edge)
    else:
        words = ("allows traffic from ", edge.group, " to ", *_peer(edge), " on ", ports)
        everything = isinstance(edge.ports, Unread) or edge.ports.protocol == EVERYTHING
        severity = Severity.CAUTION if edge.is_world and everything else Severity.NOTE
    if edge.hidden:
        severity = Severity.CAUTION
        words = (*words, f"; the peer cannot be judged: it is {SENSITIVE if is_masked(edge.peer) else UNKNOWN.value}")
    return Finding(severity, Kind.EXPOSURE, change.address, words)


def _severity(edge: Edge) -> Severity:
    """Return the severity of a peer's access to a group."""
    if edge.is_world:
        expected = isinstance(edge.ports, Ports) and edge.ports.within(PUBLIC_PORTS)
        return Severity.CAUTION if expected else Severity.DANGER
    return Severity.CAUTION if edge.is_public else Severity.NOTE


def _closed(change: Change, edge: Edge) -> Finding:
    pair: tuple[Words, Words] = (_peer(edge), (edge.group,))
    source, target = pair if edge.direction == INGRESS else pair[::-1]
    words = ("no longer allows traffic from ", *source, " to ", *target, " on ", code(describe_ports(edge.ports)))
    return Finding(Severity.NOTE, Kind.EXPOSURE, change.address, words)


def _peer(edge: Edge) -> Words:
    if edge.peer in WORLD:
        return ("the internet", " (", edge.peer, ")")
    return (*(("most of the internet, ",) if edge.is_world else ()), edge.peer)


def _includes(wide: str, narrow: str) -> bool:
    """Return whether a peer equals another one or is a block that includes it."""
    one, other = _block(wide), _block(narrow)
    if isinstance(one, ipaddress.IPv4Network) and isinstance(other, ipaddress.IPv4Network):
        return other.subnet_of(one)
    if isinstance(one, ipaddress.IPv6Network) and isinstance(other, ipaddress.IPv6Network):
        return other.subnet_of(one)
    return wide == narrow


@functools.lru_cache(maxsize=4096)
def _block(peer: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(peer, strict=False)
    except ValueError:
        return None


def _unblocked(change: Change, plan: Plan) -> Iterator[Finding]:
    """Report a remaining bucket whose public access block is destroyed."""
    kept = any(first(change.before, rule.path) is True for rule in rules_of(change.type))
    bucket = first(change.before, "bucket")
    buckets = (each for each in plan.changes if each.type == "aws_s3_bucket" and each.action is Action.DESTROY)
    if kept and bucket not in {first(each.before, "id") for each in buckets}:
        words: Words = ("no longer blocks public access to ", code(bucket))
        yield Finding(Severity.DANGER, Kind.EXPOSURE, change.address, words)
