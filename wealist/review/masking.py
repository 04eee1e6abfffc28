"""Takes sensitive values out of a plan where it is read, so that nothing after can show them.

before ─┐ before_sensitive or after_sensitive, names, looks, secrets seen elsewhere
after  ─┴→ the same trees, with `Sensitive` in the place of secrets, and `Unknown` where AWS decides

A value that only becomes sensitive is masked on both sides, as Terraform does: the old one may be the same.
"""

import base64
import binascii
import functools
import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Final, NamedTuple, Self

from wealist.checks.secrets.inline import places
from wealist.checks.secrets.names import is_about_a_secret, is_arn, is_secret_name
from wealist.model.plan import ChangeBody
from wealist.model.plan_values import NESTED, UNKNOWN, Sensitive, Value, elements, is_deeper
from wealist.review.secrets import SecretIndex, contains_word, digest, leaf_text, render_marks, replace_with_marks
from wealist.review.values import JsonText, Script

_USER_DATA: Final = {"content_base64", "custom_data", "user_data", "user_data_base64"}
_NAME: Final = ("name", "key")
_ARGUMENT: Final = re.compile(r"--?[\w-]+")
_STORES: Final = ("PARAMETER_STORE", "SECRETS_MANAGER")
_NONE: Final[Mapping[str, Value]] = {}
_DEEPEST: Final = 50
"""Levels of a JSON text; a deeper one is a text like any other."""
_INNERMOST: Final = 2
"""JSON texts inside of one another that are looked into."""


def sensitive(value: Value) -> Sensitive:
    """What stands in the place of a value."""
    return Sensitive(digest(json.dumps(value, sort_keys=True).encode(errors="surrogatepass")))


def merge_marks(marks: Value, others: Value) -> Value:
    """What is marked in one of two trees of `…_sensitive`.

    A list's elements may stand elsewhere on the other side, so a mark on one of them is a mark on all.
    """
    if marks is True or others is True:
        return True
    if {type(marks), type(others)} == {list, dict}:  # the sides have other shapes: nobody can say what is meant
        return True if _marks_any(marks) and _marks_any(others) else marks if _marks_any(marks) else others
    if isinstance(marks, list) or isinstance(others, list):
        every: Value = False
        for each in (*elements(marks), *elements(others)):
            every = merge_marks(every, each)
        return [every]
    if isinstance(marks, dict) or isinstance(others, dict):
        left = marks if isinstance(marks, dict) else {}
        right = others if isinstance(others, dict) else {}
        return {key: merge_marks(left.get(key), right.get(key)) for key in left.keys() | right.keys()}
    return False


def _marks_any(marks: Value) -> bool:
    if isinstance(marks, NESTED):
        return any(map(_marks_any, marks.values() if isinstance(marks, dict) else marks))
    return marks is True


def sensitive_marks(body: ChangeBody, passed: Mapping[str, Iterable[str]]) -> Value:
    """Return what is sensitive on either side of a change: what Terraform marks, and where small secrets are passed.

    Args:
        body: The change.
        passed: Argument, or an empty text for the whole → small secrets that its expression refers to.
    """
    marks = merge_marks(body.before_sensitive, body.after_sensitive)
    for name, secrets in passed.items():
        for side in (body.before, body.after):
            if not name:
                marks = merge_marks(marks, _equal(side, secrets))
            elif isinstance(side, dict) and name in side:
                marks = merge_marks(marks, {name: _equal(side[name], secrets)})
    return marks


def _equal(value: Value, secrets: Iterable[str]) -> Value:
    """Return marks for the leaves that are one of some secrets, and for texts that hold one as a word."""
    if isinstance(value, dict):
        return {key: _equal(each, secrets) for key, each in value.items()}
    if isinstance(value, list):
        return [_equal(each, secrets) for each in value]
    return value is not None and any(contains_word(leaf_text(value), each) for each in secrets)


def secret_texts(value: Value, marks: Value, name: str = "", *, by_name: bool = False) -> Iterator[str]:
    """Return every value that is a secret by its mark or by its name, as a text.

    Args:
        value: as Terraform writes it.
        marks: a union, of the same shape.
        name: the name that the value stands under.
        by_name: something above has a secret's name.
    """
    by_name = by_name or is_secret_name(name)
    if marks is True or (by_name and _holds_a_secret(value, name)):
        yield from _leaves(value)
    elif isinstance(value, dict):
        for key, each in value.items():
            mark = _part(marks, key)
            if each is None or (mark is not True and isinstance(each, bool)):
                continue
            inner = effective_name(value, key)
            if mark is True or by_name or isinstance(each, NESTED) or is_secret_name(inner):
                yield from secret_texts(each, mark, inner, by_name=by_name)
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from secret_texts(each, _part(marks, 0), _name_in_list(value, place, name), by_name=by_name)


