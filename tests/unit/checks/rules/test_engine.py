"""Rules check values in every structure that cdktf, HCL and plans write, and invalid rules are rejected."""

from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from wealist.checks.rules import RULES
from wealist.checks.rules.engine import check_values, rules_of
from wealist.checks.rules.rows import RowsError, read, refuse_unknown_arguments
from wealist.checks.rules.rule import OPERATORS, Rule
from wealist.errors import BAD_INPUT
from wealist.model.values import values_at


class Unknown(Enum):
    """A sentinel like that of a plan's unknown values."""

    UNKNOWN = "known after apply"


def rule(tmp_path: Path, row: str) -> Rule:
    (tmp_path / "x.toml").write_text(f'[[rule]]\ncontrol = "x"\ntypes = ["aws_x"]\n{row}\n', encoding="utf-8")
    (found,) = read(tmp_path)
    return found


@pytest.mark.parametrize(
    "values",
    [
        {"disk": {"encrypted": True}},
        {"disk": [{"encrypted": True}]},
        {"disk": [{"encrypted": "true"}, {"encrypted": True}]},
        {"disk": {"encrypted": Unknown.UNKNOWN}},
        {"disk": Unknown.UNKNOWN},
        {"disk": [Unknown.UNKNOWN, {"encrypted": True}]},
    ],
)
def test_right_and_unknown_values_meet_a_rule_in_every_structure(tmp_path: Path, values: Mapping[str, Any]) -> None:
    assert check_values(rule(tmp_path, 'path = "disk.encrypted"\nequals = true'), values) is None


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"disk": {"encrypted": False}}, "disk.encrypted is False"),
        ({"disk": [{"encrypted": True}, {"encrypted": "false"}]}, "disk.encrypted is False"),
        ({"disk": [{"encrypted": Unknown.UNKNOWN}, {}]}, "disk.encrypted is not set"),
        ({"disk": []}, "disk.encrypted is not set"),
        ({}, "disk.encrypted is not set"),
        ({"disk": {"encrypted": 1}}, "disk.encrypted is 1"),
        ({"disk": "encrypted"}, "disk.encrypted cannot be read ('encrypted' is not a block)"),
    ],
)
def test_wrong_values_are_reported_in_every_structure(tmp_path: Path, values: Mapping[str, Any], problem: str) -> None:
    assert check_values(rule(tmp_path, 'path = "disk.encrypted"\nequals = true'), values) == problem


@pytest.mark.parametrize(
    ("row", "right", "wrong"),
    [
        ("absent = true", [None, "", [], {}], ["x", False, 0]),
        ("present = true", ["x", False, 0], [None, "", [], {}]),
        ("at_least = 3", [3, "4", Unknown.UNKNOWN], [2, None, True, "x"]),
        ("at_most = 3", [3, "2", 0], [4, None, True]),
        ("equals = 'a'", ["a"], ["b", None]),
        ("one_of = ['a', 'b']", ["a", "b"], ["c", None]),
        ("none_of = ['a', 'b']", ["c"], ["a", None]),
        ("contains = ['a', 'b']", [["b", "a", "c"], ["a", Unknown.UNKNOWN]], [["a"], None]),
        ("within = ['a', 'b']", [["a"], ["a", Unknown.UNKNOWN], []], [["a", "c"], None]),
        ("excludes = ['a']", [["b"], None, []], [["a", "b"], "a"]),
        ("matches = '[ab]+'", ["ab"], ["abc", None, 1]),
        ("equals = 'a'\noptional = true", ["a", None, ""], ["b"]),
    ],
)
def test_operators_accept_right_and_reject_wrong_values(
    tmp_path: Path, row: str, right: list[Any], wrong: list[Any]
) -> None:
    compared = rule(tmp_path, f'path = "x"\n{row}')
    assert [value for value in right if check_values(compared, {"x": value})] == []
    assert [value for value in wrong if check_values(compared, {"x": value}) is None] == []


def test_every_operator_has_a_test_case() -> None:
    described = test_operators_accept_right_and_reject_wrong_values.pytestmark[0].args[1]
    assert {row.partition(" ")[0] for row, *_ in described} == set(OPERATORS)


