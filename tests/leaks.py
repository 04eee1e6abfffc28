"""Find secrets that Terraform or a command printed or wrote to a file, in any encoding.

secrets_in_state   the sensitive values of a state
without_sensitive  the JSON of a plan or a state without its sensitive values
found_in           the secrets in a text: raw, URL-encoded, base64
"""

import base64
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, quote_plus

PLACEHOLDER: Final = "unset"
"""The value of a parameter that an operator has not set yet; it is not a secret."""
_MASKS: Final = {"values": "sensitive_values", "before": "before_sensitive", "after": "after_sensitive"}
"""Key of values in Terraform's JSON → the key with their sensitivity mask."""
_BITS: Final = 6
"""Bits of one base64 character."""


def forms(secret: str) -> set[str]:
    """Return the encodings of a secret. In base64 there are three, depending on the position of the secret."""
    raw = secret.encode()
    found = {secret, quote(secret, safe=""), quote_plus(secret)}
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + raw).decode()
        first, end = -(-8 * shift // _BITS), 8 * (shift + len(raw)) // _BITS
        inside = encoded[first:end]
        found |= {inside, inside.translate(str.maketrans("+/", "-_"))}
    return found


def found_in(text: str, secrets: Iterable[str]) -> set[str]:
    """Return the secrets that a text contains."""
    return {secret for secret in secrets if any(form in text for form in forms(secret))}


def secrets_in_state(state: Mapping[str, Any]) -> set[str]:
    """Return the sensitive values of a state, without those of parameters of type String."""
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
    """Return the output of `terraform show -json` without its sensitive values."""
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