class _Context(NamedTuple):
    """Where in a tree a value stands.

    Attributes:
        secrets: Secrets that were seen anywhere.
        name: The name that the value stands under.
        by_name: Something above has a secret's name.
        inside: Of how many JSON texts it is a part.
    """

    secrets: SecretIndex
    name: str
    by_name: bool = False
    inside: int = 0

    def under(self, name: str) -> Self:
        if name == self.name:
            return self
        return type(self)(self.secrets, name, self.by_name or is_secret_name(name), self.inside)


def mask(value: Value, marks: Value, unknown: Value, secrets: SecretIndex, *, name: str = "") -> Value:
    """Return a tree of values as it may be shown.

    Args:
        value: As Terraform writes it.
        marks: A union, of the same shape: `true` where something is sensitive.
        unknown: Of the same shape: `true` where AWS decides.
        secrets: Secrets that were seen anywhere.
        name: The name that the value stands under.
    """
    return _masked(value, marks, unknown, _Context(secrets, name, is_secret_name(name)))


def mask_sides(body: ChangeBody, marks: Value, secrets: SecretIndex, *, name: str = "") -> tuple[Value, Value]:
    """Return both sides of a change as they may be shown. What stays is masked once.

    Args:
        body: The change.
        marks: What is sensitive on either side.
        secrets: Secrets that were seen anywhere.
        name: The name that the whole stands under.
    """
    before = mask(body.before, marks, None, secrets, name=name)
    if body.after_unknown is True or not isinstance(body.after, dict) or not isinstance(before, dict):
        return before, mask(body.after, marks, body.after_unknown, secrets, name=name)
    unknowns = body.after_unknown if isinstance(body.after_unknown, dict) else {}
    kept = {
        key: before[mask_text(key, secrets)]
        for key, each in body.after.items()
        if not unknowns.get(key) and _is_kept(body, key, each)
    }
    return before, _masked_object(body.after, marks, unknowns, _Context(secrets, name, is_secret_name(name)), kept)


def _is_kept(body: ChangeBody, key: str, value: Value) -> bool:
    """Whether an argument is the same on both sides, and named alike: 1 and `true` only look equal."""
    old = body.before.get(key)
    if old is None or old != value or effective_name(body.before, key) != effective_name(body.after, key):
        return False
    return isinstance(value, str) or repr(old) == repr(value)


def _masked(value: Value, marks: Value, unknown: Value, context: _Context) -> Value:
    if unknown is True:
        return UNKNOWN
    if value is not None and (marks is True or (context.by_name and _holds_a_secret(value, context.name))):
        return sensitive(value)
    if isinstance(value, dict):
        return _masked_object(value, marks, unknown, context)
    if isinstance(value, list):
        unknowns = unknown[: len(value)] if isinstance(unknown, list) else []
        return [
            _masked(each, _part(marks, 0), unknown_part, context.under(_name_in_list(value, place, context.name)))
            for place, (each, unknown_part) in enumerate(zip_longest(value, unknowns))
        ]
    return _masked_leaf(value, context)


def _masked_object(
    value: dict[str, Value], marks: Value, unknown: Value, context: _Context, kept: Mapping[str, Value] = _NONE
) -> dict[str, Value]:
    """An object; `kept` are arguments that are masked already."""
    unknowns = unknown if isinstance(unknown, dict) else {}
    marked_parts, others = (marks, None) if isinstance(marks, dict) else (_NONE, _part(marks, ""))
    secrets = context.secrets
    parts = {}
    for key, each in value.items():
        shown = secrets.texts.get(key) or mask_text(key, secrets)
        if key in kept:
            parts[shown] = kept[key]
            continue
        mark, unknown_part = marked_parts.get(key, others), unknowns.get(key)
        if mark is True or unknown_part is True:
            parts[shown] = _masked(each, mark, unknown_part, context.under(effective_name(value, key)))
        elif each is None or each is True or each is False:  # most arguments of a resource
            parts[shown] = each
        elif isinstance(each, str) and not context.by_name and is_plain_name(key):  # most of the others
            parts[shown] = _masked_text(each, secrets, is_script=key in _USER_DATA, inside=context.inside)
        else:
            parts[shown] = _masked(each, mark, unknown_part, context.under(effective_name(value, key)))
    more = (key for key, mark in unknowns.items() if mark is True and key not in value)
    parts.update((mask_text(key, secrets), UNKNOWN) for key in more)
    return parts


