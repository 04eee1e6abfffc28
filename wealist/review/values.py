"""Values of a plan as a review compares and shows them: decoded strings, paths, printable text."""

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from wealist.model.values import MASK, UNKNOWN, Sensitive, Steps, Value, follow, is_unknown, values_at
from wealist.review.secrets import split_lines

_EMPTIED: Final = (str, list, dict)
"""Types of values that may be empty."""
_PLAIN_KEY: Final = re.compile(r"[^.\[\]\"\x00-\x1f]+")
_DEFAULTS: Final[tuple[Value, ...]] = (None, "", "false", [], {})
LONGEST: Final = 400
"""Characters of a value or a name that are shown."""
_UNUSUAL: Final = re.compile(r"[^\x20-\x7e]")
_ESCAPES: Final = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


@dataclass(frozen=True, slots=True)
class JsonText:
    """A string that holds JSON, such as a policy. Compared by its content.

    Attributes:
        written: Digest of the string: strings that differ in format have the same content.
    """

    value: Value
    written: bytes = field(default=b"", compare=False)


@dataclass(frozen=True, slots=True)
class Script:
    """Decoded user data.

    Attributes:
        written: Digest of the encoded string: the same script can be compressed and encoded in several ways.
    """

    text: str
    written: bytes = field(default=b"", compare=False)

    @property
    def lines(self) -> list[str]:
        """The lines; two that differ only in their masked secrets are not equal."""
        return split_lines(self.text)


def is_empty(value: Value) -> bool:
    """Return whether a value is null or empty. Many attributes change between the two without any effect."""
    if isinstance(value, Script):
        return not value.text
    return value is None or (isinstance(value, _EMPTIED) and not value)


def is_hidden(value: Value) -> bool:
    """Return whether a value or a part of it is masked or unknown, and therefore cannot be judged."""
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
    """Return the value at a path, or None. Of a list of blocks, only the first is followed."""
    for step in path:
        if isinstance(value, list) and value:
            value = value[0]
        if not isinstance(value, dict):
            return value if value is UNKNOWN else None
        value = value.get(step)
    return value


def path_label(steps: Steps, *sides: Value) -> str:
    """Return the label of a path: `disk[1].size`, or `launch_template.id` if the list has one element on each side."""
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
    """Return the label of a key below a path: `tags.Name`, `tags["kubernetes.io/name"]`."""
    if not _PLAIN_KEY.fullmatch(key):
        return f"{path}[{json.dumps(key, ensure_ascii=False)}]"
    return f"{path}.{key}" if path else key


def all_at(value: Value, path: str) -> list[Value]:
    """Return all values at a path in the notation of types.toml and the rules; None for each that is not set.

    An unknown or sensitive block is returned in place of the values in it.
    """
    try:
        return values_at(value, path) if isinstance(value, dict) else [value] if is_unknown(value) else []
    except ValueError:  # the path expects a block where the value has none
        return []


def first_at(value: Value, path: str) -> Value:
    """Return the first value at a path, or None."""
    return next(iter(all_at(value, path)), None)


def visible(text: str) -> str:
    """Return a text on one line, with escapes for control characters, bidirectional marks and unusual spaces."""
    return text if text.isascii() and text.isprintable() else _UNUSUAL.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    if unicodedata.category(character)[0] in "CZ":
        return _ESCAPES.get(character, f"\\u{{{ord(character):x}}}")
    return character


def truncate(text: str, longest: int = LONGEST) -> str:
    """Return a text of at most `longest` characters, followed by the number of characters left out."""
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text) - longest} more characters)"


def truncate_name(text: str) -> str:
    """Return a name, truncated if it is long, with a hash that distinguishes it from names with the same beginning."""
    if len(text) <= LONGEST:
        return text
    return f"{truncate(text)} {hashlib.sha256(text.encode()).hexdigest()[:8]}"


def differing_arguments(before: Value, after: Value) -> set[str]:
    """Return the arguments that differ, where null, false, 0 and empty count as equal."""
    old, new = (side if isinstance(side, dict) else {} for side in (before, after))
    return {name for name in {*old, *new} if _without_defaults(old.get(name)) != _without_defaults(new.get(name))}


def _without_defaults(value: Value) -> Value:
    if isinstance(value, JsonText):
        return _without_defaults(value.value)
    if isinstance(value, dict):
        kept = {key: _without_defaults(each) for key, each in value.items()}
        return {key: each for key, each in kept.items() if each is not None} or None
    if isinstance(value, list):
        return [_without_defaults(each) for each in value] or None
    return None if value is False or value == 0 or value in _DEFAULTS else value
