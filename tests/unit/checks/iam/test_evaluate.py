"""The evaluator answers as IAM does, in the cases that are easily mistaken."""

import json
from typing import Any

import pytest

from wealist.model.iam.evaluate import Grant, allows, arn_like, condition_values, matches_pattern, meets_conditions
from wealist.model.iam.policy import read_statement


def condition(operator: str, key: str, *values: str) -> str:
    return json.dumps({operator: {key: list(values)}}, sort_keys=True)


def test_a_deny_overrides_every_allow() -> None:
    given = {Grant("iam:*", "*"), Grant("iam:Delete*", "arn:aws:iam::1:role/kept", effect="Deny")}
    assert allows(given, "iam:DeleteRole", "arn:aws:iam::1:role/other", {})
    assert not allows(given, "iam:DeleteRole", "arn:aws:iam::1:role/kept", {})


def test_an_action_without_an_allow_is_denied() -> None:
    assert not allows({Grant("s3:GetObject", "arn:aws:s3:::a/*")}, "s3:PutObject", "arn:aws:s3:::a/b", {})
    assert not allows(set(), "s3:PutObject", "arn:aws:s3:::a/b", {})


def test_actions_ignore_case_and_resources_do_not() -> None:
    given = {Grant("S3:getobject", "arn:aws:s3:::Bucket/*")}
    assert allows(given, "s3:GetObject", "arn:aws:s3:::Bucket/key", {})
    assert not allows(given, "s3:GetObject", "arn:aws:s3:::bucket/key", {})


def test_a_condition_fails_if_its_key_is_missing() -> None:
    given = {Grant("iam:PassRole", "*", condition("StringEquals", "iam:PassedToService", "ec2.amazonaws.com"))}
    assert allows(given, "iam:PassRole", "x", {"iam:PassedToService": "ec2.amazonaws.com"})
    assert not allows(given, "iam:PassRole", "x", {"iam:PassedToService": "lambda.amazonaws.com"})
    assert not allows(given, "iam:PassRole", "x", {})


def test_a_deny_with_a_failing_condition_denies_nothing() -> None:
    refused = Grant("s3:*", "*", condition("Bool", "aws:SecureTransport", "false"), "Deny")
    given = {Grant("s3:GetObject", "*"), refused}
    assert allows(given, "s3:GetObject", "x", {"aws:SecureTransport": "true"})
    assert not allows(given, "s3:GetObject", "x", {"aws:SecureTransport": "false"})


def test_condition_keys_ignore_case() -> None:
    assert meets_conditions({"StringEquals": {"AWS:SourceArn": "x"}}, {"aws:sourcearn": "x"})


def test_every_operator_must_match_one_of_its_values() -> None:
    block: dict[str, dict[str, Any]] = {"StringEquals": {"a": ["1", "2"]}, "StringLike": {"b": "x*"}}
    assert meets_conditions(block, {"a": "2", "b": "xy"})
    assert not meets_conditions(block, {"a": "2", "b": "y"})
    assert not meets_conditions(block, {"a": "3", "b": "xy"})


def test_string_equals_has_no_wildcards() -> None:
    assert not meets_conditions(
        {"StringEquals": {"sub": "repo:OrangesCloud/*"}}, {"sub": "repo:OrangesCloud/user-service"}
    )
    assert meets_conditions({"StringLike": {"sub": "repo:OrangesCloud/*"}}, {"sub": "repo:OrangesCloud/user-service"})


def test_an_unknown_operator_raises_an_error_with_its_name() -> None:
    with pytest.raises(ValueError, match="StringEqualsIfExists"):
        meets_conditions({"StringEqualsIfExists": {"a": "1"}}, {})


@pytest.mark.parametrize(
    ("value", "pattern", "matches"),
    [
        ("repo:a/b", "repo:a/*", True),
        ("repo:a/b\nc", "repo:a/*", True),
        ("repo:ab", "repo:a?", True),
        ("repo:a", "repo:a?", False),
        # Brackets are nothing but themselves, unlike in a shell.
        ("repo:a", "repo:[a-z]", False),
        ("repo:[a-z]", "repo:[a-z]", True),
        ("arn.b", "arn?b", True),
        ("axb", "a.b", False),
        ("anything", "*", True),
        ("", "*", True),
        ("abcabc", "a*b*c", True),
    ],
)
def test_patterns_have_only_two_wildcards(value: str, pattern: str, *, matches: bool) -> None:
    assert matches_pattern(value, pattern) is matches


def test_wildcards_of_arn_like_do_not_match_the_first_five_colons() -> None:
    assert arn_like("arn:aws:s3:::a/b", "arn:aws:s3:::*")
    assert arn_like("arn:aws:iam::1:policy/x", "arn:aws:iam::*:policy/*")
    assert not arn_like("arn:aws:iam::1:policy/x", "arn:aws:iam:*")
    assert not arn_like("arn:aws:iam::1:policy/x", "arn:*:policy/x")


def test_a_statement_grants_each_action_on_each_resource() -> None:
    statement = read_statement({"Effect": "Allow", "Action": ["a:B", "a:C"], "Resource": ["x", "y"]}, "identity")
    assert statement.grants == {Grant("a:B", "x"), Grant("a:C", "x"), Grant("a:B", "y"), Grant("a:C", "y")}


def test_the_values_of_a_condition_key_are_found_ignoring_case() -> None:
    block: dict[str, dict[str, Any]] = {"StringEquals": {"Ref": ["1", "2"]}, "StringLike": {"ref": "x*"}}
    assert condition_values(block, "REF") == ["1", "2", "x*"]
    assert condition_values(block, "ref", "StringEquals") == ["1", "2"]
    assert condition_values(block, "sub") == []
