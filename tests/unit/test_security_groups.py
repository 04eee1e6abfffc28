"""Section 8 of the architecture: who may open a connection to whom, and nobody else.

The edges are read back from the rules and compared whole, so that an edge too many fails as one too few does.
"""

import re
from typing import Final, NamedTuple

import pytest

from tests.synthesized import Resource, Stack, address_of

EVERYWHERE: Final = "0.0.0.0/0"
GROUPS: Final = {"alb", "ec2", "rds", "redis", "vpc-endpoints"}


class Edge(NamedTuple):
    """TCP connections on one port."""

    source: str
    target: str
    port: int


ACCEPTED: Final = {
    Edge("internet", "alb", 80),
    Edge("internet", "alb", 443),
    Edge("alb", "ec2", 8080),
    Edge("alb", "ec2", 8000),
    Edge("alb", "ec2", 3001),
    # Prometheus on the monitoring instance scrapes the services.
    Edge("ec2", "ec2", 8080),
    Edge("ec2", "ec2", 8000),
    # And what the exporter of node metrics shows on every instance.
    Edge("ec2", "ec2", 9100),
    Edge("ec2", "rds", 5432),
    Edge("ec2", "redis", 6379),
    Edge("vpc", "vpc-endpoints", 443),
}
OPENED: Final = {
    Edge("alb", "ec2", 8080),
    Edge("alb", "ec2", 8000),
    Edge("alb", "ec2", 3001),
    Edge("ec2", "ec2", 8080),
    Edge("ec2", "ec2", 8000),
    Edge("ec2", "ec2", 9100),
    Edge("ec2", "rds", 5432),
    Edge("ec2", "redis", 6379),
    Edge("ec2", "vpc-endpoints", 443),
    # By the NAT gateway: Docker Hub, package repositories, AWS APIs without an endpoint.
    Edge("ec2", "internet", 443),
}
INGRESS: Final = "aws_vpc_security_group_ingress_rule"
EGRESS: Final = "aws_vpc_security_group_egress_rule"


def groups(stack: Stack) -> dict[str, str]:
    """Address → short name of each security group: `alb`."""
    return {
        group.address: re.sub(r"^wealist-[a-z]+-|-sg$", "", group["name"]) for group in stack.all("aws_security_group")
    }


def edges(stack: Stack, kind: str) -> list[Edge]:
    """The edge that each rule of one direction draws."""
    return [edge(stack, rule) for rule in stack.all(kind)]


def edge(stack: Stack, rule: Resource) -> Edge:
    assert rule["ip_protocol"] == "tcp"
    assert rule["from_port"] == rule["to_port"]
    owner, peer = groups(stack)[stack.target(rule, "security_group_id").address], _peer(stack, rule)
    source, target = (peer, owner) if rule.address.startswith(INGRESS) else (owner, peer)
    return Edge(source, target, rule["from_port"])


def _peer(stack: Stack, rule: Resource) -> str:
    peers = {"referenced_security_group_id", "cidr_ipv4", "cidr_ipv6", "prefix_list_id"} & set(rule)
    assert len(peers) == 1, f"{rule.address} has the peers {peers}"
    if "referenced_security_group_id" in peers:
        return groups(stack)[stack.target(rule, "referenced_security_group_id").address]
    block = rule["cidr_ipv4"]
    if block == EVERYWHERE:
        return "internet"
    assert address_of(block) == stack.only("aws_vpc").address
    return "vpc"


def test_there_are_the_five_documented_groups(name: str, stack: Stack) -> None:
    assert {group["name"] for group in stack.all("aws_security_group")} == {f"wealist-{name}-{g}-sg" for g in GROUPS}
    assert len(stack.all("aws_security_group")) == 5


def test_every_group_is_in_the_vpc_and_says_what_it_is_for(stack: Stack) -> None:
    for group in stack.all("aws_security_group"):
        assert stack.target(group, "vpc_id").address == stack.only("aws_vpc").address
        assert len(group["description"].split()) > 2


def test_connections_are_accepted_exactly_as_section_8_draws_them(stack: Stack) -> None:
    assert sorted(edges(stack, INGRESS)) == sorted(ACCEPTED)


def test_connections_are_opened_no_wider_than_their_edges_need(stack: Stack) -> None:
    assert sorted(edges(stack, EGRESS)) == sorted(OPENED)


def test_metrics_of_an_instance_are_open_to_the_instances_alone(stack: Stack) -> None:
    assert {each for each in edges(stack, INGRESS) if each.port == 9100} == {Edge("ec2", "ec2", 9100)}


