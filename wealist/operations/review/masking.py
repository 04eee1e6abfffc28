"""Takes sensitive values out of a plan where it is read, so that nothing after can show them.

before ─┐ before_sensitive or after_sensitive, names, looks, secrets seen elsewhere
after  ─┴→ the same trees, with `Sensitive` in the place of secrets, and `Unknown` where AWS decides

A value that only becomes sensitive is masked on both sides, as Terraform does: the old one may be the same.
"""

import base64
import binascii
import gzip
import hashlib
import json
import secrets
from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

from wealist.operations.review.secrets import Known, cleaned, is_about_a_secret, is_secret_name
from wealist.operations.review.values import UNKNOWN, JsonText, Script, Sensitive, Value

_KEY: Final = secrets.token_bytes(32)
_USER_DATA: Final = {"user_data", "user_data_base64"}


def sensitive(value: Value) -> Sensitive:
    """What stands in the place of a value."""
    data = json.dumps(value, sort_keys=True).encode(errors="surrogatepass")
    return Sensitive(hashlib.blake2b(data, key=_KEY, digest_size=16).digest())


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
            yield from marked(each, _mark(marks, key), _name_of(value, key), by_name=by_name)
    elif isinstance(value, list):
        for each in value:
            yield from marked(each, _mark(marks, 0), name, by_name=by_name)


def masked(value: Value, marks: Value, unknown: Value, known: Known, *, name: str = "", by_name: bool = False) -> Value:
    """A tree of values as it may be shown.

    Args:
        value: as Terraform writes it.
        marks: a union, of the same shape: `true` where something is sensitive.
        unknown: of the same shape: `true` where AWS decides.
        known: secrets that were seen anywhere.
        name: the name that the value stands under.
        by_name: something above has a secret's name.
    """
    if unknown is True:
        return UNKNOWN
    by_name = by_name or is_secret_name(name)
    if value is not None and (marks is True or (by_name and _holds_a_secret(value, name))):
        return sensitive(value)
    if isinstance(value, dict):
        unknowns = unknown if isinstance(unknown, dict) else {}
        found = {
            known.removed_from(key): masked(
                each, _mark(marks, key), unknowns.get(key), known, name=_name_of(value, key), by_name=by_name
            )
            for key, each in value.items()
        }
        return found | {key: UNKNOWN for key, mark in unknowns.items() if mark is True and key not in value}
    if isinstance(value, list):
        places = unknown[: len(value)] if isinstance(unknown, list) else []
        return [
            masked(each, _mark(marks, 0), place, known, name=name, by_name=by_name)
            for each, place in zip_longest(value, places)
        ]
    if not isinstance(value, str):
        return value
    place = (value, name in _USER_DATA)
    if place not in known.shown:
        known.shown[place] = _text(value, known, is_script=place[1])
    return known.shown[place]


def _mark(marks: Value, step: str | int) -> Value:
    """The mark of a part. The marks of a list are united into one."""
    if isinstance(marks, dict):
        return marks.get(step)
    return marks[0] if isinstance(marks, list) and marks else None


def _holds_a_secret(value: Value, name: str) -> bool:
    """Whether a leaf below a secret's name is one: a number may be, a switch is not."""
    if isinstance(value, bool) or is_about_a_secret(name):
        return False
    return isinstance(value, int | float) or (isinstance(value, str) and bool(value))


def _name_of(holder: dict[str, Value], key: str) -> str:
    """The name of a value: in `{"name": "DB_PASSWORD", "value": …}` it stands beside it."""
    if key.lower() == "value":
        named = next((holder[each] for each in ("name", "Name", "key", "Key") if isinstance(holder.get(each), str)), "")
        return named or key
    return key


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


def _text(text: str, known: Known, *, is_script: bool) -> Value:
    """A string as it may be shown: what it encodes, without secrets."""
    if is_script and (script := _decoded(text)) is not None:
        return Script(cleaned(known.removed_from(script)))
    if text[:1] in {"{", "["} and (parsed := _parsed(text)) is not None:
        return JsonText(masked(parsed, None, None, known))
    return cleaned(known.removed_from(text))


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
    return found if isinstance(found, dict | list) else None
