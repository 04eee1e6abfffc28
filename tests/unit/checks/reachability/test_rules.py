"""Ports and peers mean what they mean to AWS."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as some

from wealist.checks.reachability.parties import Party
from wealist.checks.reachability.parts import Part, Subnet
from wealist.checks.reachability.paths import INTERNET
from wealist.checks.reachability.rules import Ports, Rule

pytestmark = pytest.mark.exhaustive

VPC = IPv4Network("10.1.0.0/16")
SUBNETS = tuple(Subnet(each, each, IPv4Network(f"10.1.{each}.0/24"), gives_public_addresses=False) for each in "12")
PART = Part("aws_lb.x", Party.ALB, "x", SUBNETS, frozenset({"aws_security_group.x"}), public=None)

protocols = some.sampled_from(["tcp", "udp", "icmp", "-1"])
ranges = some.tuples(some.integers(0, 65535), some.integers(0, 65535)).map(sorted)
ports = some.builds(lambda protocol, ends: Ports(protocol, *ends), protocols, ranges)


def rule(peer: str | IPv4Network) -> Rule:
    return Rule("aws_rule.x", "ingress", "aws_security_group.y", Ports("tcp", 443, 443), peer)


@given(ports, ports)
def test_what_two_rules_let_through_is_let_through_by_each(one: Ports, other: Ports) -> None:
    meeting = one.meet(other)
    assert (meeting is None) == (other.meet(one) is None)
    for port in (0, 22, 443, 65535, one.low, other.high):
        both = one.hold(port) and other.hold(port)
        assert both == (meeting is not None and meeting.hold(port))


@given(ports, some.frozensets(some.integers(0, 200)))
def test_ports_are_within_a_set_when_nothing_else_is_among_them(one: Ports, allowed: frozenset[int]) -> None:
    expected = one.protocol == "tcp" and set(range(one.low, one.high + 1)) <= allowed
    assert one.within(allowed) == expected


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (Ports("tcp", 443, 443), "tcp 443"),
        (Ports("tcp", 8000, 8080), "tcp 8000-8080"),
        (Ports("-1"), "every port"),
        (Ports("icmp"), "all icmp"),
    ],
)
def test_ports_are_said_shortly(one: Ports, said: str) -> None:
    assert str(one) == said


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
def test_a_block_meets_who_has_an_address_in_it(peer: str | IPv4Network, *, meets: bool, covers: bool) -> None:
    assert (rule(peer).meets(PART, VPC), rule(peer).covers(PART)) == (meets, covers)


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
def test_what_reaches_beyond_the_vpc_may_be_the_internet(block: str, *, meets: bool) -> None:
    assert rule(IPv4Network(block)).meets(INTERNET, VPC) is meets
    assert rule(IPv4Network(block)).covers(INTERNET) is (block == "0.0.0.0/0")