def test_both_ends_of_every_edge_between_groups_are_open(stack: Stack) -> None:
    accepted = {each for each in edges(stack, INGRESS) if each.source in GROUPS}
    opened = {each for each in edges(stack, EGRESS) if each.target in GROUPS}
    # The endpoints accept the whole VPC, so that the instances' way in is not an edge between groups.
    assert opened - accepted == {Edge("ec2", "vpc-endpoints", 443)}
    assert accepted - opened == set()


def test_the_internet_reaches_nothing_but_the_load_balancers_two_ports(stack: Stack) -> None:
    open_to_all = {each for each in edges(stack, INGRESS) if each.source == "internet"}
    assert open_to_all == {Edge("internet", "alb", 80), Edge("internet", "alb", 443)}


@pytest.mark.parametrize(("store", "port"), [("rds", 5432), ("redis", 6379)])
def test_a_store_accepts_traffic_only_from_the_instances_and_opens_none(stack: Stack, store: str, port: int) -> None:
    assert [each for each in edges(stack, INGRESS) if each.target == store] == [Edge("ec2", store, port)]
    assert [each for each in edges(stack, EGRESS) if each.source == store] == []


def test_every_rule_says_what_it_is_for_and_is_drawn_once(stack: Stack) -> None:
    rules = [*stack.all(INGRESS), *stack.all(EGRESS)]
    assert all(len(rule["description"].split()) > 2 for rule in rules)
    for kind in (INGRESS, EGRESS):
        assert len(edges(stack, kind)) == len(set(edges(stack, kind)))


def test_no_rule_is_written_in_any_other_form(stack: Stack) -> None:
    """Inline rules and rules of their own undo each other at every apply."""
    assert stack.all("aws_security_group_rule") == []
    assert [group for group in stack.all("aws_security_group") if {"ingress", "egress"} & set(group)] == []


# Who wears which group


def worn(stack: Stack, found: str | list[str]) -> list[str]:
    """Short names of the groups at some addresses."""
    return [groups(stack)[address] for address in found]


def test_the_load_balancer_wears_its_own_group_alone(stack: Stack) -> None:
    assert worn(stack, stack.only("aws_lb").refers_to("security_groups")) == ["alb"]


def test_every_instance_wears_the_instances_group_alone(stack: Stack) -> None:
    templates = stack.all("aws_launch_template")
    assert len(templates) == 2
    for template in templates:
        assert "vpc_security_group_ids" not in template
        (interface,) = template["network_interfaces"]
        assert worn(stack, [address_of(each) for each in interface["security_groups"]]) == ["ec2"]


def test_every_interface_endpoint_wears_the_endpoints_group_alone(stack: Stack) -> None:
    for endpoint in stack.all("aws_vpc_endpoint", vpc_endpoint_type="Interface"):
        assert worn(stack, endpoint.refers_to("security_group_ids")) == ["vpc-endpoints"]


def test_redis_and_the_managed_database_wear_their_own_groups_alone(dev: Stack) -> None:
    assert worn(dev, dev.only("aws_elasticache_replication_group").refers_to("security_group_ids")) == ["redis"]
    assert worn(dev, dev.only("aws_db_instance").refers_to("vpc_security_group_ids")) == ["rds"]


# Settings


def test_a_third_service_opens_its_port_to_the_load_balancer_and_prometheus_only(with_chat: Stack) -> None:
    more = {Edge("alb", "ec2", 9000), Edge("ec2", "ec2", 9000)}
    assert sorted(edges(with_chat, INGRESS)) == sorted(ACCEPTED | more)
    assert sorted(edges(with_chat, EGRESS)) == sorted(OPENED | more)


def test_every_plan_tells_of_rules_that_are_not_in_the_code(stack: Stack) -> None:
    rules = stack.data["data.aws_vpc_security_group_rules.firewall_rules"]
    (filtered,) = rules["filter"]
    assert filtered["name"] == "group-id"
    assert {address_of(group) for group in filtered["values"]} == {
        group.address for group in stack.all("aws_security_group")
    }
    told = stack.document["check"]["firewall_rules"]["assert"]
    ours = {rule.address for rule in (*stack.all(INGRESS), *stack.all(EGRESS))}
    for words in (told["condition"], told["error_message"]):
        (found, known) = re.findall(r"setsubtract\(([\w.]+), \[([^\]]+)\]\)", words)[0]
        assert found == f"{rules.address}.ids"
        assert set(known.split(", ")) == {f"{address}.id" for address in ours}
    assert re.fullmatch(r"\$\{\(length\(setsubtract\(.*\)\) < 1\)\}", told["condition"])
