import base64
import gzip
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.review.builders import change, planned
from wealist.model.values import follow
from wealist.review.changes import attribute_lines
from wealist.review.difference import ANOTHER, difference, one_line, one_line_exact, visible_line
from wealist.review.masking import sensitive
from wealist.review.text_difference import is_text
from wealist.review.values import JsonText, Script


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def lines(before: Any, after: Any) -> list[str]:
    return [str(line) for line in difference(before, after)]


def test_a_changed_attribute_has_an_old_and_a_new_line() -> None:
    assert lines({"multi_az": False, "x": 1}, {"multi_az": True, "x": 1}) == ["- multi_az: false", "+ multi_az: true"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, "", ['+ a: ""']),
        ("", None, ['- a: ""']),
        (None, [], ["+ a: []"]),
        ({}, None, ["- a: {}"]),
        ([], {}, ["- a: []", "+ a: {}"]),
        (None, {"b": None}, ["- a: null", '+ a: {"b": null}']),
        ({"b": ""}, {"b": None}, ['- a.b: ""']),
        (0, False, ["- a: 0", "+ a: false"]),
        (True, 1, ["- a: true", "+ a: 1"]),
        ([0, 1], [False, 1], ["- a: 0", "+ a: false"]),
        ({"b": [1]}, {"b": [True]}, ["- a.b: 1", "+ a.b: true"]),
        ("1", 1, ['- a: "1"', "+ a: 1"]),
        (
            [{"b": 1, "c": None}, {"b": 2}],
            [{"b": 2}, {"b": 1, "c": ""}],
            ['- a: {"b": 1, "c": null}', '+ a: {"b": 1, "c": ""}'],
        ),
    ],
)
def test_similar_values_have_distinct_lines(before: Any, after: Any, expected: list[str]) -> None:
    assert lines({"a": before}, {"a": after}) == expected


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_a_new_resource_shows_no_attribute_without_a_value(nothing: Any) -> None:
    assert lines(None, {"a": nothing, "b": 1, "c": [{"d": nothing}]}) == ["+ b: 1"]


def test_false_and_zero_are_shown() -> None:
    assert lines({"a": None, "b": None}, {"a": False, "b": 0}) == ["+ a: false", "+ b: 0"]


def test_a_single_nested_block_is_compared_by_argument() -> None:
    before, after = ({"version": [{"id": "lt", "number": each}]} for each in ("1", "2"))
    assert lines(before, after) == ['- version.number: "1"', '+ version.number: "2"']


def test_a_set_shows_removed_and_added_elements() -> None:
    assert lines({"ids": ["a", "b", "c"]}, {"ids": ["c", "d", "a"]}) == ['- ids: "b"', '+ ids: "d"']


def test_a_block_changed_in_place_is_compared_by_argument() -> None:
    before = {"rule": [{"port": 80, "to": "a"}, {"port": 443, "to": "a"}]}
    after = {"rule": [{"port": 80, "to": "a"}, {"port": 443, "to": "b"}]}
    assert lines(before, after) == ['- rule[1].to: "a"', '+ rule[1].to: "b"']


def test_duplicate_elements_count() -> None:
    assert lines({"a": ["x", "x", "y"]}, {"a": ["x", "y"]}) == ['- a: "x"']


def test_a_changed_order_is_reported() -> None:
    assert lines({"a": ["x", "y"]}, {"a": ["y", "x"]}) == ["~ a: in another order"]


def test_a_json_document_is_compared_by_its_content() -> None:
    before, after = (
        JsonText({"Statement": [{"Action": each, "Effect": "Allow"}]}) for each in (["a", "b"], ["a", "c"])
    )
    assert lines({"policy": before}, {"policy": after}) == [
        '- policy.Statement.Action: "b"',
        '+ policy.Statement.Action: "c"',
    ]


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("policy", '{"a": 1, "b": 2}', '{"b":2,"a":1}'),
        ("policy", "[1]", " [1]"),
        ("user_data", encoded(b"#!/bin/sh\nx\n"), encoded(gzip.compress(b"#!/bin/sh\nx\n", mtime=0))),
        ("user_data", encoded(gzip.compress(b"a\nb\n", mtime=1)), encoded(gzip.compress(b"a\nb\n", mtime=2))),
    ],
)
def test_a_changed_format_of_the_same_content_is_reported(name: str, before: str, after: str) -> None:
    update = change("aws_thing.a", "update", before={name: before}, after={name: after})
    assert [str(line) for line in attribute_lines(planned(update).changes[0])] == [
        f"~ {name}: the same content, formatted in another way"
    ]


