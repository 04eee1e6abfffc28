"""The drawings of security groups and of IAM roles, and the traffic that security group rules allow.

rule ─┬─ group ─► resources that it is attached to ─┐
      └─ peer: group, CIDR block, endpoint ─────────┴─► Traffic
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wealist.diagram.canvas import Canvas
from wealist.diagram.drawing import Drawing
from wealist.diagram.resource_graph import ResourceGraph
from wealist.model.network import (
    ANYWHERE,
    GROUP_TYPES,
    OLD_RULE_TYPE,
    RULE_TYPES,
    NetworkRule,
    Ports,
    Unread,
    read_rules,
)
from wealist.model.stack import Resource

INTERNET: Final = "internet"
_MEMBERS: Final = (
    "aws_lb",
    "aws_autoscaling_group",
    "aws_db_instance",
    "aws_elasticache_replication_group",
    "aws_vpc_endpoint",
)
"""Types of the drawn resources that have security groups."""
_POLICIES: Final = ("aws_iam_policy", "aws_iam_role_policy")


@dataclass(frozen=True)
class Traffic:
    """The traffic that one rule allows.

    Attributes:
        source: The address of a security group or endpoint, `internet`, or a CIDR block.
        target: Like `source`.
        ports: `tcp 443`.
        rule: The address of the rule, or of the group if the rule is inline.
        is_ingress: Whether the rule is an ingress rule.
    """

    source: str
    target: str
    ports: str
    rule: str
    is_ingress: bool


def security_groups(graph: ResourceGraph) -> Drawing:
    """Draw the security groups, with an arrow and its ports for each pair that a rule connects."""
    canvas = Canvas("security_groups", graph)
    for each in traffic(graph):
        source, target = (_end(canvas, end, each) for end in (each.source, each.target))
        ports = each.ports.removeprefix("tcp ")
        canvas.link(source, target, ports, kind="traffic", flow="traffic", addresses=[each.rule])
    return canvas.drawing()


def _end(canvas: Canvas, end: str, traffic_: Traffic) -> str:
    if end in canvas.graph.resources:
        return canvas.place(end)
    if end == INTERNET:
        return canvas.add(f"{end} {'from' if traffic_.is_ingress else 'to'}", "internet")
    return canvas.add(end, "block", end)


def traffic(graph: ResourceGraph) -> list[Traffic]:
    """Return the traffic that all readable rules allow, sorted by address."""
    return [
        each
        for resource in graph.all(*RULE_TYPES, OLD_RULE_TYPE, *GROUP_TYPES)
        for rule in read_rules(resource.type, resource.values)
        for each in _traffic(graph, resource, rule)
    ]


def _traffic(graph: ResourceGraph, resource: Resource, rule: NetworkRule | Unread) -> Iterator[Traffic]:
    if isinstance(rule, Unread) or not isinstance(rule.ports, Ports):
        return
    groups = graph.targets(resource.address, *GROUP_TYPES, argument="security_group_id")
    group = resource.address if resource.type in GROUP_TYPES else next(iter(groups), "")
    peer = _peer(graph, resource, rule, group)
    is_ingress = rule.direction == "ingress"
    if group and peer:
        source, target = (peer, group) if is_ingress else (group, peer)
        yield Traffic(source, target, str(rule.ports), resource.address, is_ingress)


def _peer(graph: ResourceGraph, resource: Resource, rule: NetworkRule, group: str) -> str:
    if rule.argument == "self":
        return group
    if rule.peer_kind == "block" and str(rule.peer) == str(ANYWHERE):
        return INTERNET
    types = ("aws_vpc", "aws_subnet") if rule.peer_kind == "block" else (*GROUP_TYPES, "aws_vpc_endpoint")
    literal = str(rule.peer) if rule.peer_kind == "block" else ""
    return next(iter(graph.targets(resource.address, *types, argument=rule.argument)), literal)


def members(graph: ResourceGraph, group: str) -> list[str]:
    """Return the addresses of the resources that a security group is attached to, directly or by a launch template.

    A database that is not managed by Terraform is represented by its subnet group, and found by the group's name.
    """
    found = graph.referrers(group, *_MEMBERS)
    for template in graph.referrers(group, "aws_launch_template"):
        found += graph.referrers(template, "aws_autoscaling_group")
    if not graph.all("aws_db_instance") and graph.label(group).endswith("-rds-sg"):
        found += [each.address for each in graph.all("aws_db_subnet_group")]
    return list(dict.fromkeys(found))


def roles(graph: ResourceGraph) -> Drawing:
    """Draw the IAM roles, the principals that may assume each, and its policies."""
    canvas = Canvas("roles", graph)
    for role in graph.all("aws_iam_role"):
        node = canvas.place(role.address)
        for principal in _trusted(graph, role.address):
            id_ = canvas.add(f"principal {principal}", "principal", principal)
            canvas.link(id_, node, kind="becomes", flow="roles")
        for policy in _policies(graph, role.address):
            canvas.link(node, canvas.place(policy), kind="holds", flow="roles")
    return canvas.drawing()


def _trusted(graph: ResourceGraph, role: str) -> list[str]:
    roles_ = graph.documents.roles if graph.documents else ()
    statements = [statement for each in roles_ if each.address == role for statement in each.trust]
    principals = [principal for statement in statements for _, principal in statement.principals]
    return [principal.rpartition("oidc-provider/")[2] for principal in principals]


def _policies(graph: ResourceGraph, role: str) -> list[str]:
    attachments = graph.referrers(role, "aws_iam_role_policy_attachment")
    managed = [policy for each in attachments for policy in graph.targets(each, *_POLICIES)]
    return list(dict.fromkeys([*managed, *graph.referrers(role, "aws_iam_role_policy")]))
