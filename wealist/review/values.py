"""The values of a plan as a review shows them: strings that encode something are read."""

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from wealist.model.plan_values import MASK, UNKNOWN, Sensitive, Steps, Value, follow
from wealist.model.values import is_unknown, values_at
from wealist.review.secrets import split_lines

_EMPTIED: Final = (str, list, dict)
"""Types of values that may be empty."""
_PLAIN_KEY: Final = re.compile(r"[^.\[\]\"\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class JsonText:
    """A string that holds JSON, such as a policy: compared and shown as what it means.

    Attributes:
        written: digest of the string, which may have the same meaning as another one.
    """

    value: Value
    written: bytes = field(default=b"", compare=False)


@dataclass(frozen=True, slots=True)
class Script:
    """User data, decoded.

    Attributes:
        written: digest of what it was decoded from, which is compressed and encoded in one of several ways.
    """

    text: str
    written: bytes = field(default=b"", compare=False)

    @property
    def lines(self) -> list[str]:
        """Its lines; two that differ in what is masked are not equal."""
        return split_lines(self.text)


def is_empty(value: Value) -> bool:
    """Whether a value says nothing: many attributes turn from null to empty and back without any effect."""
    if isinstance(value, Script):
        return not value.text
    return value is None or (isinstance(value, _EMPTIED) and not value)


def is_hidden(value: Value) -> bool:
    """Whether a value, or a part of it, is masked or known only after the apply: then nobody can judge it here."""
    if isinstance(value, JsonText):
        return is_hidden(value.value)
    if isinstance(value, str | Script):
        return MASK in (value.text if isinstance(value, Script) else value)
    if isinstance(value, dict):
        return any(map(is_hidden, (*value, *value.values())))
    if isinstance(value, list):
        return any(map(is_hidden, value))
    return value is UNKNOWN or isinstance(value, Sensitive)


def first(value: Value, *path: str) -> Value:
    """The value at a path through blocks, or None; a block that is a list of one is looked into."""
    for step in path:
        if isinstance(value, list) and value:
            value = value[0]
        if not isinstance(value, dict):
            return value if value is UNKNOWN else None
        value = value.get(step)
    return value


def path_label(steps: Steps, *sides: Value) -> str:
    """Steps as a difference shows them: `disk[1].size`, and `launch_template.id` where each side has a list of one."""
    text = ""
    for place, step in enumerate(steps):
        if isinstance(step, str):
            text = join_path(text, step)
        else:
            holders = [follow(side, steps[:place]) for side in sides]
            lengths = {len(holder) for holder in holders if isinstance(holder, list)}
            text += "" if lengths == {1} and step == 0 else f"[{step}]"
    return text


def join_path(path: str, key: str) -> str:
    """What an attribute or a key below a path is called: `tags.Name`, `tags["kubernetes.io/name"]`."""
    if not _PLAIN_KEY.fullmatch(key):
        return f"{path}[{json.dumps(key, ensure_ascii=False)}]"
    return f"{path}.{key}" if path else key


def all_at(value: Value, path: str) -> list[Value]:
    """All values at a path as types.toml and the rules write it; None where nothing is set.

    A part that is unknown or sensitive as a whole stands for what is inside it.
    """
    try:
        return values_at(value, path) if isinstance(value, dict) else [value] if is_unknown(value) else []
    except ValueError:  # something else stands where the path has a block
        return []


def first_at(value: Value, path: str) -> Value:
    """The first value at a path, or None."""
    return next(iter(all_at(value, path)), None)


LONGEST: Final = 400
"""Characters of a value or a name that are shown."""

_UNUSUAL: Final = re.compile(r"[^\x20-\x7e]")
_SHORT: Final = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def visible(text: str) -> str:
    """A text on one line, without a character that cannot be seen: controls, marks of direction, odd spaces."""
    return text if text.isascii() and text.isprintable() else _UNUSUAL.sub(_spelled, text)


def _spelled(match: re.Match[str]) -> str:
    character = match[0]
    if unicodedata.category(character)[0] in "CZ":
        return _SHORT.get(character, f"\\u{{{ord(character):x}}}")
    return character


def truncate(text: str, longest: int = LONGEST) -> str:
    """The beginning of a long text."""
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text) - longest} more characters)"


def truncate_name(text: str) -> str:
    """The beginning of a long name, and a fingerprint, which tells it from others that begin alike."""
    if len(text) <= LONGEST:
        return text
    return f"{truncate(text)} {hashlib.sha256(text.encode()).hexdigest()[:8]}"


_DEFAULTS: Final[tuple[Value, ...]] = (None, "", "false", [], {})


def differing_arguments(before: Value, after: Value) -> set[str]:
    """The arguments that differ by more than a default: null, false, 0 and empty are the same."""
    sides = [side if isinstance(side, dict) else {} for side in (before, after)]
    return {name for name in {*sides[0], *sides[1]} if _essence(sides[0].get(name)) != _essence(sides[1].get(name))}


def _essence(value: Value) -> Value:
    """A value without what says nothing."""
    if isinstance(value, JsonText):
        return _essence(value.value)
    if isinstance(value, dict):
        kept = {key: _essence(each) for key, each in value.items()}
        return {key: each for key, each in kept.items() if each is not None} or None
    if isinstance(value, list):
        return [_essence(each) for each in value] or None
    return None if value is False or value == 0 or value in _DEFAULTS else value
