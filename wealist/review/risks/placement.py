"""What decides beside the rules who reaches a resource: the groups it wears, the routes and the filters of its subnet.

groups ─ launch template, database, Redis, endpoint    routes ─ associations, tables    filters ─ network ACLs, S3 ACLs
"""

from collections.abc import Callable, Iterator
from typing import Final

from wealist.review.changes import Action, Change, Plan
from wealist.review.difference import difference, shown
from wealist.review.finding import Finding, Kind, Severity, Words, code
from wealist.review.risks.reachability import given, is_internet_gateway, is_world, named, ports
from wealist.review.values import UNKNOWN, Value, first, is_hidden

GROUPS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "aws_db_instance": (("vpc_security_group_ids",),),
    "aws_elasticache_replication_group": (("security_group_ids",),),
    "aws_instance": (("vpc_security_group_ids",),),
    "aws_launch_template": (("vpc_security_group_ids",), ("network_interfaces", "security_groups")),
    "aws_vpc_endpoint": (("security_group_ids",),),
}
"""Type → where the security groups stand that it wears. Those of a load balancer are told with its downtime."""

_ASSOCIATIONS: Final = {"aws_main_route_table_association": "vpc_id", "aws_route_table_association": "subnet_id"}
_TABLES: Final = ("aws_default_route_table", "aws_route_table")
_ACLS: Final = ("aws_default_network_acl", "aws_network_acl")
_BLOCKS: Final = ("cidr_block", "ipv6_cidr_block")
_EVERYBODY: Final = ("/groups/global/AllUsers", "/groups/global/AuthenticatedUsers")
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#specifying-grantee-predefined-groups"""


def find(change: Change, plan: Plan) -> Iterator[Finding]:
    """What a change opens by other means than a rule of a security group."""
    if change.action not in {Action.CREATE, Action.UPDATE, Action.REPLACE}:
        return
    yield from _worn(change, plan)
    if change.type in _ASSOCIATIONS:
        yield from _associated(change, plan)
    for kinds, opened, severity, effect in _OPENED:
        if change.type in kinds:
            before = set(opened(change, change.before, plan))
            for each in opened(change, change.after, plan):
                if each not in before:
                    yield Finding(severity, Kind.EXPOSURE, change.address, (effect, " (", code(each), ")"))


def _worn(change: Change, plan: Plan) -> Iterator[Finding]:
    if change.action is Action.CREATE:
        return
    for path in GROUPS.get(change.type, ()):
        before, after = first(change.before, *path), first(change.after, *path)
        if after is UNKNOWN and change.action is Action.REPLACE and not given(change, path[0], plan):
            continue  # a new resource has what the provider gives it
        lines = tuple(difference(before, after, ".".join(path)))
        if any(line.sign != "~" for line in lines):
            words = ("wears other security groups: other rules decide who reaches it, and what it reaches",)
            yield Finding(Severity.CAUTION, Kind.EXPOSURE, change.address, words, lines)


def _associated(change: Change, plan: Plan) -> Iterator[Finding]:
    """A subnet that was there before, and follows another route table."""
    whose = _ASSOCIATIONS[change.type]
    before, after = first(change.before, "route_table_id"), first(change.after, "route_table_id")
    table = named(change, "route_table_id", after, plan)
    if change.action is Action.CREATE:
        changes = isinstance(first(change.after, whose), str)
    else:
        changes = table != named(change, "route_table_id", before, plan) or is_hidden(after)
    if changes:
        words: Words = (
            "makes ",
            named(change, whose, first(change.after, whose), plan),
            " follow the routes of ",
            table,
        )
        yield Finding(Severity.CAUTION, Kind.EXPOSURE, change.address, words)


def _ways_out(change: Change, values: Value, plan: Plan) -> Iterator[str]:
    """Routes inside a table that lead to the internet gateway, or to one that is hidden."""
    for route in _blocks(values, "route"):
        target = first(route, "gateway_id")
        if is_internet_gateway(change, route, plan) or is_hidden(target):
            yield from (block for block in _peers(route) if is_world(block))


def _let_in(change: Change, values: Value, _plan: Plan) -> Iterator[str]:
    """What the rules of a network ACL let in from everywhere."""
    if change.type in _ACLS:
        rules = [(rule, first(rule, "action")) for rule in _blocks(values, "ingress")]
    else:
        rules = [(values, first(values, "rule_action"))] if first(values, "egress") is not True else []
    for rule, action in rules:
        if action == "allow":
            yield from (f"{block}, {ports(rule, 'protocol')}" for block in _peers(rule) if is_world(block))


def _granted(_change: Change, values: Value, _plan: Plan) -> Iterator[str]:
    """What an S3 ACL grants to everybody."""
    for holder in _blocks(values, "access_control_policy"):
        for grant in _blocks(holder, "grant"):
            uri = first(grant, "grantee", "uri")
            if is_hidden(uri) or (isinstance(uri, str) and uri.endswith(_EVERYBODY)):
                yield f"{first(grant, 'permission')} to {uri}"


def _blocks(values: Value, name: str) -> list[Value]:
    found = first(values, name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _peers(rule: Value) -> list[str]:
    return [
        each if isinstance(each := first(rule, name), str) else shown(each) for name in _BLOCKS if first(rule, name)
    ]


_Opened = Callable[[Change, Value, Plan], Iterator[str]]

_OPENED: Final[tuple[tuple[tuple[str, ...], _Opened, Severity, str], ...]] = (
    (
        _TABLES,
        _ways_out,
        Severity.CAUTION,
        "leads to the internet: what has a public address in its subnets can be reached",
    ),
    (
        (*_ACLS, "aws_network_acl_rule"),
        _let_in,
        Severity.CAUTION,
        "lets everybody through the network ACL of its subnets",
    ),
    (("aws_s3_bucket_acl",), _granted, Severity.DANGER, "lets anyone use the bucket"),
)
"""Types, what of their values opens something, how bad it is, and what it means."""
