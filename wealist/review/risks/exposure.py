"""What becomes reachable: from the internet, from further networks, or through a bucket that is no longer closed."""

from collections.abc import Iterator
from typing import Final

from wealist.review.changes import Action, Change, Plan
from wealist.review.difference import difference
from wealist.review.finding import Finding, Kind, Severity, Words, code, listed
from wealist.review.risks.reachability import (
    HIDDEN_PORTS,
    INGRESS,
    SENSITIVE,
    WORLD,
    Edge,
    gained,
    is_internet_gateway,
    lost,
)
from wealist.review.values import UNKNOWN, Value, first

PUBLIC_PORTS: Final = ("tcp 80", "tcp 443")
"""What the internet may be let in to, by the architecture; the load balancer's alone."""

SETTINGS: Final[dict[str, tuple[tuple[tuple[str, ...], tuple[Value, ...], Severity, str], ...]]] = {
    "aws_db_instance": (
        (("publicly_accessible",), (True,), Severity.DANGER, "gives the database an address on the internet"),
    ),
    "aws_subnet": (
        (("map_public_ip_on_launch",), (True,), Severity.CAUTION, "gives what starts in it an address on the internet"),
    ),
    "aws_launch_template": (
        (
            ("network_interfaces", "associate_public_ip_address"),
            (True, "true"),
            Severity.CAUTION,
            "gives instances an address on the internet",
        ),
    ),
    "aws_instance": (
        (("associate_public_ip_address",), (True,), Severity.CAUTION, "gives the instance an address on the internet"),
    ),
    "aws_lb": ((("internal",), (False,), Severity.CAUTION, "faces the internet, for whom its security groups let in"),),
    "aws_s3_bucket_acl": (
        (
            ("acl",),
            ("public-read", "public-read-write", "authenticated-read"),
            Severity.DANGER,
            "lets anyone read the bucket",
        ),
    ),
}
"""Type → path, values that expose, how bad it is, and what it means."""

BLOCKS: Final = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"""


def find(change: Change, plan: Plan) -> Iterator[Finding]:
    """What a change opens and closes. What is destroyed is told as destroyed."""
    if change.type == "aws_s3_bucket_public_access_block":
        yield from _unblocked(change, plan)
    if change.action not in {Action.CREATE, Action.UPDATE, Action.REPLACE}:
        return
    yield from (_opened(change, edge) for edge in gained(change, plan))
    yield from (_closed(change, edge) for edge in lost(change, plan))
    for path, values, severity, effect in SETTINGS.get(change.type, ()):
        before, after = first(change.before, *path), first(change.after, *path)
        if any(after == each for each in values) and not any(before == each for each in values):
            yield Finding(severity, Kind.EXPOSURE, change.address, (effect,))
    if change.type == "aws_route" and _leads_out(change, plan):
        words = ("leads to the internet: what has a public address in its subnets can be reached",)
        yield Finding(Severity.CAUTION, Kind.EXPOSURE, change.address, words)


def _opened(change: Change, edge: Edge) -> Finding:
    if edge.direction == INGRESS:
        words: Words = ("lets ", *_peer(edge), " reach ", code(edge.group), " on ", code(edge.ports))
        if edge.is_world:
            severity = Severity.CAUTION if edge.ports in PUBLIC_PORTS else Severity.DANGER
        else:
            severity = Severity.CAUTION if edge.is_public else Severity.NOTE
    else:
        words = ("lets ", code(edge.group), " reach ", *_peer(edge), " on ", code(edge.ports))
        everything = edge.is_world and (edge.ports == "everything" or edge.ports.startswith(HIDDEN_PORTS))
        severity = Severity.CAUTION if everything else Severity.NOTE
    if edge.hidden:
        severity = Severity.CAUTION
        words = (*words, f"; the peer cannot be judged: it is {SENSITIVE if edge.is_masked else UNKNOWN.value}")
    return Finding(severity, Kind.EXPOSURE, change.address, words)


def _closed(change: Change, edge: Edge) -> Finding:
    pair = (_peer(edge), (code(edge.group),))
    who, whom = pair if edge.direction == INGRESS else pair[::-1]
    words = ("no longer lets ", *who, " reach ", *whom, " on ", code(edge.ports))
    return Finding(Severity.NOTE, Kind.EXPOSURE, change.address, words)


def _peer(edge: Edge) -> Words:
    if edge.peer in WORLD:
        return ("the internet", " (", code(edge.peer), ")")
    return (*(("most of the internet, ",) if edge.is_world else ()), code(edge.peer))


def _unblocked(change: Change, plan: Plan) -> Iterator[Finding]:
    """A bucket whose four blocks are not all on."""
    if change.action is Action.DESTROY:
        bucket = first(change.before, "bucket")
        gone = {first(each.before, "id") for each in plan.changes if _is_gone(each)}
        if bucket not in gone:
            words: Words = ("no longer keeps ", code(bucket), " from becoming public")
            yield Finding(Severity.DANGER, Kind.EXPOSURE, change.address, words)
        return
    if change.action is Action.NONE or change.action is Action.FORGET:
        return
    open_now = [name for name in BLOCKS if first(change.after, name) in (False, None)]
    lines = [
        line for name in open_now for line in difference(first(change.before, name), first(change.after, name), name)
    ]
    if lines:
        words = ("no longer keeps a bucket from becoming public",)
        yield Finding(Severity.DANGER, Kind.EXPOSURE, change.address, words, tuple(lines))
    elif open_now and change.action is Action.CREATE and isinstance(change.after, dict):
        words = ("does not keep a bucket from becoming public: without ", *listed(open_now))
        yield Finding(Severity.DANGER, Kind.EXPOSURE, change.address, words)


def _is_gone(change: Change) -> bool:
    return change.type == "aws_s3_bucket" and change.action is Action.DESTROY


def _leads_out(change: Change, plan: Plan) -> bool:
    """Whether a route leads to the internet now, and did not before."""
    return _is_way_out(change, change.after, plan) and not _is_way_out(change, change.before, plan)


def _is_way_out(change: Change, values: Value, plan: Plan) -> bool:
    names = ("destination_cidr_block", "destination_ipv6_cidr_block")
    everywhere = any(first(values, name) in WORLD for name in names)
    return everywhere and is_internet_gateway(change, values, plan)
