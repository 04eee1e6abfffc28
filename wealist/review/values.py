"""The values of a plan as a review shows them: strings that encode something are read."""

import json
import re
from dataclasses import dataclass, field
from typing import Final

from wealist.model.plan_values import MASK, UNKNOWN, Sensitive, Steps, Value, follow
from wealist.model.values import is_unknown, values_at
from wealist.review.secrets import lines

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
        return lines(self.text)


def is_nothing(value: Value) -> bool:
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


def label(steps: Steps, *sides: Value) -> str:
    """Steps as a difference shows them: `disk[1].size`, and `launch_template.id` where each side has a list of one."""
    text = ""
    for place, step in enumerate(steps):
        if isinstance(step, str):
            text = extended(text, step)
        else:
            holders = [follow(side, steps[:place]) for side in sides]
            lengths = {len(holder) for holder in holders if isinstance(holder, list)}
            text += "" if lengths == {1} and step == 0 else f"[{step}]"
    return text


def extended(path: str, key: str) -> str:
    """What an attribute or a key below a path is called: `tags.Name`, `tags["kubernetes.io/name"]`."""
    if not _PLAIN_KEY.fullmatch(key):
        return f"{path}[{json.dumps(key, ensure_ascii=False)}]"
    return f"{path}.{key}" if path else key


def every(value: Value, path: str) -> list[Value]:
    """All values at a path as types.toml and the rules write it; None where nothing is set.

    A part that is unknown or sensitive as a whole stands for what is inside it.
    """
    try:
        return values_at(value, path) if isinstance(value, dict) else [value] if is_unknown(value) else []
    except ValueError:  # something else stands where the path has a block
        return []


def at(value: Value, path: str) -> Value:
    """The first value at a path, or None."""
    return next(iter(every(value, path)), None)
