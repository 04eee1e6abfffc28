"""No format of a review shows a secret or an encoding of it, wherever the plan contains it."""

import base64
import html
import json
import urllib.parse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.unit.review.builders import Json, change, configuration, failed_check, script, shown
from wealist.review.secrets import is_searched_for, is_token, leaf_text

pytestmark = pytest.mark.exhaustive

PLACEHOLDER = "nothing-secret-here"
LETTERS = st.characters(codec="utf-8", exclude_categories=["Cs"])
TEXTS = st.one_of(
    st.text("abcdefXYZ0189+/=-_.<>&\"'\\ %@:가\n", min_size=8, max_size=40),
    st.text(LETTERS, min_size=8, max_size=40),
    st.from_regex(r"\A[A-Za-z0-9]{6,7}\Z"),
).filter(lambda text: is_searched_for(text) or is_token(text))
NUMBERS = st.one_of(st.integers(10**5, 10**15), st.floats(10, 10**6)).filter(lambda number: is_token(leaf_text(number)))
HOLDERS = [
    "resource",
    "whole resource",
    "block",
    "list",
    "map",
    "output",
    "variable",
    "drift",
    "data",
    "action",
    "state",
]


def holding(place: str, secret: Any) -> Json:
    """Return parts of a plan with a secret that is marked as sensitive."""
    value, mark = {
        "resource": ({"a": secret}, {"a": True}),
        "whole resource": ({"a": [secret]}, True),
        "block": ({"a": [{"b": secret}]}, {"a": [{"b": True}]}),
        "list": ({"a": ["x", secret]}, {"a": [False, True]}),
        "map": ({"a": {"k": secret}}, {"a": {"k": True}}),
    }.get(place, ({"a": secret}, {"a": True}))
    if place == "output":
        return {"output_changes": {"s": {"actions": ["create"], "after": secret, "after_sensitive": True}}}
    if place == "variable":
        return {
            "variables": {"v": {"value": secret}},
            "configuration": configuration(variables={"v": {"sensitive": True}}),
        }
    if place == "drift":
        return {"resource_drift": [change("aws_admin.a", "update", before=value, after={}, before_sensitive=mark)]}
    if place == "data":
        source = {"address": "data.aws_admin.a", "mode": "data", "values": value, "sensitive_values": mark}
        return {"prior_state": {"values": {"root_module": {"resources": [source]}}}}
    if place == "action":
        return {"action_invocations": [{"address": "action.x.y", "config_values": value, "config_sensitive": mark}]}
    actions = ["no-op"] if place == "state" else ["update"]
    return {"holder": change("aws_admin.a", *actions, before=value, after=value, before_sensitive=mark)}


def leaking(secret: Any, around: tuple[bytes, bytes]) -> list[Json]:
    """Return resources with unmarked copies of a secret, in various encodings."""
    text = leaf_text(secret)
    before, after = around
    coded = before + text.encode() + after
    values: dict[str, Any] = {
        "itself": secret,
        "text": f"see {text} now",
        "list": ["x", text, {"y": secret}],
        "key": {text: 1},
        "document": json.dumps({"x": {"y": text, "z": secret}}),
        "inner": json.dumps({"x": json.dumps({"y": json.dumps([text])})}),
        "json": f"run {json.dumps(text)} and {json.dumps(text, ensure_ascii=False)}",
        "url": f"https://x/?a={urllib.parse.quote(text, safe='')}&b={urllib.parse.quote_plus(text)}",
        "html": f"<b>{html.escape(text)}</b>",
        "base64": f"x {base64.b64encode(coded).decode()} y",
        "url-safe": f"x {base64.urlsafe_b64encode(coded).decode()} y",
    }
    return [
        change("aws_thing.a", "update", before={}, after=values),
        change("aws_thing.b", "delete", "create", before=values, after={}, replace_paths=[["text"], ["key", text]]),
        change("aws_launch_template.c", "create", after={"user_data": script(f"echo {text}")}),
        change("aws_thing.d", "no-op", before={}, after={}, importing={"id": f"x/{text}"}),
    ]


def review(place: str, secret: Any, around: tuple[bytes, bytes]) -> str:
    parts: Json = {"output_changes": {}} | holding(place, secret)
    changes = [*([parts.pop("holder")] if "holder" in parts else []), *leaking(secret, around)]
    outputs = {"leak": {"actions": ["create"], "before": None, "after": [secret, f"see {leaf_text(secret)}"]}}
    parts["output_changes"] |= outputs
    with TemporaryDirectory() as folder:
        return shown(Path(folder), *changes, **parts, checks=[failed_check(f"{leaf_text(secret)} is wrong")])


def in_base64(text: str) -> list[str]:
    """Return the base64 characters that depend on a text alone, at each offset in a group of three bytes."""
    return [base64.b64encode(b"\0" * skip + text.encode()).decode()[4:].rstrip("=")[:-1] for skip in range(3)]


def forms(text: str) -> set[str]:
    coded = [each for each in in_base64(text) if len(each) >= 8]
    safe = [each.translate(str.maketrans("+/", "-_")) for each in coded]
    quoted = [urllib.parse.quote(text, safe=""), urllib.parse.quote(text), urllib.parse.quote_plus(text)]
    return {
        text,
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        html.escape(text),
        *quoted,
        *coded,
        *safe,
    }


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(HOLDERS), st.one_of(TEXTS, NUMBERS), st.tuples(st.binary(max_size=4), st.binary(max_size=4)))
def test_no_planted_secret_is_shown_in_any_encoding(place: str, secret: Any, around: tuple[bytes, bytes]) -> None:
    text = leaf_text(secret)
    innocent = review(place, PLACEHOLDER, around)
    assume(not any(form in innocent for form in forms(text)))
    output = review(place, secret, around)
    assert not [form for form in forms(text) if form in output]
    assert "(sensitive value)" in output
