"""Replace sensitive values of a plan while it is read.

before ─┐ before_sensitive or after_sensitive, names, formats, secrets seen elsewhere
after  ─┴→ the same trees, with `Sensitive` in place of secrets and `UNKNOWN` for values known after the apply

A value that is sensitive on one side is masked on both, as Terraform does: both may hold the same secret.
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

from wealist.checks.secrets.inline import secret_spans
from wealist.checks.secrets.names import is_arn, is_secret_metadata, is_secret_name
from wealist.model.plan import ChangeBody
from wealist.model.values import NESTED, UNKNOWN, Sensitive, Value, elements, is_deeper
from wealist.review.secrets import SecretIndex, contains_word, digest, leaf_text, render_marks, replace_with_marks
from wealist.review.values import JsonText, Script

_USER_DATA: Final = {"content_base64", "custom_data", "user_data", "user_data_base64"}
_NAME: Final = ("name", "key")
_ARGUMENT: Final = re.compile(r"--?[\w-]+")
_STORES: Final = ("PARAMETER_STORE", "SECRETS_MANAGER")
_NONE: Final[Mapping[str, Value]] = {}
_DEEPEST: Final = 50
"""Nesting levels of a JSON text; a deeper one is treated as plain text."""
_INNERMOST: Final = 2
"""Levels of JSON texts within JSON texts that are parsed."""


def sensitive(value: Value) -> Sensitive:
    """Return the replacement of a sensitive value."""
    return Sensitive(digest(json.dumps(value, sort_keys=True).encode(errors="surrogatepass")))


def merge_marks(marks: Value, others: Value) -> Value:
    """Return the union of two `…_sensitive` trees.

    The elements of a list may have other positions on the other side, so a mark on one element marks all of them.
    """
    if marks is True or others is True:
        return True
    if {type(marks), type(others)} == {list, dict}:  # the shapes differ: the marks cannot be matched
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
    """Return the sensitive marks of a change: Terraform's own, and those of short secrets passed by the configuration.

    Args:
        body: The change.
        passed: Argument → short secrets that its expression refers to; the key "" stands for the whole value.
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
    """Mark each leaf that equals one of the secrets or contains one as a word."""
    if isinstance(value, dict):
        return {key: _equal(each, secrets) for key, each in value.items()}
    if isinstance(value, list):
        return [_equal(each, secrets) for each in value]
    return value is not None and any(contains_word(leaf_text(value), each) for each in secrets)


def secret_texts(value: Value, marks: Value, name: str = "", *, by_name: bool = False) -> Iterator[str]:
    """Yield the text of every value that is secret by its mark or by its name.

    Args:
        value: The value as it stands in the plan.
        marks: Marks of the same shape, merged.
        name: Name of the argument or key.
        by_name: Whether an enclosing block or key has the name of a secret.
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
    """The position of a value in a tree.

    Attributes:
        secrets: All secrets of the plan.
        name: Name of the argument or key.
        by_name: Whether an enclosing block or key has the name of a secret.
        inside: Number of enclosing JSON texts.
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
    """Return a tree of values without secrets.

    Args:
        value: The value as it stands in the plan.
        marks: Merged marks of the same shape; `true` marks a sensitive value.
        unknown: Marks of the same shape; `true` marks a value known after the apply.
        secrets: All secrets of the plan.
        name: Name of the argument or key.
    """
    return _masked(value, marks, unknown, _Context(secrets, name, is_secret_name(name)))


def mask_sides(body: ChangeBody, marks: Value, secrets: SecretIndex, *, name: str = "") -> tuple[Value, Value]:
    """Return both sides of a change without secrets. Unchanged arguments are masked only once, which saves time.

    Args:
        body: The change.
        marks: Merged sensitive marks of both sides.
        secrets: All secrets of the plan.
        name: Name of the whole value, for an output.
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
    """Return whether an argument has the same value and name on both sides; 1 equals `True` in Python, but not here."""
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
    """Mask an object, except the arguments in `kept`, which are already masked."""
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
    if isinstance(value, int | float) and not isinstance(value, bool) and secrets.contains(value):
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
    """Return a text without secrets; of type `Masked` if it contained any."""
    if text not in secrets.texts:
        own_words = ((start, end) for start, end, _ in secret_spans(text))
        secrets.texts[text] = render_marks(replace_with_marks(text, [*secrets.spans(text), *own_words]))
    return secrets.texts[text]


def visible_steps(path: list[str | int], marks: Value, secrets: SecretIndex) -> Iterator[str | int]:
    """Yield the steps to an attribute, up to a sensitive map: its keys are secret as well."""
    for step in path:
        if marks is True:
            return
        yield step if isinstance(step, int) else mask_text(step, secrets)
        marks = _part(marks, step)


def _part(marks: Value, step: str | int) -> Value:
    """Return the mark of an element. Merged marks of a list have a single element."""
    if isinstance(marks, dict):
        return marks.get(step)
    return marks[0] if isinstance(marks, list) and marks else None


def _name_in_list(values: list[Value], place: int, name: str) -> str:
    """Return the name of an element: the option before it in `["--password", …]`, else the list's name."""
    before = values[place - 1] if place else None
    return before if isinstance(before, str) and _ARGUMENT.fullmatch(before) and is_secret_name(before) else name


def _holds_a_secret(value: Value, name: str) -> bool:
    """Return whether a leaf under a secret's name is secret: not a boolean, an empty text, or a secret's ARN."""
    if isinstance(value, bool) or is_secret_metadata(name):
        return False
    return isinstance(value, int | float) or (isinstance(value, str) and bool(value) and not is_arn(value))


def effective_name(holder: dict[str, Value], key: str) -> str:
    """Return the name that describes a value: `DB_PASSWORD` for the value in `{"name": "DB_PASSWORD", "value": …}`.

    The same holds for `{"ParameterKey": …, "ParameterValue": …}` and `insecure_value` of a parameter. For variables
    that CodeBuild looks up (`type` is one of `_STORES`), the value is only the name of a secret.
    """
    names = _names_beside(key)
    if not names or holder.get("type") in _STORES:
        return key
    named = (each for other, each in holder.items() if other.lower() in names and isinstance(each, str))
    return next((each for each in named if is_secret_name(each)), key)


@functools.lru_cache(maxsize=65_536)
def is_plain_name(key: str) -> bool:
    """Return whether a name neither is a secret's name nor has its name in a sibling argument."""
    return not _names_beside(key) and not is_secret_name(key)


@functools.lru_cache(maxsize=65_536)
def _names_beside(key: str) -> frozenset[str]:
    """Return the sibling arguments that may hold the name of a value; none unless the key ends with `value`."""
    kind = key.lower()
    beginnings = ("", kind.removesuffix("value")) if kind.endswith("value") else ()
    return frozenset(f"{beginning}{each}" for beginning in beginnings for each in _NAME)


def _leaves(value: Value) -> Iterator[str]:
    """Yield the text of each leaf, each of its lines, and what a JSON text in it holds under secrets' names."""
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
    """Return a string without secrets, decoded if it is a script or JSON."""
    if is_script and (script := _decoded(text)) is not None:
        return Script(mask_text(script, secrets), digest(text.encode(errors="surrogatepass")))
    if inside < _INNERMOST and (parsed := _parsed(text)) is not None:
        written = digest(text.encode(errors="surrogatepass"))
        return JsonText(_masked(parsed, None, None, _Context(secrets, "", inside=inside + 1)), written)
    return mask_text(text, secrets)


def _decoded(text: str) -> str | None:
    """Return the script in user data, which may be base64 and gzip; None for a single line of plain text."""
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
