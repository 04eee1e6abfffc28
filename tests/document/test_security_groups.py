"""Section 8 of the architecture: the connections that security groups allow."""

import re
from typing import Final

from tests.synthesized import Resource, Stack, address_of

INGRESS: Final = "aws_vpc_security_group_ingress_rule"
EGRESS: Final = "aws_vpc_security_group_egress_rule"
Edge = tuple[str, str, int]
"""Source, target and TCP port of connections: `("alb", "ec2", 8080)`."""

GROUPS: Final = {"alb", "ec2", "rds", "redis", "vpc-endpoints"}

BETWEEN_GROUPS: Final[set[Edge]] = {
    ("alb", "ec2", 8080),
    ("alb", "ec2", 8000),
    ("alb", "ec2", 3001),
    ("ec2", "rds", 5432),
    ("ec2", "redis", 6379),
    # The document does not draw the connections of Prometheus to services and node exporters.
    ("ec2", "ec2", 8080),
    ("ec2", "ec2", 8000),
    ("ec2", "ec2", 9100),
}
ACCEPTED: Final = BETWEEN_GROUPS | {
    ("internet", "alb", 80),
    ("internet", "alb", 443),
    ("vpc", "vpc-endpoints", 443),
}
OPENED: Final = BETWEEN_GROUPS | {
    ("ec2", "vpc-endpoints", 443),
    # By the NAT gateway: Docker Hub, package repositories, AWS APIs without an endpoint (section 2.3).
    ("ec2", "internet", 443),
}


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


def test_there_are_five_security_groups(stack: Stack) -> None:
    assert sorted(short_name(group) for group in stack.all("aws_security_group")) == sorted(GROUPS)


def test_only_the_documented_connections_are_accepted(stack: Stack) -> None:
    assert sorted(edges(stack, INGRESS)) == sorted(ACCEPTED)


def test_only_the_documented_connections_are_opened(stack: Stack) -> None:
    assert sorted(edges(stack, EGRESS)) == sorted(OPENED)


def test_each_part_has_only_its_own_security_group(stack: Stack) -> None:
    interfaces = [each["network_interfaces"][0] for each in stack.all("aws_launch_template")]
    endpoints = stack.all("aws_vpc_endpoint", vpc_endpoint_type="Interface")
    attached = {
        "alb": [stack.only("aws_lb")["security_groups"]],
        "ec2": [interface["security_groups"] for interface in interfaces],
        "rds": [each["vpc_security_group_ids"] for each in stack.all("aws_db_instance")],
        "redis": [stack.only("aws_elasticache_replication_group")["security_group_ids"]],
        "vpc-endpoints": [each["security_group_ids"] for each in endpoints],
    }
    for name, parts in attached.items():
        for groups in parts:
            assert [short_name(stack.at(address_of(each))) for each in groups] == [name]


def test_a_third_service_opens_its_port_to_the_load_balancer_and_prometheus_only(
    stack: Stack, with_chat: Stack
) -> None:
    for direction in (INGRESS, EGRESS):
        added = set(edges(with_chat, direction)) - set(edges(stack, direction))
        assert added == {("alb", "ec2", 9000), ("ec2", "ec2", 9000)}
