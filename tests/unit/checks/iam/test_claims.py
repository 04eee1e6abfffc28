"""Whether two patterns can match one text, and two statements one token: never answered no where they can."""

import itertools
import json
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wealist.checks.iam.claims import Demand, demands, exactly, overlap, share
from wealist.checks.iam.documents import Statement
from wealist.model.iam.evaluate import Grant, like

GITHUB: Final = "token.actions.githubusercontent.com"
TEXTS: Final = ["".join(each) for length in range(7) for each in itertools.product("ab", repeat=length)]
PATTERNS: Final = st.text("ab*?", max_size=3)


def statement(condition: dict[str, dict[str, Any]]) -> Statement:
    block = {operator: {f"{GITHUB}:{claim}": to for claim, to in keys.items()} for operator, keys in condition.items()}
    text = json.dumps(block)
    grants = frozenset({Grant("sts:AssumeRoleWithWebIdentity", "*", text)})
    return Statement("", "Allow", (), ("sts:AssumeRoleWithWebIdentity",), ("*",), text, grants)


def taken_apart(pattern: str) -> tuple[str, ...]:
    (found,) = Demand("sub", "StringLike", (pattern,)).patterns
    return found


@given(PATTERNS, PATTERNS)
def test_patterns_overlap_exactly_where_some_text_matches_both(one: str, other: str) -> None:
    # The shortest text that both match is no longer than both patterns.
    some = any(like(text, one) and like(text, other) for text in TEXTS)
    assert overlap(taken_apart(one), taken_apart(other)) is some


@given(PATTERNS, PATTERNS)
def test_overlap_does_not_depend_on_the_order(one: str, other: str) -> None:
    assert overlap(taken_apart(one), taken_apart(other)) is overlap(taken_apart(other), taken_apart(one))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("refs/heads/*", "refs/heads/deploy-prod", True),
        ("refs/heads/deploy-?ev", "refs/heads/deploy-dev", True),
        ("*-prod", "deploy-*", True),
        ("refs/heads/*", "refs/tags/*", False),
        ("*/dev", "*/prod", False),
        ("", "*", True),
        ("?", "", False),
        ("*a*", "*b*", True),
    ],
)
def test_patterns_overlap(one: str, other: str, expected: bool) -> None:  # noqa: FBT001  a table's column
    assert overlap(taken_apart(one), taken_apart(other)) is expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"StringEquals": {"ref": "a"}}, {"StringEquals": {"ref": "b"}}),
        ({"StringEquals": {"ref": ["a", "b"]}}, {"StringEquals": {"ref": ["c", "d"]}}),
        ({"StringEquals": {"ref": "refs/heads/deploy-*"}}, {"StringEquals": {"ref": "refs/heads/deploy-dev"}}),
        ({"StringLike": {"ref": "refs/heads/*"}}, {"StringEquals": {"ref": "refs/tags/v1"}}),
        ({"StringEquals": {"ref": "a"}}, {"StringEquals": {"REF": "b"}}),
        ({"StringEquals": {"aud": "x", "environment": "a"}}, {"StringEquals": {"aud": "x", "environment": "b"}}),
        ({"StringLike": {"sub": "repo:O/A:*"}}, {"StringLike": {"sub": "repo:O/B:*"}}),
        ({"StringEquals": {"ref": "a"}, "StringLike": {"ref": "*"}}, {"StringEquals": {"ref": "b"}}),
    ],
)
def test_statements_that_ask_for_different_values_of_one_claim_share_no_token(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert not share(statement(one), statement(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"StringEquals": {"ref": "a"}}),
        ({"StringEquals": {"ref": "a"}}, {"StringEquals": {"ref": ["b", "a"]}}),
        ({"StringEquals": {"ref": "a"}}, {"StringEquals": {"environment": "b"}}),
        ({"StringLike": {"ref": "refs/heads/*"}}, {"StringEquals": {"ref": "refs/heads/a"}}),
        # One GitHub environment, one repository: case tells neither apart.
        ({"StringEquals": {"environment": "Prod"}}, {"StringEquals": {"environment": "prod"}}),
        ({"StringEquals": {"repository": "O/Site"}}, {"StringEquals": {"repository": "o/site"}}),
        # Not read, so taken to hold.
        ({"StringNotEquals": {"ref": "a"}}, {"StringEquals": {"ref": "a"}}),
        ({"ArnLike": {"ref": "a"}}, {"StringEquals": {"ref": "b"}}),
        ({"ForAllValues:StringEquals": {"ref": "a"}}, {"StringEquals": {"ref": "b"}}),
        ({"StringEqualsIfExists": {"ref": "a"}}, {"StringEquals": {"ref": "b"}}),
    ],
)
def test_statements_that_some_token_could_meet_both_share_one(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert share(statement(one), statement(other))
    assert share(statement(other), statement(one))


def test_demands_are_read_whatever_the_case_of_a_keys_letters() -> None:
    read = list(demands(statement({"StringEquals": {"Ref": "a"}, "StringLike": {"SUB": ["b", "c"]}})))
    assert read == [Demand("ref", "StringEquals", ("a",)), Demand("sub", "StringLike", ("b", "c"))]


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        ({"StringEquals": {"ref": ["a", "b"]}}, {"a", "b"}),
        ({"StringEquals": {"ref": ["a", "b"], "REF": "b"}}, {"b"}),
        ({"StringLike": {"ref": "a"}}, set()),
        ({"StringEqualsIfExists": {"ref": "a"}}, set()),
        ({}, set()),
    ],
)
def test_only_string_equals_asks_exactly(condition: dict[str, Any], values: set[str]) -> None:
    assert exactly(statement(condition), "ref") == values