def test_one_right_block_is_enough_with_some(tmp_path: Path) -> None:
    some = rule(tmp_path, 'path = "rule.days"\nequals = 7\nsome = true')
    assert check_values(some, {"rule": [{"days": None}, {"days": 7}]}) is None
    assert check_values(some, {"rule": [{"days": 8}, {}]}) == "rule.days is 8"


def test_an_entry_of_a_list_is_found_by_its_name() -> None:
    values = {"parameter": [{"name": "a.b", "value": "1"}, {"name": "c", "value": "2"}]}
    assert values_at(values, "parameter[a.b].value") == ["1"]
    assert values_at(values, "parameter[d].value") == [None]


def test_a_rule_applies_only_if_its_condition_is_certainly_met(tmp_path: Path) -> None:
    row = 'path = "policy"\nequals = "new"\nwhen = { path = "protocol", operator = "equals", value = "TLS" }'
    conditional = rule(tmp_path, row)
    assert check_values(conditional, {"protocol": "TLS", "policy": "old"}) == "policy is 'old'"
    assert check_values(conditional, {"protocol": "TCP", "policy": "old"}) is None
    assert check_values(conditional, {"protocol": Unknown.UNKNOWN, "policy": "old"}) is None


def test_each_path_of_a_row_is_a_rule_with_its_own_remedy(tmp_path: Path) -> None:
    row = '[[rule]]\ncontrol = "x"\ntypes = ["aws_x"]\npath = ["a", "b"]\nequals = true\n'
    (tmp_path / "x.toml").write_text(row, encoding="utf-8")
    assert [(each.path, each.remedy) for each in read(tmp_path)] == [("a", "set a to true"), ("b", "set b to true")]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ('path = "a"\nequls = true', "'equls' is not a column; write equals"),
        ('path = "a"', "has no operator, and needs one operator, or check"),
        ('path = "a"\nequals = 1\nat_least = 1', "has at_least, equals, and needs one operator, or check"),
        ("equals = 1", "has no path"),
        ('path = "a"\none_of = "a"', "one_of takes a list"),
        ('check = "nothing_like_it"\nremedy = "x"', "'nothing_like_it' is not a check"),
        ('check = "policy_names_actions"', "has a check without a remedy"),
        ('path = "a"\nequals = 1\nseverity = "grave"', "'grave' is not a severity"),
        ('path = "a"\nequals = 1\nwhere = "everywhere"', "'everywhere' is not a where; write anywhere"),
        ('path = "a"\nequals = 1\nwhen = { path = "b" }', "and needs path, operator and value"),
    ],
)
def test_an_invalid_rule_is_rejected_with_file_and_control(tmp_path: Path, row: str, problem: str) -> None:
    with pytest.raises(RowsError) as refused:
        rule(tmp_path, row)
    assert "x.toml: x: " in str(refused.value)
    assert problem in str(refused.value)
    assert refused.value.exit_code == BAD_INPUT


def test_a_truncated_file_is_rejected_by_name(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("[[rule]]\ncontrol = ", encoding="utf-8")
    with pytest.raises(RowsError, match=r"x\.toml is not TOML"):
        read(tmp_path)


def test_every_rule_names_types_and_arguments_of_the_provider() -> None:
    refuse_unknown_arguments(RULES)


def test_an_unknown_argument_is_rejected_with_file_rule_and_type(tmp_path: Path) -> None:
    row = '[[rule]]\ncontrol = "x"\ntypes = ["aws_lb"]\npath = "drop_headers"\nequals = true\n'
    (tmp_path / "x.toml").write_text(row, encoding="utf-8")
    with pytest.raises(RowsError, match=r"x\.toml: x: aws_lb has no argument drop_headers") as refused:
        refuse_unknown_arguments(read(tmp_path))
    assert refused.value.exit_code == BAD_INPUT


def test_rules_that_need_references_or_defaults_are_not_applied_to_plans() -> None:
    needing = {(each.control, each.path) for each in rules_of("aws_elasticache_replication_group") if each.needs_stack}
    assert ("ElastiCache.6", "auth_token") in needing
    assert ("elasticache.destinations", "notification_topic_arn") in needing
    assert ("ElastiCache.4", "at_rest_encryption_enabled") not in needing