def test_changed_line_endings_are_reported() -> None:
    assert lines({"u": Script("a\nb\n")}, {"u": Script("a\r\nb\r\n")}) == [
        "~ u: a text in which only line endings change"
    ]


def test_a_long_text_is_truncated_with_a_count() -> None:
    found = lines({"u": Script("a\n" * 4_000)}, {"u": Script("b\n" * 4_000)})
    assert len(found) < 1_100
    assert {"- … and 3500 more lines", "+ … and 3500 more lines"} <= set(found)


def test_a_changed_secret_is_reported_without_its_value() -> None:
    assert lines({"a": sensitive("x")}, {"a": sensitive("x")}) == []
    assert lines({"a": [sensitive("x"), 1]}, {"a": [sensitive("y"), 1]}) == [
        "- a: (sensitive value)",
        "+ a: (sensitive value) (another one)",
    ]


RULES = [f"- alert: rule{number}\n  expr: up == {number}" for number in range(45)]


@pytest.mark.parametrize("name", ["content", "definition", "template_body", "source_code", "user_data"])
def test_only_removed_lines_of_a_long_text_are_shown(name: str) -> None:
    before, after = "\n".join(RULES), "\n".join(RULES[:30] + RULES[38:])
    update = change("aws_thing.a", "update", before={name: before}, after={name: after})
    found = [str(line) for line in attribute_lines(planned(update).changes[0])]
    assert found[0] == f"~ {name}: a text in which lines change"
    assert [line for line in found if line.startswith("+")] == []
    assert [line for line in found if line.startswith("-")] == [
        f"- {line}" for rule in RULES[30:38] for line in rule.split("\n")
    ]


def test_changed_words_of_a_long_line_are_shown_with_context() -> None:
    words = [f"word{number}" for number in range(2_000)]
    other = [*words[:1_000], "new", *words[1_001:1_500], *words[1_520:]]
    found = lines({"d": " ".join(words)}, {"d": " ".join(other)})
    assert [line[:2] for line in found] == ["- ", "+ "] * 2
    assert "word999 word1000 word1001" in found[0]
    assert "word999 new word1001" in found[1]
    assert "word1499 word1500 word1501" in found[2]
    assert "word1499 word1520" in found[3]
    assert found[0].endswith(f"of {len(' '.join(words))})")


def test_long_lines_of_a_text_are_compared_by_words() -> None:
    long = "x" * 5_000
    found = lines({"d": f"a\n{long} one {long}\nb\n"}, {"d": f"a\n{long} two {long}\nc\n"})
    changed = [line for line in found if line[0] in "+-"]
    assert [line[:2] for line in changed] == ["- ", "+ "] * 2
    assert ("x one x" in changed[0], "x two x" in changed[1], changed[2:]) == (True, True, ["- b", "+ c"])


@pytest.mark.parametrize(("old", "new"), [("a\tb", "a   b"), ("a\r", "a\\r"), ("\u200b", "\\u{200b}"), ("a\rb", "ab")])
def test_lines_that_look_alike_are_escaped(old: str, new: str) -> None:
    lost, gained = (visible_line(line)[1:] for line in difference(f"x\n{old}\ny", f"x\n{new}\ny") if line.sign in "+-")
    assert lost != gained


def test_moved_lines_are_not_marked_as_another_value() -> None:
    found = lines({"u": "a\nb\nc\nd\n"}, {"u": "d\nb2\nc2\na\n"})
    assert not [line for line in found if ANOTHER in line]


