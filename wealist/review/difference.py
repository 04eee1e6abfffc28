"""What differs between two values, as lines that begin with `+`, `-` or `~`.

    - multi_az: false
    + multi_az: true
    ~ ingress[…]: what a nested block, a set or a document loses and gains, one by one

Null and empty are the same here: attributes turn from one to the other without any effect.
"""

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wealist.model.plan_values import Sensitive, Unknown, Value
from wealist.review.secrets import Masked
from wealist.review.values import JsonText, Script, is_nothing

SCRIPT_LINES: Final = 5_000
"""Scripts longer than this together are not compared line by line: that takes the square of their length."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a difference.

    Attributes:
        sign: `+` gained, `-` lost, ` ` as it was, for a line of a script or a remark.
        path: the attribute; empty inside a script.
        text: its value, on one line.
    """

    sign: str
    path: str
    text: str

    def __str__(self) -> str:
        """The line as it is read."""
        return f"{self.sign} {self.path}: {self.text}" if self.path else f"{self.sign} {self.text}"


def difference(before: Value, after: Value, path: str = "") -> Iterator[Line]:
    """What must be taken away from `before` and added to it, to get `after`."""
    if before == after or (is_nothing(before) and is_nothing(after)):
        return
    if isinstance(before, JsonText) or isinstance(after, JsonText):
        before, after = _document(before), _document(after)
        if before == after:
            return
    if isinstance(before, Script) or isinstance(after, Script):
        yield from _script(before, after, path)
    elif isinstance(before, dict) and isinstance(after, dict):
        for key in (*before, *(key for key in after if key not in before)):
            yield from difference(before.get(key), after.get(key), f"{path}.{key}" if path else key)
    elif _is_list(before) and _is_list(after):
        yield from _elements(before or [], after or [], path)
    else:
        yield from _whole("-", before, path)
        yield from _whole("+", after, path)


def shown(value: Value) -> str:
    """A value on one line. Parts that say nothing are left out."""
    value = _document(value)
    if isinstance(value, Sensitive | Unknown):
        return f"{value}"
    if isinstance(value, Script):
        return f"(a script of {len(value.lines)} lines)"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {shown(each)}" for key, each in value.items() if not is_nothing(each)) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(shown(each) for each in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _document(value: Value) -> Value:
    return value.value if isinstance(value, JsonText) else value


def _is_list(value: Value) -> bool:
    return isinstance(value, list) or value is None


def _whole(sign: str, value: Value, path: str) -> Iterator[Line]:
    """All of a value: of a document or of nested blocks, each leaf."""
    if is_nothing(value):
        return
    value = _document(value)
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _whole(sign, each, f"{path}.{key}" if path else key)
    elif isinstance(value, Script):
        yield Line(sign, path, shown(value))
        yield from (Line(sign, "", line) for line in value.lines)
    elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
        for index, each in enumerate(value):
            yield from _whole(sign, each, path if len(value) == 1 else f"{path}[{index}]")
    else:
        yield Line(sign, path, shown(value))


def _elements(before: list[Value], after: list[Value], path: str) -> Iterator[Line]:
    """Lists and sets, which look the same in a plan: what is in one of them only."""
    if len(before) == len(after) == 1:
        yield from difference(before[0], after[0], path)
        return
    lost, gained = _without(before, after), _without(after, before)
    if not lost and not gained:
        yield Line("~", path, "in another order")
    elif len(before) == len(after) and len(lost) == len(gained) and _same_places(before, after, lost):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from difference(old, new, f"{path}[{index}]")
    else:
        for sign, elements in (("-", lost), ("+", gained)):
            yield from (Line(sign, path, shown(each)) for each in elements)


def _same_places(before: list[Value], after: list[Value], lost: list[Value]) -> bool:
    """Whether blocks changed where they stand, and nothing moved."""
    changed = [old for old, new in zip(before, after, strict=True) if old != new]
    return len(changed) == len(lost) and all(isinstance(each, dict) for each in changed)


def _without(elements: list[Value], others: list[Value]) -> list[Value]:
    """The elements that `others` lacks; one that stands twice must stand there twice."""
    left: dict[str, int] = {}
    for each in others:
        left[_key(each)] = left.get(_key(each), 0) + 1
    missing = []
    for each in elements:
        if left.get(_key(each), 0):
            left[_key(each)] -= 1
        else:
            missing.append(each)
    return missing


def _key(value: Value) -> str:
    """Equal for equal values: two sensitive ones are told apart without being shown."""
    if isinstance(value, Sensitive):
        return value.digest.hex()
    if isinstance(value, Masked):
        return value.marked
    if isinstance(value, dict):
        return str(sorted((_key(key), _key(each)) for key, each in value.items() if not is_nothing(each)))
    if isinstance(value, list):
        return str([_key(each) for each in value])
    return f"{type(value).__name__} {_key(value.value) if isinstance(value, JsonText) else value}"


def _script(before: Value, after: Value, path: str) -> Iterator[Line]:
    old, new = (value.lines if isinstance(value, Script) else None for value in (before, after))
    if old is None or new is None:
        yield from _whole("-", before, path)
        yield from _whole("+", after, path)
    elif len(old) + len(new) > SCRIPT_LINES:
        yield Line("-", path, shown(before))
        yield Line("+", path, f"{shown(after)}, too long to compare line by line")
    elif old == new:
        yield Line("~", path, "a script, in which lines end in another way")
    else:
        yield Line("~", path, "a script, in which")
        for line in list(difflib.unified_diff(old, new, lineterm="", n=2))[2:]:
            yield Line(line[:1] if line[:1] in {"+", "-"} else " ", "", line if line.startswith("@@") else line[1:])
