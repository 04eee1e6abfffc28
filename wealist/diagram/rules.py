"""Traffic by security group rules, with what each group is attached to.

rule ─┬─ group ─► nodes it is attached to ─┐
      └─ peer: group, block, endpoint ─────┴─► Traffic
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wealist.diagram.reading import Reading
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
_ATTACHED: Final = (
    "aws_lb",
    "aws_autoscaling_group",
    "aws_db_instance",
    "aws_elasticache_replication_group",
    "aws_vpc_endpoint",
)
_RULE_ARGUMENTS: Final = ("referenced_security_group_id", "source_security_group_id", "prefix_list_id", "self")


@dataclass(frozen=True)
class Traffic:
    """What one rule allows.

    Attributes:
        source: The address of a group or endpoint, `internet`, or a block.
        target: The same.
        ports: `tcp 443`, as the rule has it.
        rule: The address of the resource that holds it.
        is_ingress: Whether it lets in.
    """

    source: str
    target: str
    ports: str
    rule: str
    is_ingress: bool


def traffic(reading: Reading) -> list[Traffic]:
    """What every readable rule allows, in the order of addresses."""
    rules = reading.all(*RULE_TYPES, OLD_RULE_TYPE, *GROUP_TYPES)
    return [
        each
        for resource in rules
        for rule in read_rules(resource.type, resource.values)
        for each in _traffic(reading, resource, rule)
    ]


def attached(reading: Reading, group: str) -> list[str]:
    """The addresses of what a group is attached to: directly, by a launch template, or by the name of one by hand."""
    found = reading.referrers(group, *_ATTACHED)
    templates = reading.referrers(group, "aws_launch_template")
    found += [each for template in templates for each in reading.referrers(template, "aws_autoscaling_group")]
    if not reading.all("aws_db_instance") and reading.label(group).endswith("-rds-sg"):
        found += [each.address for each in reading.all("aws_db_subnet_group")]
    return list(dict.fromkeys(found))


def _traffic(reading: Reading, resource: Resource, rule: NetworkRule | Unread) -> Iterator[Traffic]:
    if isinstance(rule, Unread) or not isinstance(rule.ports, Ports):
        return
    inside = resource.type in GROUP_TYPES
    group = (
        resource.address
        if inside
        else next(iter(reading.targets(resource.address, *GROUP_TYPES, argument="security_group_id")), "")
    )
    peer = _peer(reading, resource, rule, group)
    if group and peer:
        ends = (peer, group) if rule.direction == "ingress" else (group, peer)
        yield Traffic(*ends, str(rule.ports), resource.address, rule.direction == "ingress")


def _peer(reading: Reading, resource: Resource, rule: NetworkRule, group: str) -> str:
    if rule.argument == "self":
        return group
    if rule.peer_kind == "block":
        targets = reading.targets(resource.address, "aws_vpc", "aws_subnet", argument=rule.argument)
        return INTERNET if str(rule.peer) == str(ANYWHERE) else targets[0] if targets else str(rule.peer)
    return next(iter(reading.targets(resource.address, *GROUP_TYPES, "aws_vpc_endpoint", argument=rule.argument)), "")
