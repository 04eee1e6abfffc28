from typing import Any

import pytest

from tests.unit.review.builders import change, configuration, found, updated
from wealist.review.finding import Kind, Severity

WORLD = "0.0.0.0/0"


@pytest.mark.parametrize(
    ("kind", "attribute"),
    [
        ("aws_launch_template", "vpc_security_group_ids"),
        ("aws_db_instance", "vpc_security_group_ids"),
        ("aws_elasticache_replication_group", "security_group_ids"),
        ("aws_vpc_endpoint", "security_group_ids"),
        ("aws_lb", "security_groups"),
    ],
)
def test_changed_security_groups_are_cautions(kind: str, attribute: str) -> None:
    one, other = ({attribute: [each]} for each in ("sg-1", "sg-2"))
    assert [severity for severity, _ in updated(f"{kind}.a", one, other)] == [Severity.CAUTION]
    assert updated(f"{kind}.a", one | {"tags": "a"}, {"tags": "b"}) == []


def test_security_groups_of_network_interfaces_are_judged() -> None:
    one, other = ({"network_interfaces": [{"security_groups": [each]}]} for each in ("sg-1", "sg-2"))
    ((severity, words),) = updated("aws_launch_template.a", one, other)
    assert (severity, words.startswith("uses other security groups")) == (Severity.CAUTION, True)


def test_the_same_groups_in_another_order_are_the_same() -> None:
    groups = ["sg-1", "sg-2"]
    names = "vpc_security_group_ids"
    assert updated("aws_db_instance.a", {names: groups}, {names: groups[::-1]}, Kind.EXPOSURE) == []


def test_another_route_table_of_a_subnet_is_a_caution() -> None:
    before = {"subnet_id": "subnet-1", "route_table_id": "rtb-private"}
    assert updated("aws_route_table_association.a", before, {"route_table_id": "rtb-public"}) == [
        (Severity.CAUTION, "associates subnet-1 with the route table rtb-public")
    ]


def test_a_route_table_of_a_new_subnet_is_no_finding() -> None:
    after = {"subnet_id": "subnet-1", "route_table_id": "rtb-1"}
    there = found(change("aws_route_table_association.a", "create", after=after))
    made = change("aws_route_table_association.a", "create", after={}, after_unknown={"subnet_id": True})
    assert [severity for severity, _ in there] == [Severity.CAUTION]
    assert found(made) == []


@pytest.mark.parametrize(
    ("route", "count"),
    [
        ({"cidr_block": WORLD, "gateway_id": "igw-1"}, 1),
        ({"cidr_block": "0.0.0.0/1", "gateway_id": "igw-1"}, 1),
        ({"ipv6_cidr_block": "::/0", "gateway_id": "igw-1"}, 1),
        ({"cidr_block": WORLD, "nat_gateway_id": "nat-1", "gateway_id": ""}, 0),
        ({"cidr_block": "10.1.0.0/16", "gateway_id": "igw-1"}, 0),
    ],
)
def test_inline_routes_to_the_internet_are_cautions(route: dict[str, str], count: int) -> None:
    found_ = updated("aws_route_table.a", {"route": []}, {"route": [route]})
    assert [severity for severity, _ in found_] == [Severity.CAUTION] * count
    assert updated("aws_route_table.a", {"route": [route], "tags": "a"}, {"tags": "b"}) == []


@pytest.mark.parametrize(
    ("rule", "effects"),
    [
        ({"cidr_block": WORLD}, ["allows everyone through the network ACL of its subnets (0.0.0.0/0, every port)"]),
        ({"ipv6_cidr_block": "::/0"}, ["allows everyone through the network ACL of its subnets (::/0, every port)"]),
        ({"cidr_block": WORLD, "rule_action": "deny"}, []),
        ({"cidr_block": WORLD, "egress": True}, []),
        ({"cidr_block": "10.0.0.0/8"}, []),
    ],
)
def test_a_network_acl_open_to_everyone_is_a_caution(rule: dict[str, Any], effects: list[str]) -> None:
    after = {"rule_action": "allow", "protocol": "-1", "egress": False, **rule}
    made = found(change("aws_network_acl_rule.a", "create", after=after))
    assert made == [(Severity.CAUTION, each) for each in effects]


def test_inline_rules_of_network_acls_are_judged() -> None:
    rule = {"cidr_block": WORLD, "action": "allow", "protocol": "6", "from_port": 22, "to_port": 22}
    ((severity, words),) = updated("aws_network_acl.a", {"ingress": []}, {"ingress": [rule]})
    assert (severity, words.endswith("(0.0.0.0/0, tcp 22)")) == (Severity.CAUTION, True)


@pytest.mark.parametrize(("group", "count"), [("AllUsers", 1), ("AuthenticatedUsers", 1), ("s3/LogDelivery", 0)])
def test_a_bucket_acl_for_everyone_is_a_danger(group: str, count: int) -> None:
    uri = f"http://acs.amazonaws.com/groups/global/{group}"
    grants = [{"grant": [{"grantee": [{"uri": uri}], "permission": "READ"}]}]
    made = found(change("aws_s3_bucket_acl.a", "create", after={"access_control_policy": grants}))
    assert made == [(Severity.DANGER, "allows anyone to use the bucket")] * count


def test_a_security_group_of_the_same_plan_is_another_group() -> None:
    references = {"vpc_security_group_ids": {"references": ["aws_security_group.b.id", "aws_security_group.b"]}}
    resources = [{"address": "aws_db_instance.a", "expressions": references}]
    update = change(
        "aws_db_instance.a", "update",
        before={"vpc_security_group_ids": ["sg-1"]}, after={}, after_unknown={"vpc_security_group_ids": True},
    )  # fmt: skip
    findings = found(update, configuration=configuration(resources=resources))
    assert [severity for severity, _ in findings] == [Severity.CAUTION]
