"""Whether a secret stands in what Terraform or a command printed or left, in any form that it may take there.

secrets_in_state   every value that a state marks as sensitive
without_sensitive  the JSON of a plan or a state, without what it marks as sensitive itself
found_in           which secrets stand in a text: raw, URL-encoded, base64
"""

import base64
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, quote_plus

PLACEHOLDER: Final = "unset"
"""What Terraform writes where an operator has not set a value yet: no secret."""
_MASKS: Final = {"values": "sensitive_values", "before": "before_sensitive", "after": "after_sensitive"}
"""Key of values in Terraform's JSON → the key beside it that says which of them are sensitive."""
_BITS: Final = 6
"""Bits that one character of base64 holds."""


def forms(secret: str) -> set[str]:
    """A secret as it may stand in a text. In base64 it may begin at any of three places, so that its edges vary."""
    raw = secret.encode()
    found = {secret, quote(secret, safe=""), quote_plus(secret)}
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + raw).decode()
        first, end = -(-8 * shift // _BITS), 8 * (shift + len(raw)) // _BITS
        inside = encoded[first:end]
        found |= {inside, inside.translate(str.maketrans("+/", "-_"))}
    return found


def found_in(text: str, secrets: Iterable[str]) -> set[str]:
    """Those of the secrets that stand in a text."""
    return {secret for secret in secrets if any(form in text for form in forms(secret))}


def secrets_in_state(state: Mapping[str, Any]) -> set[str]:
    """Every value that a state marks as sensitive, but for the plain parameters, whose type says that they are none."""
    return {
        value
        for resource in state["resources"]
        for instance in resource["instances"]
        if not (resource["type"] == "aws_ssm_parameter" and instance["attributes"]["type"] == "String")
        for path in instance.get("sensitive_attributes", [])
        for value in _strings(_at(instance["attributes"], [step["value"] for step in path]))
        if value != PLACEHOLDER
    }


def without_sensitive(shown: Any) -> Any:
    """What `terraform show -json` says, without the values that it marks as sensitive."""
    if isinstance(shown, list):
        return [without_sensitive(each) for each in shown]
    if not isinstance(shown, dict):
        return shown
    if shown.get("sensitive") is True:
        return {key: value for key, value in shown.items() if key != "value"}
    masks = {key: shown.get(mask, False) for key, mask in _MASKS.items()}
    return {key: without_sensitive(_hidden(value, masks.get(key, False))) for key, value in shown.items()}


def _hidden(value: Any, mask: Any) -> Any:
    if mask is True:
        return None
    if isinstance(mask, dict) and isinstance(value, dict):
        return {key: _hidden(each, mask.get(key, False)) for key, each in value.items()}
    if isinstance(mask, list) and isinstance(value, list):
        masks = [*mask, *([False] * (len(value) - len(mask)))]
        return [_hidden(each, masks[place]) for place, each in enumerate(value)]
    return value


def _at(attributes: Any, path: list[Any]) -> Any:
    for step in path:
        attributes = attributes[step]
    return attributes


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