@pytest.mark.parametrize("text", ['{"a": 1}', ' {"a": 1}', '\n\t{"a":  1}\n', '{"a":1}'])
def test_json_is_parsed_with_surrounding_white_space(text: str) -> None:
    update = change("aws_thing.a", "update", before={"p": text}, after={"p": '{"a": 2}'})
    assert [str(line) for line in attribute_lines(planned(update).changes[0])] == ["- p.a: 1", "+ p.a: 2"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@settings(deadline=None, max_examples=40)
@given(JSON)
def test_equal_values_have_no_difference(value: Any) -> None:
    assert lines(value, value) == []


LONG = st.builds(
    lambda word, count, end, line: f"{line}{word * count}{end}",
    st.text("ab \t\n", max_size=4),
    st.sampled_from([1, 99, 500]),
    st.text("ab\n\r\\", max_size=3),
    st.sampled_from(["", "first\n"]),
)
LEAVES = (
    st.none() | st.booleans() | st.integers(-1, 2) | st.text(max_size=5) | st.sampled_from(["", "0", "null"]) | LONG
)
KEYS = st.text('a1.[]" ', max_size=3)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=9
)


def sides(before: Any, after: Any) -> tuple[list[str], list[str], list[str]]:
    """Return the removed lines, the added lines, and the remarks."""
    found = list(difference(before, after))
    return tuple([visible_line(line)[1:] for line in found if line.sign == sign] for sign in "-+~")  # type: ignore[return-value]


@settings(deadline=None)
@given(TREES, TREES)
@example({"": None}, {})
@example("a" * 500 + "b", "a" * 500 + "c")
@example(["a" * 900, "b" * 900], ["a" * 901, "b" * 901, "c"])
@example([{"a": "x" * 900 + "1"}, 2], [3, {"a": "x" * 900 + "2"}, 4])
@example({"k" * 900 + "1": 1}, {"k" * 900 + "2": 1})
@example({"a": 1}, [{"a": 1}])
def test_different_values_have_different_lines(before: Any, after: Any) -> None:
    before, after = {"x": before}, {"x": after}
    lost, gained, remarks = sides(before, after)
    if json.dumps(before, sort_keys=True) == json.dumps(after, sort_keys=True):
        assert (lost, gained, remarks) == ([], [], [])
    else:
        assert Counter(lost) != Counter(gained) or remarks


@settings(deadline=None)
@given(TREES, TREES)
def test_each_line_shows_the_value_at_its_own_path(before: Any, after: Any) -> None:
    before, after = {"x": before}, {"x": after}
    for line in difference(before, after):
        value = follow(before if line.sign == "-" else after, line.steps)
        if line.sign in "+-" and line.path and not is_text(follow(before, line.steps), follow(after, line.steps)):
            assert line.text.removesuffix(ANOTHER) in {one_line(value), one_line_exact(value)} or ANOTHER in line.text
            assert line.path.startswith("x")


def created(after: dict[str, Any], unknown: dict[str, Any]) -> list[str]:
    plan = planned(change("aws_thing.a", "create", after=after, after_unknown=unknown))
    return [str(line) for line in attribute_lines(plan.changes[0])]


def test_nested_unknown_values_are_known_after_apply() -> None:
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


def test_an_unknown_output_is_known_after_apply() -> None:
    output = {"actions": ["create"], "before": None, "after_unknown": True}
    (found,) = planned(output_changes={"url": output}).outputs
    assert [str(line) for line in attribute_lines(found)] == ["+ (known after apply)"]


def test_unknown_attributes_of_a_new_resource_are_on_one_line() -> None:
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


def test_attributes_that_force_a_replacement_are_marked() -> None:
    replaced = change(
        "aws_thing.a", "delete", "create", before={"a": 1, "id": "x"}, after={"a": 2}, after_unknown={"id": True},
        replace_paths=[["a"]],
    )  # fmt: skip
    assert [str(line) for line in attribute_lines(planned(replaced).changes[0])] == [
        "- a: 1  # forces replacement",
        "+ a: 2  # forces replacement",
        "  known after apply: id",
    ]


def test_an_unknown_attribute_that_forces_a_replacement_has_its_own_line() -> None:
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
