"""The peer of a security group rule matches the nodes that AWS matches."""

from ipaddress import IPv4Network

import pytest

from wealist.checks.reachability.connections import Rule
from wealist.checks.reachability.nodes import INTERNET, NetworkNode, NodeKind, Subnet
from wealist.model.network import Ports

VPC = IPv4Network("10.1.0.0/16")
SUBNETS = tuple(Subnet(each, each, IPv4Network(f"10.1.{each}.0/24"), gives_public_addresses=False) for each in "12")
NODE = NetworkNode("aws_lb.x", NodeKind.LOAD_BALANCER, "x", SUBNETS, frozenset({"aws_security_group.x"}))


def rule(peer: str | IPv4Network) -> Rule:
    return Rule("aws_rule.x", "ingress", "aws_security_group.y", Ports("tcp", 443, 443), peer)


@pytest.mark.parametrize(
    ("peer", "meets", "covers"),
    [
        ("aws_security_group.x", True, True),
        ("aws_security_group.y", False, False),
        (IPv4Network("0.0.0.0/0"), True, True),
        (VPC, True, True),
        (IPv4Network("10.0.0.0/8"), True, True),
        (SUBNETS[0].block, True, False),
        (IPv4Network("10.1.1.16/28"), True, False),
        (IPv4Network("10.1.9.0/24"), False, False),
        (IPv4Network("10.2.0.0/16"), False, False),
    ],
)
def test_a_peer_matches_nodes_of_its_group_and_nodes_with_an_address_in_its_block(
    peer: str | IPv4Network, *, meets: bool, covers: bool
) -> None:
    assert (rule(peer).meets(NODE, VPC), rule(peer).covers(NODE)) == (meets, covers)


@pytest.mark.parametrize(
    ("block", "meets"),
    [
        ("0.0.0.0/0", True),
        ("203.0.113.0/24", True),
        ("10.0.0.0/8", True),
        ("10.1.0.0/16", False),
        ("10.1.2.0/24", False),
    ],
)
def test_a_block_matches_the_internet_if_it_reaches_beyond_the_vpc(block: str, *, meets: bool) -> None:
    assert rule(IPv4Network(block)).meets(INTERNET, VPC) is meets
    assert rule(IPv4Network(block)).covers(INTERNET) is (block == "0.0.0.0/0")
