"""The connections that a stack's security group rules allow, as edges between short names."""

import re
from typing import Final

from tests.synthesized import Resource, Stack, address_of

INGRESS: Final = "aws_vpc_security_group_ingress_rule"
EGRESS: Final = "aws_vpc_security_group_egress_rule"
Edge = tuple[str, str, int]
"""Source, target and TCP port of connections: `("alb", "ec2", 8080)`."""


def short_name(group: Resource) -> str:
    """Return `alb` for `wealist-prod-alb-sg`."""
    return re.sub(r"^wealist-[a-z]+-|-sg$", "", group["name"])


def edges(stack: Stack, direction: str) -> list[Edge]:
    """Return the edge of each rule of one direction."""
    return [_edge(stack, rule) for rule in stack.all(direction)]


def _edge(stack: Stack, rule: Resource) -> Edge:
    assert (rule["ip_protocol"], rule["from_port"]) == ("tcp", rule["to_port"])
    owner, peer = short_name(stack.target(rule, "security_group_id")), _peer(stack, rule)
    source, target = (peer, owner) if rule.type == INGRESS else (owner, peer)
    return source, target, rule["from_port"]


def _peer(stack: Stack, rule: Resource) -> str:
    (argument,) = {"referenced_security_group_id", "cidr_ipv4", "cidr_ipv6", "prefix_list_id"} & set(rule)
    if argument == "referenced_security_group_id":
        return short_name(stack.target(rule, argument))
    if rule[argument] == "0.0.0.0/0":
        return "internet"
    assert address_of(rule[argument]) == stack.only("aws_vpc").address
    return "vpc"
