"""Takes sensitive values out of a plan where it is read, so that nothing after can show them.

before ─┐ before_sensitive or after_sensitive, names, looks, secrets seen elsewhere
after  ─┴→ the same trees, with `Sensitive` in the place of secrets, and `Unknown` where AWS decides

A value that only becomes sensitive is masked on both sides, as Terraform does: the old one may be the same.
"""

import base64
import binascii
import gzip
import json
from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

from wealist.model.plan_values import UNKNOWN, Sensitive, Value, is_deeper
from wealist.review.inline_secrets import cleaned
from wealist.review.secrets import Known, digest, is_about_a_secret, is_arn, is_secret_name, readable
from wealist.review.values import JsonText, Script

_USER_DATA: Final = {"content_base64", "custom_data", "user_data", "user_data_base64"}
_NAME: Final = ("name", "key")
_STORES: Final = ("PARAMETER_STORE", "SECRETS_MANAGER")
_DEEPEST: Final = 50
"""Levels of a JSON text; a deeper one is a text like any other."""
_INNERMOST: Final = 2
"""JSON texts inside of one another that are looked into."""


def sensitive(value: Value) -> Sensitive:
    """What stands in the place of a value."""
    return Sensitive(digest(json.dumps(value, sort_keys=True).encode(errors="surrogatepass")))


def union(marks: Value, others: Value) -> Value:
    """What is marked in one of two trees of `…_sensitive`.

    A list's elements may stand elsewhere on the other side, so a mark on one of them is a mark on all.
    """
    if marks is True or others is True:
        return True
    if isinstance(marks, list) or isinstance(others, list):
        every: Value = False
        for each in (*(marks if isinstance(marks, list) else ()), *(others if isinstance(others, list) else ())):
            every = union(every, each)
        return [every]
    if isinstance(marks, dict) or isinstance(others, dict):
        left = marks if isinstance(marks, dict) else {}
        right = others if isinstance(others, dict) else {}
        return {key: union(left.get(key), right.get(key)) for key in left.keys() | right.keys()}
    return False


def marked(value: Value, marks: Value, name: str = "", *, by_name: bool = False) -> Iterator[str]:
    """Every string that is a secret by its mark or by its name.

    Args:
        value: as Terraform writes it.
        marks: a union, of the same shape.
        name: the name that the value stands under.
        by_name: something above has a secret's name.
    """
    by_name = by_name or is_secret_name(name)
    if marks is True or (by_name and _holds_a_secret(value, name)):
        yield from _strings(value)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from marked(each, _part(marks, key), _name_of(value, key), by_name=by_name)
    elif isinstance(value, list):
        for each in value:
            yield from marked(each, _part(marks, 0), name, by_name=by_name)


def masked(
    value: Value,
    marks: Value,
    unknown: Value,
    known: Known,
    *,
    name: str = "",
    by_name: bool = False,
    inside: int = 0,
) -> Value:
    """A tree of values as it may be shown.

    Args:
        value: as Terraform writes it.
        marks: a union, of the same shape: `true` where something is sensitive.
        unknown: of the same shape: `true` where AWS decides.
        known: secrets that were seen anywhere.
        name: the name that the value stands under.
        by_name: something above has a secret's name.
        inside: of how many JSON texts it is a part.
    """
    if unknown is True:
        return UNKNOWN
    by_name = by_name or is_secret_name(name)
    if value is not None and (marks is True or (by_name and _holds_a_secret(value, name))):
        return sensitive(value)
    if isinstance(value, dict):
        unknowns = unknown if isinstance(unknown, dict) else {}
        found = {
            without_secrets(key, known): masked(
                each,
                _part(marks, key),
                unknowns.get(key),
                known,
                name=_name_of(value, key),
                by_name=by_name,
                inside=inside,
            )
            for key, each in value.items()
        }
        more = (key for key, mark in unknowns.items() if mark is True and key not in value)
        return found | {without_secrets(key, known): UNKNOWN for key in more}
    if isinstance(value, list):
        places = unknown[: len(value)] if isinstance(unknown, list) else []
        return [
            masked(each, _part(marks, 0), place, known, name=name, by_name=by_name, inside=inside)
            for each, place in zip_longest(value, places)
        ]
    if not isinstance(value, str):
        return value
    place = (value, name in _USER_DATA, inside)
    if place not in known.shown:
        known.shown[place] = _text(value, known, is_script=place[1], inside=inside)
    return known.shown[place]


def without_secrets(text: str, known: Known) -> str:
    """A text as it may be shown; what is masked in it is `Masked`."""
    if text not in known.texts:
        known.texts[text] = readable(cleaned(known.removed_from(text)))
    return known.texts[text]


def steps(path: list[str | int], marks: Value, known: Known) -> Iterator[str | int]:
    """The steps to an attribute, as far as they may be shown: the keys of a sensitive map are secret, too."""
    for step in path:
        if marks is True:
            return
        yield step if isinstance(step, int) else without_secrets(step, known)
        marks = _part(marks, step)


def _part(marks: Value, step: str | int) -> Value:
    """The mark of a part. The marks of a list are united into one."""
    if isinstance(marks, dict):
        return marks.get(step)
    return marks[0] if isinstance(marks, list) and marks else None


def _holds_a_secret(value: Value, name: str) -> bool:
    """Whether a leaf below a secret's name is one: a number may be; a switch, or the ARN of a secret, is not."""
    if isinstance(value, bool) or is_about_a_secret(name):
        return False
    return isinstance(value, int | float) or (isinstance(value, str) and bool(value) and not is_arn(value))


def _name_of(holder: dict[str, Value], key: str) -> str:
    """The name of a value: in `{"name": "DB_PASSWORD", "value": …}` it stands beside it.

    So it does in `{"ParameterKey": …, "ParameterValue": …}`, and for `insecure_value` of a parameter. Where CodeBuild
    looks a variable up, its value is the name of a secret.
    """
    kind = key.lower()
    if not kind.endswith("value") or holder.get("type") in _STORES:
        return key
    names = {f"{beginning}{each}" for beginning in ("", kind.removesuffix("value")) for each in _NAME}
    named = (each for other, each in holder.items() if other.lower() in names and isinstance(each, str))
    return next((each for each in named if is_secret_name(each)), key)


def _strings(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        yield from (line for line in value.splitlines() if line != value)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def _text(text: str, known: Known, *, is_script: bool, inside: int) -> Value:
    """A string as it may be shown: what it encodes, without secrets."""
    if is_script and (script := _decoded(text)) is not None:
        return Script(without_secrets(script, known), digest(text.encode(errors="surrogatepass")))
    if text.lstrip()[:1] in {"{", "["} and inside < _INNERMOST and (parsed := _parsed(text)) is not None:
        written = digest(text.encode(errors="surrogatepass"))
        return JsonText(masked(parsed, None, None, known, inside=inside + 1), written)
    return without_secrets(text, known)


def _decoded(text: str) -> str | None:
    """The script of user data: base64 in a launch template, perhaps compressed."""
    try:
        data = base64.b64decode(text, validate=True)
        return (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data).decode()
    except (binascii.Error, UnicodeDecodeError, OSError, EOFError, ValueError):
        return text if "\n" in text else None


def _parsed(text: str) -> Value:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) and not is_deeper(found, _DEEPEST) else None
