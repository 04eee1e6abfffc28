"""Security group rules are read from every type of resource, in stacks and plans."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from wealist.model.network import NetworkRule, Ports, Unread, read_ports, read_rules

INGRESS = "aws_vpc_security_group_ingress_rule"
TCP_443 = {"ip_protocol": "tcp", "from_port": 443, "to_port": 443}

protocols = some.sampled_from(["tcp", "udp", "icmp", "-1"])
ranges = some.tuples(some.integers(0, 65535), some.integers(0, 65535)).map(sorted)
ports = some.builds(lambda protocol, ends: Ports(protocol, *ends), protocols, ranges)


def rules(kind: str, **values: object) -> list[NetworkRule | Unread]:
    return list(read_rules(kind, values))


def peers(kind: str, **values: object) -> list[tuple[str, object, object]]:
    """Direction, group and peer of each rule."""
    return [(each.direction, each.group, each.peer) for each in rules(kind, **values) if isinstance(each, NetworkRule)]


# Ports


@given(ports, ports)
def test_common_ports_are_those_of_both_ranges(one: Ports, other: Ports) -> None:
    both = one.common(other)
    assert (both is None) == (other.common(one) is None)
    for port in (0, 22, 443, 65535, one.low, other.high):
        assert (one.holds(port) and other.holds(port)) == (both is not None and both.holds(port))
    assert both is None or (one.covers(both) and other.covers(both))


@given(ports, some.frozensets(some.integers(0, 200)))
def test_ports_are_within_a_set_only_if_all_of_them_are(one: Ports, allowed: frozenset[int]) -> None:
    expected = one.protocol == "tcp" and set(range(one.low, one.high + 1)) <= allowed
    assert one.within(allowed) == expected


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ip_protocol": "tcp", "from_port": 443, "to_port": 443}, "tcp 443"),
        ({"ip_protocol": "6", "from_port": 8000, "to_port": 8080}, "tcp 8000-8080"),
        ({"ip_protocol": 17, "from_port": 53, "to_port": 53}, "udp 53"),
        ({"ip_protocol": "tcp"}, "all tcp"),
        ({"ip_protocol": "-1"}, "every port"),
        ({"ip_protocol": "all", "from_port": 0, "to_port": 0}, "every port"),
        ({"ip_protocol": "icmp", "from_port": -1, "to_port": -1}, "all icmp"),
        ({"ip_protocol": "47"}, "all 47"),
    ],
)
def test_ports_are_formatted(values: dict[str, Any], words: str) -> None:
    assert str(read_ports(values, "ip_protocol")) == words


@pytest.mark.parametrize(
    ("values", "argument"),
    [
        ({"ip_protocol": "gre"}, "ip_protocol"),
        ({"ip_protocol": "256"}, "ip_protocol"),
        ({"ip_protocol": object()}, "ip_protocol"),
        ({"ip_protocol": None}, "ip_protocol"),
        ({"ip_protocol": "tcp", "from_port": "low", "to_port": 80}, "from_port"),
        ({"ip_protocol": "tcp", "from_port": 80, "to_port": 79}, "from_port"),
        ({"ip_protocol": "tcp", "from_port": 80, "to_port": object()}, "from_port"),
        ({"ip_protocol": "udp", "from_port": 1, "to_port": 65536}, "from_port"),
    ],
)
def test_invalid_ports_are_reported_with_their_argument(values: dict[str, Any], argument: str) -> None:
    unread = read_ports(values, "ip_protocol")
    assert isinstance(unread, Unread)
    assert (unread.argument, unread.value) == (argument, values[argument])
    assert f"{argument} = " in unread.problem


# Rules


def test_an_ingress_rule_has_one_peer() -> None:
    (rule,) = rules(
        INGRESS, security_group_id="sg-1", cidr_ipv4="0.0.0.0/0", referenced_security_group_id=None, **TCP_443
    )
    assert rule == NetworkRule("ingress", "sg-1", Ports("tcp", 443, 443), "cidr_ipv4", "0.0.0.0/0")


def test_each_peer_of_a_security_group_rule_is_a_rule() -> None:
    found = peers(
        "aws_security_group_rule",
        type="egress",
        security_group_id="sg-1",
        protocol="-1",
        cidr_blocks=["10.0.0.0/8", "::/0"],
        source_security_group_id="sg-2",
        self=True,
    )
    assert found == [("egress", "sg-1", peer) for peer in ("10.0.0.0/8", "::/0", "sg-2", "sg-1")]


@pytest.mark.parametrize("kind", ["aws_security_group", "aws_default_security_group"])
def test_inline_rules_belong_to_their_group(kind: str) -> None:
    inside = {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"], "security_groups": []}
    assert peers(kind, ingress=[inside], egress=[{**inside, "cidr_blocks": None, "self": True}]) == [
        ("ingress", None, "0.0.0.0/0"),
        ("egress", None, None),
    ]


def test_unknown_values_are_peers() -> None:
    unknown = object()
    assert peers(INGRESS, security_group_id=unknown, cidr_ipv4=unknown, **TCP_443) == [("ingress", unknown, unknown)]


@pytest.mark.parametrize(
    ("kind", "values", "problem"),
    [
        (INGRESS, {"security_group_id": "sg-1", **TCP_443}, "names no peer"),
        ("aws_security_group_rule", {"type": "both"}, "type = 'both' is neither ingress nor egress"),
        ("aws_security_group", {"ingress": "${var.rules}"}, "ingress = '${var.rules}' is not a list of rules"),
    ],
)
def test_invalid_rules_are_reported(kind: str, values: dict[str, Any], problem: str) -> None:
    (unread,) = rules(kind, **values)
    assert isinstance(unread, Unread)
    assert problem in unread.problem


def test_other_types_have_no_rules() -> None:
    assert rules("aws_lb", security_groups=["sg-1"]) == []
