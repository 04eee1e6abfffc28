"""Attributes that force a replacement are shown with exactly the values that differ."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.review.builders import change, planned, risks
from wealist.model.values import follow
from wealist.review.changes import FORCES, attribute_lines
from wealist.review.difference import one_line
from wealist.review.finding import Kind
from wealist.review.values import path_label

ADDRESS = "aws_instance.web"


def forcing(before: Any, after: Any, *path: str | int) -> tuple[str, list[str]]:
    """Return the sentence and lines about a replacement that a path forces."""
    replaced = change(ADDRESS, "delete", "create", before=before, after=after, replace_paths=[list(path)])
    (finding,) = (each for each in risks(replaced) if each.kind is Kind.STATEFUL)
    return "".join(finding.words), [str(line) for line in finding.lines]


def marked(before: Any, after: Any, *path: str | int) -> list[str]:
    """Return the lines that are marked as forcing the replacement."""
    replaced = change(ADDRESS, "delete", "create", before=before, after=after, replace_paths=[list(path)])
    lines = attribute_lines(planned(replaced).changes[0])
    return [str(line).removesuffix(FORCES) for line in lines if line.text.endswith(FORCES)]


@pytest.mark.parametrize(
    ("before", "after", "path", "name", "lines"),
    [
        (
            {"a": [{"s": 8}, {"s": 20}]}, {"a": [{"s": 10}, {"s": 30}]}, ("a", 1, "s"),
            "a[1].s", ["- a[1].s: 20", "+ a[1].s: 30"],
        ),
        ({"a": [{"s": 8}]}, {"a": [{"s": 10}]}, ("a", 0, "s"), "a.s", ["- a.s: 8", "+ a.s: 10"]),
        ({"m": {"1": "x"}}, {"m": {"1": "y"}}, ("m", "1"), "m.1", ['- m.1: "x"', '+ m.1: "y"']),
        ({"n": None}, {"n": ""}, ("n",), "n", ["- n: null", '+ n: ""']),
        ({"n": [1, 2]}, {"n": [1, 3]}, ("n",), "n", ["- n: 2", "+ n: 3"]),
    ],
)  # fmt: skip
def test_only_the_value_that_forces_a_replacement_is_shown(
    before: Any, after: Any, path: tuple[str | int, ...], name: str, lines: list[str]
) -> None:
    words, shown_lines = forcing(before, after, *path)
    assert f"forced by {name};" in words
    assert shown_lines == lines


def test_a_nested_path_is_marked_in_the_fold() -> None:
    before, after = ({"a": [{"s": first}, {"s": second}]} for first, second in ((8, 20), (10, 30)))
    assert marked(before, after, "a", 1, "s") == ["- a[1].s: 20", "+ a[1].s: 30"]


def test_a_block_that_is_shown_as_a_whole_is_marked() -> None:
    before, after = {"a": [{"s": 8}]}, {"a": [{"s": 10}, {"s": 30}]}
    assert marked(before, after, "a", 0, "s") == ["- a: {s: 8}", "+ a: {s: 10}"]


def test_attributes_with_the_same_prefix_are_not_marked() -> None:
    before, after = {"port": 1, "port_range": 1}, {"port": 2, "port_range": 2}
    assert marked(before, after, "port") == ["- port: 1", "+ port: 2"]


LEAVES = st.none() | st.booleans() | st.integers(0, 9) | st.text("ab", max_size=2)
TREES = st.recursive(LEAVES, lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from("a1b"), part))


@given(TREES, TREES, st.lists(st.sampled_from(["a", "1", "b", 0, 1, 2]), min_size=1, max_size=3))
def test_both_sides_of_a_forcing_value_are_shown(before: Any, after: Any, path: list[str | int]) -> None:
    before, after = {"x": before}, {"x": after}
    steps = ("x", *path)
    _, lines = forcing(before, after, *steps)
    old, new = follow(before, steps), follow(after, steps)
    if json.dumps(old) == json.dumps(new):
        assert lines == []
    elif not isinstance(old, dict | list) and not isinstance(new, dict | list):
        name = path_label(steps, before, after)
        assert lines == [f"- {name}: {one_line(old)}", f"+ {name}: {one_line(new)}"]


def test_a_list_element_is_marked_by_its_index() -> None:
    before, after = {"a": [{"s": 8}, {"s": 1}]}, {"a": [{"s": 10}, {"s": 30}, {"s": 2}]}
    assert marked(before, after, "a", 1, "s") == ["- a: {s: 1}", "+ a: {s: 30}"]


@pytest.mark.parametrize("key", ["1", "a.b", "kubernetes.io/name", "a[1]", ""])
def test_a_map_key_with_special_characters_is_one_step(key: str) -> None:
    before, after = {"m": {key: "x", "z": "x"}}, {"m": {key: "y", "z": "y"}}
    lines = marked(before, after, "m", key)
    assert [line[-5:] for line in lines] == [': "x"', ': "y"']
    assert forcing(before, after, "m", key)[1] == lines
