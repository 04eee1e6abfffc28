"""Sensitive numbers, booleans and short words are masked where they are referred to."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.review.builders import Json, change, cleaned, configuration, failed_check, script, shown
from wealist.model.values import MASK
from wealist.review.secrets import is_token

pytestmark = pytest.mark.exhaustive


def holder(value: Any, **parts: Any) -> Json:
    """Return a resource with a sensitive `pin`."""
    return change("aws_admin.a", "update", before={}, after={"pin": value}, after_sensitive={"pin": True}, **parts)


@pytest.mark.parametrize(
    "secret", [48151623, 481516, -48151623, 4815.1623, 48151623.0, "48151623", "481516", "a1b2c3d"]
)
@pytest.mark.parametrize(
    "leaked",
    [
        {"a": "{}"},
        {"a": "pin is {}."},
        {"a": "pin={},user=x"},
        {"a": "key_{}_x"},
        {"a": ["{}"]},
        {"a": {"{}": "x"}},
        {"a": '{{"pin": {}}}'},
        {"a": "first\npin: {}\nlast"},
        {"user_data": "{}"},
    ],
)
def test_a_sensitive_number_or_short_word_is_masked_in_every_text(secret: Any, leaked: Any, tmp_path: Path) -> None:
    word = str(secret).removeprefix("-").removesuffix(".0")

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {filled(key): filled(each) for key, each in value.items()}
        return [filled(each) for each in value] if isinstance(value, list) else value.format(word)

    other = filled(leaked)
    if "user_data" in other:
        other = {"user_data": script(f"echo {word}")}
    outputs = {"x": {"actions": ["create"], "before": None, "after": f"see {word}"}}
    update = change("aws_launch_template.b", "update", before={}, after=other)
    text = shown(tmp_path, holder(secret), update, output_changes=outputs, checks=[failed_check(f"{word} is wrong")])
    assert word not in text
    assert MASK in text


@pytest.mark.parametrize("secret", [48151623, 48151623.0, "48151623"])
@pytest.mark.parametrize("other", [48151623, 48151623.0])
def test_a_sensitive_number_is_masked_as_a_number_elsewhere(secret: Any, other: Any, tmp_path: Path) -> None:
    update = change("aws_thing.b", "update", before={"a": 1}, after={"a": other, "b": [{"c": other}]})
    outputs = {"x": {"actions": ["create"], "before": None, "after": other}}
    assert "48151623" not in shown(tmp_path, holder(secret), update, output_changes=outputs)


@pytest.mark.parametrize("text", ["9481516", "481516a", "b481516", "4815", "a-4815167-b"])
def test_a_number_is_masked_as_a_whole_token_only(text: str) -> None:
    assert cleaned(text, "481516") == text


@pytest.mark.parametrize("text", ["true", "1", "5432", "65535", "604800", "31536000", "290008131187", "password", "t3"])
def test_common_short_values_are_not_searched_for(text: str) -> None:
    assert not is_token(text)
    assert cleaned(f"x {text} y", text) == f"x {text} y"


REFERRED = [True, False, 7, 4815, 0.5, "a-1$"]


def configured(reference: str, **outputs: str) -> Json:
    resources = [
        {"address": "aws_thing.b", "expressions": {"a": {"references": [reference, reference.rpartition(".")[0]]}}},
        {"address": "aws_thing.c", "expressions": {"block": [{"a": {"references": [reference]}}]}},
    ]
    expressions = {name: {"expression": {"references": [each]}} for name, each in outputs.items()}
    return configuration(resources=resources, outputs=expressions)


def printed(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("secret", REFERRED)
@pytest.mark.parametrize("reference", ["aws_admin.a.pin", "aws_admin.a[0].pin"])
def test_a_small_secret_is_masked_where_the_configuration_refers_to_it(
    secret: Any, reference: str, tmp_path: Path
) -> None:
    marker = f"<{printed(secret)}>"
    changes = [
        change("aws_thing.b", "create", after={"a": f"pin {printed(secret)} {marker}"}),
        change("aws_thing.c[0]", "create", after={"block": [{"a": f"{marker}"}]}),
    ]
    outputs = {"x": {"actions": ["create"], "before": None, "after": marker}}
    parts = configured(reference, x=reference)
    text = shown(tmp_path, holder(secret), *changes, output_changes=outputs, configuration=parts)
    assert marker not in text
    assert f"+ a: {MASK}" in text
    assert f"+ block.a: {MASK}" in text


@pytest.mark.parametrize("secret", REFERRED)
def test_a_small_secret_is_shown_where_nothing_refers_to_it(secret: Any, tmp_path: Path) -> None:
    after = {"a": [{"b": "kept-as-it-is"}, {"c": secret}], "other": f"<{printed(secret)}>"}
    update = change("aws_thing.b", "update", before={}, after=after)
    text = shown(tmp_path, holder(secret), update, configuration=configured("aws_admin.a.pin"))
    assert "kept-as-it-is" in text
    assert f"<{printed(secret)}>" in text


def test_small_secrets_are_followed_through_modules(tmp_path: Path) -> None:
    inner = {
        "resources": [{"address": "aws_thing.b", "expressions": {"a": {"references": ["var.code"]}}}],
        "outputs": {"out": {"expression": {"references": ["var.code"]}}},
    }
    parts = configuration(
        variables={"code": {"sensitive": True}},
        module_calls={"m": {"expressions": {"code": {"references": ["var.code"]}}, "module": inner}},
        outputs={"x": {"expression": {"references": ["module.m.out", "module.m"]}}},
    )
    made = change("module.m.aws_thing.b", "create", after={"a": "<4815>"})
    outputs = {"x": {"actions": ["create"], "before": None, "after": "<4815>"}}
    text = shown(tmp_path, made, output_changes=outputs, variables={"code": {"value": 4815}}, configuration=parts)
    assert "<4815>" not in text


def test_a_sensitive_boolean_is_masked_only_in_its_own_place(tmp_path: Path) -> None:
    update = change("aws_thing.b", "update", before={"open": False}, after={"open": True})
    text = shown(tmp_path, holder(value=True), update)
    assert f"+ pin: {MASK}" in text
    assert "+ open: true" in text


def test_copies_of_secrets_from_data_sources_are_masked(tmp_path: Path) -> None:
    source = {
        "address": "data.aws_ssm_parameter.a",
        "mode": "data",
        "values": {"value": "Zq7-hunter2+secret"},
        "sensitive_values": {"value": True},
    }
    state = {"values": {"root_module": {"child_modules": [{"resources": [source]}]}}}
    update = change("aws_thing.b", "update", before={}, after={"a": "run Zq7-hunter2+secret now"})
    assert "hunter2" not in shown(tmp_path, update, prior_state=state)


def test_copies_of_secrets_in_a_sensitive_document_are_masked(tmp_path: Path) -> None:
    document = '{"username": "wealist", "password": "Zq7-hunter2+secret"}'
    update = change("aws_thing.b", "update", before={}, after={"a": "run Zq7-hunter2+secret as wealist"})
    text = shown(tmp_path, holder(document), update)
    assert "hunter2" not in text
    assert "as wealist" in text


@pytest.mark.parametrize("command", [["mysql", "--password", "hunter2"], ["x", "--api-key", "hunter2", "--verbose"]])
def test_a_command_argument_after_a_secret_option_is_masked(command: list[str], tmp_path: Path) -> None:
    update = change("aws_thing.b", "update", before={"command": []}, after={"command": command})
    text = shown(tmp_path, update)
    assert "hunter2" not in text
    assert f'"{command[0]}"' in text