def _masked_leaf(value: Value, context: _Context) -> Value:
    secrets = context.secrets
    if isinstance(value, int | float) and not isinstance(value, bool) and secrets.holds(value):
        return sensitive(value)
    if not isinstance(value, str):
        return value
    return _masked_text(value, secrets, is_script=context.name in _USER_DATA, inside=context.inside)


def _masked_text(text: str, secrets: SecretIndex, *, is_script: bool, inside: int) -> Value:
    place = (text, is_script, inside)
    if place not in secrets.shown:
        secrets.shown[place] = _text(text, secrets, is_script=is_script, inside=inside)
    return secrets.shown[place]


def mask_text(text: str, secrets: SecretIndex) -> str:
    """A text as it may be shown; what is masked in it is `Masked`."""
    if text not in secrets.texts:
        own_words = ((start, end) for start, end, _ in places(text))
        secrets.texts[text] = render_marks(replace_with_marks(text, [*secrets.places(text), *own_words]))
    return secrets.texts[text]


def visible_steps(path: list[str | int], marks: Value, secrets: SecretIndex) -> Iterator[str | int]:
    """The steps to an attribute, as far as they may be shown: the keys of a sensitive map are secret, too."""
    for step in path:
        if marks is True:
            return
        yield step if isinstance(step, int) else mask_text(step, secrets)
        marks = _part(marks, step)


def _part(marks: Value, step: str | int) -> Value:
    """The mark of a part. The marks of a list are united into one."""
    if isinstance(marks, dict):
        return marks.get(step)
    return marks[0] if isinstance(marks, list) and marks else None


def _name_in_list(values: list[Value], place: int, name: str) -> str:
    """The name of an element: the argument before it, in `["--password", …]`."""
    before = values[place - 1] if place else None
    return before if isinstance(before, str) and _ARGUMENT.fullmatch(before) and is_secret_name(before) else name


def _holds_a_secret(value: Value, name: str) -> bool:
    """Whether a leaf below a secret's name is one: a number may be; a switch, or the ARN of a secret, is not."""
    if isinstance(value, bool) or is_about_a_secret(name):
        return False
    return isinstance(value, int | float) or (isinstance(value, str) and bool(value) and not is_arn(value))


def effective_name(holder: dict[str, Value], key: str) -> str:
    """The name of a value: in `{"name": "DB_PASSWORD", "value": …}` it stands beside it.

    So it does in `{"ParameterKey": …, "ParameterValue": …}`, and for `insecure_value` of a parameter. Where CodeBuild
    looks a variable up, its value is the name of a secret.
    """
    names = _names_beside(key)
    if not names or holder.get("type") in _STORES:
        return key
    named = (each for other, each in holder.items() if other.lower() in names and isinstance(each, str))
    return next((each for each in named if is_secret_name(each)), key)


@functools.lru_cache(maxsize=65_536)
def is_plain_name(key: str) -> bool:
    """Whether a value of a name is no secret by its name, whatever stands beside it."""
    return not _names_beside(key) and not is_secret_name(key)


@functools.lru_cache(maxsize=65_536)
def _names_beside(key: str) -> frozenset[str]:
    """The arguments that may hold the name of a value; none where the key does not say that it is a value."""
    kind = key.lower()
    beginnings = ("", kind.removesuffix("value")) if kind.endswith("value") else ()
    return frozenset(f"{beginning}{each}" for beginning in beginnings for each in _NAME)


def _leaves(value: Value) -> Iterator[str]:
    """The text of each part, of each line of a part, and of what is a secret by its name in a JSON text."""
    if isinstance(value, str):
        yield value
        yield from (line for line in value.splitlines() if line != value)
        if (parsed := _parsed(value)) is not None:
            yield from secret_texts(parsed, None)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif value is not None:
        yield leaf_text(value)


def _text(text: str, secrets: SecretIndex, *, is_script: bool, inside: int) -> Value:
    """A string as it may be shown: what it encodes, without secrets."""
    if is_script and (script := _decoded(text)) is not None:
        return Script(mask_text(script, secrets), digest(text.encode(errors="surrogatepass")))
    if inside < _INNERMOST and (parsed := _parsed(text)) is not None:
        written = digest(text.encode(errors="surrogatepass"))
        return JsonText(_masked(parsed, None, None, _Context(secrets, "", inside=inside + 1)), written)
    return mask_text(text, secrets)


def _decoded(text: str) -> str | None:
    """The script of user data: base64 in a launch template, perhaps compressed."""
    try:
        data = base64.b64decode(text, validate=True)
        return (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data).decode()
    except (binascii.Error, UnicodeDecodeError, OSError, EOFError, ValueError):
        return text if "\n" in text else None


def _parsed(text: str) -> Value:
    if text.lstrip()[:1] not in {"{", "["}:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, NESTED) and not is_deeper(found, _DEEPEST) else None
