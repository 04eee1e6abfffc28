from typing import Any

import pytest

from tests.unit.review.builders import change, configuration, found, updated
from wealist.review.finding import Kind, Severity

RULE = "aws_vpc_security_group_ingress_rule.a"
OPEN = {"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "security_group_id": "sg-1"}


def rule(*actions: str, before: Any = None, **after: Any) -> Any:
    resources = [
        {
            "address": RULE,
            "expressions": {"security_group_id": {"references": ["aws_security_group.db.id", "aws_security_group.db"]}},
        }
    ]
    made = change(
        RULE,
        *actions,
        before=before,
        after={"ip_protocol": "tcp", **after},
        after_unknown={"security_group_id": True},
    )
    return found(made, kind=Kind.EXPOSURE, configuration=configuration(resources=resources))


@pytest.mark.parametrize("world", ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"])
def test_a_port_opened_to_the_internet_is_a_danger(world: str) -> None:
    ((severity, words),) = rule("create", cidr_ipv4=world, from_port=5432, to_port=5432)
    assert severity is Severity.DANGER
    assert words.endswith(" to aws_security_group.db on tcp 5432")


def test_the_ipv6_internet_is_the_internet() -> None:
    assert rule("create", cidr_ipv6="::/0", from_port=22, to_port=22) == [
        (Severity.DANGER, "allows traffic from the internet (::/0) to aws_security_group.db on tcp 22")
    ]


@pytest.mark.parametrize("port", [80, 443])
def test_the_load_balancers_ports_are_cautions(port: int) -> None:
    ((severity, _),) = rule("create", cidr_ipv4="0.0.0.0/0", from_port=port, to_port=port)
    assert severity is Severity.CAUTION


def test_a_rule_for_all_protocols_opens_every_port() -> None:
    ((severity, words),) = rule("create", cidr_ipv4="0.0.0.0/0", ip_protocol="-1")
    assert (severity, words.rpartition(" on ")[2]) == (Severity.DANGER, "every port")


def test_a_port_range_around_443_is_a_danger() -> None:
    ((severity, _),) = rule("create", cidr_ipv4="0.0.0.0/0", from_port=1, to_port=443)
    assert severity is Severity.DANGER


@pytest.mark.parametrize(("cidr", "severity"), [("8.8.8.0/24", Severity.CAUTION), ("10.0.0.0/16", Severity.NOTE)])
def test_a_public_network_is_a_caution_and_a_private_one_a_note(cidr: str, severity: Severity) -> None:
    ((found_, _),) = rule("create", cidr_ipv4=cidr, from_port=22, to_port=22)
    assert found_ is severity


def test_traffic_that_is_no_longer_allowed_is_reported() -> None:
    told = rule("update", before=OPEN, cidr_ipv4="10.0.0.0/16", from_port=22, to_port=22)
    assert (Severity.NOTE, "no longer allows traffic from the internet (0.0.0.0/0) to sg-1 on tcp 22") in told


def test_security_groups_are_named_by_their_address() -> None:
    group = change("aws_security_group.redis", "no-op", before={"id": "sg-1"}, after={"id": "sg-1"})
    opened = change(RULE, "create", after={"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "tcp", "security_group_id": "sg-1"})
    ((_, words),) = found(group, opened)
    assert " to aws_security_group.redis on all tcp" in words


def test_inline_rules_are_judged() -> None:
    rule = {"cidr_blocks": ["0.0.0.0/0"], "protocol": "tcp", "from_port": 22, "to_port": 22}
    ((severity, _),) = updated("aws_security_group.a", {"ingress": []}, {"ingress": [rule]})
    assert severity is Severity.DANGER


def test_rules_of_the_old_type_are_judged() -> None:
    rule = {"type": "ingress", "cidr_blocks": ["0.0.0.0/0"], "protocol": "-1", "security_group_id": "sg-1"}
    ((severity, _),) = found(change("aws_security_group_rule.a", "create", after=rule), kind=Kind.EXPOSURE)
    assert severity is Severity.DANGER


@pytest.mark.parametrize(
    ("before", "after", "opened"),
    [
        (("10.0.0.0/8", 1, 65535), ("10.0.0.0/8", 443, 443), 0),
        (("10.0.0.0/8", 443, 443), ("10.1.0.0/16", 443, 443), 0),
        (("0.0.0.0/0", 443, 443), ("::/0", 443, 443), 1),
        (("10.0.0.0/8", 443, 443), ("10.0.0.0/8", 443, 444), 1),
        (("10.1.0.0/16", 443, 443), ("10.0.0.0/8", 443, 443), 1),
    ],
)
def test_a_narrower_rule_opens_nothing(before: Any, after: Any, opened: int) -> None:
    names = ("cidr_blocks", "from_port", "to_port")
    old, new = (
        {"protocol": "tcp", "type": "ingress", "security_group_id": "sg-1", **dict(zip(names, each, strict=True))}
        for each in (before, after)
    )
    words = [words for _, words in updated("aws_security_group_rule.a", old, new)]
    assert len([each for each in words if each.startswith("allows")]) == opened
    assert len([each for each in words if each.startswith("no longer allows")]) == (before != after and not opened) + (
        opened and before[0] == "0.0.0.0/0"
    )


def test_unchanged_traffic_of_a_rule_is_not_reported() -> None:
    assert updated(RULE, OPEN, {"description": "other words"}) == []


def test_a_public_database_is_a_danger() -> None:
    ((severity, _),) = updated("aws_db_instance.a", {"publicly_accessible": False}, {"publicly_accessible": True})
    assert severity is Severity.DANGER


def test_resources_that_were_already_public_are_not_reported() -> None:
    assert updated("aws_db_instance.a", {"publicly_accessible": True, "tags": {}}, {"tags": {"A": "1"}}) == []


def test_removing_the_public_access_block_of_a_bucket_is_a_danger() -> None:
    gone = change("aws_s3_bucket_public_access_block.a", "delete", before={"bucket": "b", "block_public_acls": True})
    assert found(gone, kind=Kind.EXPOSURE) == [(Severity.DANGER, "no longer blocks public access to b")]


def test_removing_an_inactive_public_access_block_is_no_finding() -> None:
    flags = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    gone = change(
        "aws_s3_bucket_public_access_block.a", "delete", before={"bucket": "b", **dict.fromkeys(flags, False)}
    )
    assert found(gone, kind=Kind.EXPOSURE) == []


@pytest.mark.parametrize("actions", [("create",), ("update",)])
def test_flags_that_were_already_off_are_not_reported(actions: tuple[str, ...]) -> None:
    flags = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    off = dict.fromkeys(flags, False)
    made = change("aws_s3_bucket_public_access_block.a", *actions, before=off | {"bucket": "a"}, after=off)
    assert not [words for kind in Kind for _, words in found(made, kind=kind) if "no longer" in words]


def test_removing_a_public_access_block_with_its_bucket_is_no_finding() -> None:
    block = change("aws_s3_bucket_public_access_block.a", "delete", before={"bucket": "b", "block_public_acls": True})
    bucket = change("aws_s3_bucket.b", "delete", before={"id": "b"})
    assert found(block, bucket, kind=Kind.EXPOSURE) == []


def test_a_route_to_an_internet_gateway_is_a_caution() -> None:
    route = {"destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}
    private = {"destination_cidr_block": "0.0.0.0/0", "nat_gateway_id": "nat-1", "gateway_id": ""}
    ((severity, _),) = found(change("aws_route.a", "create", after=route))
    assert severity is Severity.CAUTION
    assert found(change("aws_route.a", "create", after=private)) == []


@pytest.mark.parametrize(
    ("address", "off", "on"),
    [
        ("aws_instance.a", {"associate_public_ip_address": False}, {"associate_public_ip_address": True}),
        ("aws_lb.a", {"internal": True}, {"internal": False}),
    ],
)
def test_a_public_address_is_a_caution(address: str, off: Any, on: Any) -> None:
    assert [severity for severity, _ in updated(address, off, on)] == [Severity.CAUTION]
    assert updated(address, on, off) == []


def test_a_subnet_that_assigns_public_addresses_is_a_caution() -> None:
    off, on = ({"map_public_ip_on_launch": each} for each in (False, True))
    assert [severity for severity, _ in updated("aws_subnet.a", off, on, Kind.RULE)] == [Severity.CAUTION]
    assert updated("aws_subnet.a", on, off, Kind.RULE) == []
