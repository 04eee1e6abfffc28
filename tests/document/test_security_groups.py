"""Section 8 of the architecture: who may open a connection to whom, and nobody else."""

from typing import Final

from tests.edges import EGRESS, INGRESS, Edge, edges, short_name
from tests.synthesized import Stack, address_of

GROUPS: Final = {"alb", "ec2", "rds", "redis", "vpc-endpoints"}

BETWEEN_GROUPS: Final[set[Edge]] = {
    ("alb", "ec2", 8080),
    ("alb", "ec2", 8000),
    ("alb", "ec2", 3001),
    ("ec2", "rds", 5432),
    ("ec2", "redis", 6379),
    # The document draws no way for Prometheus to what it scrapes: the services, and each instance's own metrics.
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


def test_there_are_five_security_groups(stack: Stack) -> None:
    assert sorted(short_name(group) for group in stack.all("aws_security_group")) == sorted(GROUPS)


def test_connections_are_accepted_on_the_documented_edges_and_no_others(stack: Stack) -> None:
    assert sorted(edges(stack, INGRESS)) == sorted(ACCEPTED)


def test_connections_are_opened_on_the_documented_edges_and_no_others(stack: Stack) -> None:
    assert sorted(edges(stack, EGRESS)) == sorted(OPENED)


def test_each_part_is_in_its_own_group_alone(stack: Stack) -> None:
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
