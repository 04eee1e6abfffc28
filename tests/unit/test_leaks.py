"""The search for leaked secrets finds them raw, URL-encoded and in base64."""

import base64
from urllib.parse import quote

import pytest

from tests.leaks import found_in, secrets_in_state, without_sensitive

SECRET = "p4ss/w0rd+of=a?service"


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "DB_PASSWORD="])
@pytest.mark.parametrize("after", ["", "z", "zy", "\n"])
def test_secrets_are_found_raw_url_encoded_and_in_base64(before: str, after: str) -> None:
    text = f"{before}{SECRET}{after}"
    encoded = base64.b64encode(text.encode()).decode()
    url_safe = base64.urlsafe_b64encode(text.encode()).decode()
    for form in (text, quote(text, safe=""), encoded, url_safe):
        assert found_in(form, {SECRET, "another secret"}) == {SECRET}
    assert found_in(f"{before}{SECRET[:-1]}", {SECRET}) == set()


def test_sensitive_values_of_a_state_are_secrets_except_plain_parameters_and_placeholders() -> None:
    def resource(type_: str, *path: object, **attributes: object) -> dict[str, object]:
        steps = [{"type": "get_attr", "value": step} for step in path]
        return {"type": type_, "instances": [{"attributes": attributes, "sensitive_attributes": [steps]}]}

    state = {
        "resources": [
            resource("aws_elasticache_replication_group", "auth_token", auth_token="of redis"),
            resource("aws_ssm_parameter", "value", type="SecureString", value="of ssm"),
            resource("aws_ssm_parameter", "value", type="SecureString", value="unset"),
            resource("aws_ssm_parameter", "value", type="String", value="5432"),
            resource("aws_example", "many", many=[{"of": "each"}, "entry"]),
            resource("aws_example", "many", 1, many=["first", "second"]),
            {"type": "aws_vpc", "instances": [{"attributes": {"id": "vpc-1"}}]},
        ]
    }
    assert secrets_in_state(state) == {"of redis", "of ssm", "each", "entry", "second"}


def test_sensitive_values_are_removed_and_others_kept() -> None:
    shown = {
        "values": {"token": "x", "name": "n", "nested": [{"a": "x", "b": "kept"}, {"a": "kept"}]},
        "sensitive_values": {"token": True, "nested": [{"a": True}]},
        "changes": [{"before": "x", "before_sensitive": True, "after": "kept", "after_sensitive": False}],
        "outputs": {"one": {"sensitive": True, "value": "x"}, "two": {"sensitive": False, "value": "kept"}},
    }
    left = without_sensitive(shown)
    assert left["values"] == {"token": None, "name": "n", "nested": [{"a": None, "b": "kept"}, {"a": "kept"}]}
    assert left["changes"] == [{"before": None, "before_sensitive": True, "after": "kept", "after_sensitive": False}]
    assert left["outputs"] == {"one": {"sensitive": True}, "two": {"sensitive": False, "value": "kept"}}
