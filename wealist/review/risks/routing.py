"""Routes, network ACLs and attached security groups that open a resource.

security groups ─ of launch templates, databases, Redis, endpoints    routes ─ associations, tables    network ACLs
"""

from collections.abc import Callable, Iterator
from typing import Final

from wealist.model.network import OLD_RULE_TYPE, RULE_TYPES, read_ports
from wealist.model.types import row
from wealist.model.values import UNKNOWN, Value
from wealist.review.changes import CREATED_OR_CHANGED, Action, Change, Plan
from wealist.review.difference import one_line
from wealist.review.finding import Finding, Kind, Severity, Words, code
from wealist.review.risks.arguments import argument_name, differing_lines, display_name, references
from wealist.review.risks.security_groups import WORLD, describe_ports, is_world
from wealist.review.values import first, first_at, is_empty, is_hidden

_ASSOCIATIONS: Final = {"aws_main_route_table_association": "vpc_id", "aws_route_table_association": "subnet_id"}
_TABLES: Final = ("aws_default_route_table", "aws_route_table")
_ACLS: Final = ("aws_default_network_acl", "aws_network_acl")
_BLOCKS: Final = ("cidr_block", "ipv6_cidr_block")


def find(change: Change, plan: Plan) -> Iterator[Finding]:
    """Report what a change opens other than by rules of security groups."""
    if change.action not in CREATED_OR_CHANGED:
        return
    if change.action is not Action.CREATE:
        yield from _other_groups(change, plan)
    if change.type in _ASSOCIATIONS:
        yield from _associated(change, plan)
    for kinds, opened, effect in _OPENED:
        if change.type in kinds:
            before = set(opened(change, change.before, plan))
            for each in opened(change, change.after, plan):
                if each not in before:
                    yield Finding(Severity.CAUTION, Kind.EXPOSURE, change.address, (effect, " (", code(each), ")"))


def _other_groups(change: Change, plan: Plan) -> Iterator[Finding]:
    known = row(change.type)
    if known is None or change.type in {*RULE_TYPES, OLD_RULE_TYPE}:
        return
    paths = (path for path, part in (known.network or {}).items() if part == "group" and path not in known.interrupts)
    for path in paths:
        before, after = first_at(change.before, path), first_at(change.after, path)
        if after is UNKNOWN and change.action is Action.REPLACE and not references(change, argument_name(path), plan):
            continue  # AWS chooses them for the new resource
        lines = differing_lines(before, after, path)
        if any(line.sign != "~" for line in lines):
            words = ("uses other security groups: different rules apply to its traffic",)
            yield Finding(Severity.CAUTION, Kind.EXPOSURE, change.address, words, lines)


def _associated(change: Change, plan: Plan) -> Iterator[Finding]:
    """Report an existing subnet or VPC that gets another route table."""
    owner_argument = _ASSOCIATIONS[change.type]
    before, after = first(change.before, "route_table_id"), first(change.after, "route_table_id")
    table = display_name(change, "route_table_id", after, plan)
    if change.action is Action.CREATE:
        changes = isinstance(first(change.after, owner_argument), str)
    else:
        changes = table != display_name(change, "route_table_id", before, plan) or is_hidden(after)
    if changes:
        owner = display_name(change, owner_argument, first(change.after, owner_argument), plan)
        words: Words = ("associates ", owner, " with the route table ", table)
        yield Finding(Severity.CAUTION, Kind.EXPOSURE, change.address, words)


def _table_internet_routes(change: Change, values: Value, plan: Plan) -> Iterator[str]:
    """Yield the blocks of a table's inline routes to an internet gateway, or to a hidden gateway."""
    for route in _blocks(values, "route"):
        target = first(route, "gateway_id")
        if _is_internet_gateway(change, route, plan) or is_hidden(target):
            yield from (block for block in _peers(route) if is_world(block))


def _acl_allows(change: Change, values: Value, _plan: Plan) -> Iterator[str]:
    """Yield the blocks and ports that a network ACL allows from everywhere."""
    if change.type in _ACLS:
        rules = [(rule, first(rule, "action")) for rule in _blocks(values, "ingress")]
    else:
        is_ingress = isinstance(values, dict) and first(values, "egress") is not True
        rules = [(values, first(values, "rule_action"))] if is_ingress else []
    for rule, action in rules:
        if action == "allow":
            yield from (
                f"{block}, {describe_ports(read_ports(rule, 'protocol'))}" for block in _peers(rule) if is_world(block)
            )


def _blocks(values: Value, name: str) -> list[Value]:
    found = first(values, name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _peers(rule: Value, prefix: str = "") -> list[str]:
    found = (first(rule, f"{prefix}{name}") for name in _BLOCKS)
    return [each if isinstance(each, str) else one_line(each) for each in found if each]


def _internet_route(change: Change, values: Value, plan: Plan) -> Iterator[str]:
    """Yield the blocks that a separate route sends to an internet gateway."""
    if _is_internet_gateway(change, values, plan):
        yield from (block for block in _peers(values, "destination_") if block in WORLD)


def _is_internet_gateway(change: Change, values: Value, plan: Plan) -> bool:
    target = first(values, "gateway_id")
    name = display_name(change, "gateway_id", target, plan)
    return not is_empty(target) and (name.startswith("igw-") or "aws_internet_gateway." in name)


_Opened = Callable[[Change, Value, Plan], Iterator[str]]
_INTERNET: Final = "routes to the internet: resources with a public address in its subnets are reachable"

_OPENED: Final[tuple[tuple[tuple[str, ...], _Opened, str], ...]] = (
    (("aws_route",), _internet_route, _INTERNET),
    (_TABLES, _table_internet_routes, _INTERNET),
    ((*_ACLS, "aws_network_acl_rule"), _acl_allows, "allows everyone through the network ACL of its subnets"),
)
"""Types, function that yields what their values open, and the effect."""
