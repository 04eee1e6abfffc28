from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.review.builders import change, planned
from wealist.model.plan_values import UNKNOWN
from wealist.review.attributes import attribute_lines
from wealist.review.difference import difference, shown
from wealist.review.masking import sensitive
from wealist.review.values import JsonText, Script


def lines(before: Any, after: Any) -> list[str]:
    return [str(line) for line in difference(before, after)]


def test_an_attribute_is_shown_as_it_was_and_will_be() -> None:
    assert lines({"multi_az": False, "x": 1}, {"multi_az": True, "x": 1}) == ["- multi_az: false", "+ multi_az: true"]


@pytest.mark.parametrize("nothing", [None, "", [], {}])
@pytest.mark.parametrize("other", [None, "", [], {}])
def test_null_and_empty_are_the_same(nothing: Any, other: Any) -> None:
    assert lines({"a": nothing}, {"a": other}) == []


def test_false_and_zero_are_not_nothing() -> None:
    assert lines({"a": None, "b": None}, {"a": False, "b": 0}) == ["+ a: false", "+ b: 0"]


def test_what_aws_decides_is_known_after_apply() -> None:
    assert lines({"a": "x"}, {"a": UNKNOWN}) == ['- a: "x"', "+ a: (known after apply)"]


def test_a_single_nested_block_is_looked_into() -> None:
    before, after = ({"version": [{"id": "lt", "number": each}]} for each in ("1", "2"))
    assert lines(before, after) == ['- version.number: "1"', '+ version.number: "2"']


def test_a_set_is_shown_by_what_it_loses_and_gains() -> None:
    assert lines({"ids": ["a", "b", "c"]}, {"ids": ["c", "d", "a"]}) == ['- ids: "b"', '+ ids: "d"']


def test_a_set_of_blocks_is_shown_by_the_blocks_it_loses_and_gains() -> None:
    before = {"rule": [{"port": 80}, {"port": 443}]}
    after = {"rule": [{"port": 443}, {"port": 8080}, {"port": 22}]}
    assert lines(before, after) == ["- rule: {port: 80}", "+ rule: {port: 8080}", "+ rule: {port: 22}"]


def test_a_block_that_changes_in_its_place_is_looked_into() -> None:
    before = {"rule": [{"port": 80, "to": "a"}, {"port": 443, "to": "a"}]}
    after = {"rule": [{"port": 80, "to": "a"}, {"port": 443, "to": "b"}]}
    assert lines(before, after) == ['- rule[1].to: "a"', '+ rule[1].to: "b"']


def test_an_element_that_stands_twice_must_stand_there_twice() -> None:
    assert lines({"a": ["x", "x", "y"]}, {"a": ["x", "y"]}) == ['- a: "x"']


def test_another_order_is_told() -> None:
    assert lines({"a": ["x", "y"]}, {"a": ["y", "x"]}) == ["~ a: in another order"]


def test_a_document_is_compared_as_what_it_means() -> None:
    before, after = (
        JsonText({"Statement": [{"Action": each, "Effect": "Allow"}]}) for each in (["a", "b"], ["a", "c"])
    )
    assert lines({"policy": before}, {"policy": after}) == [
        '- policy.Statement.Action: "b"',
        '+ policy.Statement.Action: "c"',
    ]


def test_a_document_written_in_another_way_has_not_changed() -> None:
    update = change("aws_thing.a", "update", before={"p": '{"a": 1, "b": 2}'}, after={"p": '{"b":2,"a":1}'})
    assert attribute_lines(planned(update).changes[0]) == []


def test_a_script_is_compared_line_by_line() -> None:
    before, after = Script("#!/bin/sh\none\ntwo\n"), Script("#!/bin/sh\none\n2\n")
    found = lines({"user_data": before}, {"user_data": after})
    assert found[0] == "~ user_data: a script, in which"
    assert found[-2:] == ["- two", "+ 2"]


def test_a_script_whose_lines_end_in_another_way_has_changed() -> None:
    assert lines({"u": Script("a\nb\n")}, {"u": Script("a\r\nb\r\n")}) == [
        "~ u: a script, in which lines end in another way"
    ]


def test_a_very_long_script_is_not_compared_line_by_line() -> None:
    before, after = Script("a\n" * 4_000), Script("b\n" * 4_000)
    assert len(lines({"u": before}, {"u": after})) == 2


def test_two_secrets_are_told_apart_without_being_shown() -> None:
    assert lines({"a": sensitive("x")}, {"a": sensitive("x")}) == []
    assert lines({"a": [sensitive("x"), 1]}, {"a": [sensitive("y"), 1]}) == [
        "- a: (sensitive value)",
        "+ a: (sensitive value)",
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@settings(deadline=None, max_examples=40)
@given(JSON)
def test_a_value_does_not_differ_from_itself(value: Any) -> None:
    assert lines(value, value) == []


@settings(deadline=None, max_examples=40)
@given(JSON, JSON)
def test_whatever_differs_can_be_shown(before: Any, after: Any) -> None:
    assert all(str(line) for line in difference(before, after))
    assert isinstance(shown(before), str)


def created(after: dict[str, Any], unknown: dict[str, Any]) -> list[str]:
    plan = planned(change("aws_thing.a", "create", after=after, after_unknown=unknown))
    return [str(line) for line in attribute_lines(plan.changes[0])]


def test_what_aws_decides_is_told_wherever_it_stands() -> None:
    update = change(
        "aws_thing.a",
        "update",
        before={"ids": ["x", "y"], "tags": {"A": "1"}, "block": [{"id": "i"}]},
        after={"ids": ["x", None], "tags": {}, "block": [{"id": None}]},
        after_unknown={"ids": [False, True], "tags": {"A": True}, "block": [{"id": True}]},
    )
    assert [str(line) for line in attribute_lines(planned(update).changes[0])] == [
        '- ids: "y"',
        "+ ids: (known after apply)",
        '- tags.A: "1"',
        "+ tags.A: (known after apply)",
        '- block.id: "i"',
        "+ block.id: (known after apply)",
    ]


def test_an_output_that_aws_decides_is_known_after_apply() -> None:
    output = {"actions": ["create"], "before": None, "after_unknown": True}
    (found,) = planned(output_changes={"url": output}).outputs
    assert [str(line) for line in attribute_lines(found)] == ["+ (known after apply)"]


def test_what_aws_chooses_for_a_new_resource_is_one_line() -> None:
    assert created({"name": "x"}, {"arn": True, "id": True}) == ['+ name: "x"', "  known after apply: arn, id"]


def test_the_providers_default_tags_are_not_repeated_for_each_resource() -> None:
    assert created({"tags": {"Name": "x"}, "tags_all": {"Name": "x", "Project": "y"}}, {}) == ['+ tags.Name: "x"']


def test_a_changed_default_tag_is_shown() -> None:
    update = change(
        "aws_thing.a",
        "update",
        before={"tags": {"A": "1"}, "tags_all": {"A": "1", "B": "1"}},
        after={"tags": {"A": "2"}, "tags_all": {"A": "2", "B": "2"}},
    )
    assert [line.path for line in attribute_lines(planned(update).changes[0])] == ["tags.A"] * 2 + ["tags_all.B"] * 2


def test_the_attribute_that_forces_a_replacement_says_so() -> None:
    replaced = change(
        "aws_thing.a", "delete", "create", before={"a": 1, "id": "x"}, after={"a": 2}, after_unknown={"id": True},
        replace_paths=[["a"]],
    )  # fmt: skip
    assert [str(line) for line in attribute_lines(planned(replaced).changes[0])] == [
        "- a: 1  # forces replacement",
        "+ a: 2  # forces replacement",
        "  known after apply: id",
    ]


def test_an_attribute_that_forces_a_replacement_is_shown_though_aws_decides_it() -> None:
    replaced = change(
        "aws_thing.a",
        "delete",
        "create",
        before={"a": 1},
        after={},
        after_unknown={"a": True, "id": True},
        replace_paths=[["a"]],
    )
    assert [str(line) for line in attribute_lines(planned(replaced).changes[0])] == [
        "- a: 1  # forces replacement",
        "+ a: (known after apply)  # forces replacement",
        "  known after apply: id",
    ]
