"""The difference of two values, as lines that begin with `+`, `-` or `~`.

    - multi_az: false
    + multi_az: true
    ~ user_data: a text in which lines change

A null value has no line: `+ a: 1` alone means that it was null before. Values that look alike are written in full.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from wealist.model.values import Sensitive, Steps, Unknown, Value
from wealist.review.secrets import Masked, split_lines
from wealist.review.text_difference import LONG, TextPart, changed_fragments, is_text, raw_lines, text_parts
from wealist.review.values import LONGEST, JsonText, Script, is_empty, join_path, truncate, truncate_name, visible

LINES: Final = 500
"""Maximum number of consecutive lines of a text that are shown."""
ANOTHER: Final = " (another one)"
"""Suffix of a new value that looks like the old one, because the difference is masked or too far behind."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a difference.

    Attributes:
        sign: `+` added, `-` removed, ` ` unchanged line of a text, `~` a remark.
        path: Label of the attribute; empty for a line of a text.
        text: The value, on one line.
        steps: Path of the value, on the side that the sign stands for.
    """

    sign: str
    path: str
    text: str
    steps: Steps = ()

    def __str__(self) -> str:
        """Return sign, path and text."""
        return f"{self.sign} {self.path}: {self.text}" if self.path else f"{self.sign} {self.text}"


def visible_line(line: Line) -> str:
    """Return a line with printable characters only, and with `!` for `~`, which GitHub highlights."""
    return str(Line("!" if line.sign == "~" else line.sign, *_visible_parts(line)))


def _visible_parts(line: Line) -> tuple[str, str]:
    """Return path and text as they are shown."""
    path = truncate_name(visible(line.path))
    return path, truncate(visible(line.text.expandtabs(4)), _room(path))


def _room(path: str) -> int:
    """Return the number of characters that are left for the value of an attribute."""
    return max(LONGEST - len(path), LONGEST // 4)


def difference(before: Value, after: Value, path: str = "", steps: Steps = ()) -> Iterator[Line]:
    """Yield what is removed from `before` and added to it to obtain `after`.

    Args:
        before: The old value.
        after: The new value.
        path: Label of the value.
        steps: Path of the value.
    """
    if is_same(before, after):
        return
    if isinstance(before, JsonText | Script) and before == after:
        yield Line("~", path, "the same content, formatted in another way", steps)
    elif isinstance(before, JsonText) and isinstance(after, JsonText):
        yield from difference(before.value, after.value, path, steps)
    elif isinstance(before, dict) and isinstance(after, dict):
        for key in (*before, *(key for key in after if key not in before)):
            inner, way = join_path(path, key), (*steps, key)
            if key not in before or key not in after:
                yield from _sides(before.get(key), after.get(key), inner, way)
            else:
                yield from difference(before[key], after[key], inner, way)
    elif _is_list(before) and _is_list(after) and (before or after):
        yield from _elements(before or [], after or [], path, steps)
    elif is_text(before, after):
        yield from _text(before, after, path, steps)
    else:
        yield from _sides(before, after, path, steps)


def is_same(one: Value, other: Value) -> bool:
    """Return whether two values have the same content, type (`false` is not 0) and encoding."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one == other and all(is_same(each, other[key]) for key, each in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return one == other and all(map(is_same, one, other))
    if isinstance(one, JsonText) and isinstance(other, JsonText):
        return one.written == other.written and is_same(one.value, other.value)
    if isinstance(one, Script) and isinstance(other, Script) and one.written != other.written:
        return False
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def one_line(value: Value) -> str:
    """Return a value on one line, without empty parts."""
    if isinstance(value, JsonText):
        return one_line(value.value)
    if isinstance(value, Sensitive | Unknown):
        return f"{value}"
    if isinstance(value, Script):
        return f"(a text of {len(value.lines)} lines)"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {one_line(each)}" for key, each in value.items() if not is_empty(each)) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(one_line(each) for each in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def one_line_exact(value: Value) -> str:
    """Return a value on one line, in full."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {one_line_exact(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(one_line_exact, value)) + "]"
    if isinstance(value, JsonText):
        return f"JSON text {one_line_exact(value.value)}"
    if isinstance(value, Script):
        return f"encoded text {json.dumps(value.text)}"
    return f"{value}" if isinstance(value, Sensitive | Unknown) else json.dumps(value)


def difference_with_nulls(before: Value, after: Value, path: str, steps: Steps = ()) -> Iterator[Line]:
    """Yield the difference, with lines for null as well."""
    found = list(difference(before, after, path, steps))
    signs = {line.sign for line in found}
    yield from [Line("-", path, one_line(None), steps)] if signs == {"+"} and before is None else []
    yield from found
    yield from [Line("+", path, one_line(None), steps)] if signs == {"-"} and after is None else []


def _is_list(value: Value) -> bool:
    return value is None or isinstance(value, list)


def _sides(before: Value, after: Value, path: str, steps: Steps) -> Iterator[Line]:
    """Yield all of the old value and all of the new one."""
    lost, gained = list(_whole("-", before, path, steps)), list(_whole("+", after, path, steps))
    is_resource = not path and (before is None or after is None)
    if not is_resource and (_look_alike(lost, gained) or not (lost or gained)):
        lost, gained = [Line("-", path, one_line_exact(before), steps)], [Line("+", path, one_line_exact(after), steps)]
    yield from _distinguished(lost, gained)


def _look_alike(lost: Iterable[Line], gained: Iterable[Line]) -> bool:
    """Return whether any line is shown identically on both sides."""
    return not {_visible_parts(each) for each in lost}.isdisjoint(map(_visible_parts, gained))


def _distinguished(lost: list[Line], gained: list[Line]) -> Iterator[Line]:
    """Yield the lines of both sides, with `ANOTHER` after new lines that look like an old one."""
    known = {_visible_parts(each) for each in lost}
    yield from lost
    yield from (_another(each) if _visible_parts(each) in known else each for each in gained)


def _another(line: Line) -> Line:
    text = visible(line.text.expandtabs(4))
    longest = _room(truncate_name(visible(line.path))) - 3 * len(ANOTHER)
    return replace(line, text=truncate(text, longest) + ANOTHER)


def _whole(sign: str, value: Value, path: str, steps: Steps) -> Iterator[Line]:
    """Yield all of a value: each leaf of a document or of nested blocks that is not empty."""
    value = value.value if isinstance(value, JsonText) else value
    if isinstance(value, dict) and value:
        for key, each in value.items():
            if not is_empty(each):
                yield from _whole(sign, each, join_path(path, key), (*steps, key))
    elif isinstance(value, Script):
        yield Line(sign, path, one_line(value), steps)
        yield from (Line(sign, "", line, steps) for line in value.lines)
    elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
        for index, each in enumerate(value):
            yield from _whole(sign, each, path if len(value) == 1 else f"{path}[{index}]", (*steps, index))
    elif value is not None:
        yield Line(sign, path, one_line(value), steps)


def _elements(before: list[Value], after: list[Value], path: str, steps: Steps) -> Iterator[Line]:
    """Yield the elements that only one list has. A plan does not distinguish lists from sets."""
    if len(before) == len(after) == 1:
        yield from difference(before[0], after[0], path, (*steps, 0))
        return
    lost, gained = _without(before, after), _without(after, before)
    if not lost and not gained:
        yield Line("~", path, "in another order", steps)
    elif len(before) == len(after) and lost == gained and _are_compared_in_place(before, after, lost):
        for index in lost:
            yield from difference(before[index], after[index], f"{path}[{index}]", (*steps, index))
    else:
        for render in (one_line, one_line_exact, one_line):
            old = [Line("-", path, render(before[index]), (*steps, index)) for index in lost]
            new = [Line("+", path, render(after[index]), (*steps, index)) for index in gained]
            if not _look_alike(old, new):
                break
        yield from _distinguished(old, new)


def _are_compared_in_place(before: list[Value], after: list[Value], places: Iterable[int]) -> bool:
    """Return whether the differing elements are blocks or texts, which are compared pair by pair."""
    pairs = [(before[place], after[place]) for place in places]
    return all((isinstance(old, dict) and isinstance(new, dict)) or is_text(old, new) for old, new in pairs)


def _without(elements: list[Value], others: list[Value]) -> list[int]:
    """Return the positions of elements that `others` lacks; duplicates count."""
    left = Counter(map(_key, others))
    places = []
    for place, key in enumerate(map(_key, elements)):
        if left[key]:
            left[key] -= 1
        else:
            places.append(place)
    return places


def _key(value: Value) -> str:
    """Return a key that is equal for equal values only, including masked ones."""
    if isinstance(value, Sensitive):
        return value.digest.hex()
    if isinstance(value, Masked):
        return value.marked
    if isinstance(value, dict):
        return str(sorted((_key(key), _key(each)) for key, each in value.items()))
    if isinstance(value, list):
        return str([_key(each) for each in value])
    if isinstance(value, JsonText):
        return f"{value.written.hex()} {_key(value.value)}"
    return f"{type(value).__name__} {value}"


def _text(before: Value, after: Value, path: str, steps: Steps) -> Iterator[Line]:
    """Compare two texts: by words if each has one line, else by lines."""
    old, new = (value.text if isinstance(value, Script) else value for value in (before, after))
    one, other = raw_lines(old), raw_lines(new)
    if old == new:
        yield from _sides(before, after, path, steps)
    elif not isinstance(before, Script) and len(one) == len(other) == 1:
        yield from _words(old, new, path, steps) or _sides(before, after, path, steps)
    elif split_lines(old) == split_lines(new):
        yield Line("~", path, "a text in which only line endings change", steps)
    else:
        yield Line("~", path, "a text in which lines change", steps)
        for part in text_parts(one, other):
            yield from [Line(" ", "", part.place, steps)] if part.place else []
            yield from _part(part, steps)


def _words(old: str, new: str, path: str, steps: Steps) -> list[Line]:
    """Return the words that differ in a long line; none if only masked parts differ."""
    pairs = changed_fragments(old, new, quoted=bool(path))
    return [
        line
        for lost, gained in pairs
        for line in _distinguished([Line("-", path, lost, steps)], [Line("+", path, gained, steps)])
    ]


def _part(part: TextPart, steps: Steps) -> Iterator[Line]:
    """Yield consecutive lines of a text."""
    if not part.is_changed:
        yield from (Line(" ", "", line, steps) for line in part.lost)
    elif len(part.lost) == len(part.gained) and max(map(len, (*part.lost, *part.gained))) > LONG:
        for old, new in zip(part.lost, part.gained, strict=True):
            yield from _words(old, new, "", steps) if max(len(old), len(new)) > LONG else _lines([old], [new], steps)
    else:
        yield from _lines(part.lost, part.gained, steps)


def _lines(lost: Sequence[str], gained: Sequence[str], steps: Steps) -> Iterator[Line]:
    """Yield lines of a text that only one side has, or that moved."""
    moved = set(lost) & set(gained)
    for write in (str, json.dumps, str):
        old = [Line("-", "", write(each), steps) for each in lost]
        new = [Line("+", "", write(each), steps) for each in gained]
        known = {_visible_parts(line) for line, each in zip(old, lost, strict=True) if each not in moved}
        alike = [_visible_parts(line) in known and each not in moved for line, each in zip(new, gained, strict=True)]
        if not any(alike):
            break
    yield from _first_lines(old)
    yield from _first_lines([_another(line) if is_alike else line for line, is_alike in zip(new, alike, strict=True)])


def _first_lines(lines: list[Line]) -> Iterator[Line]:
    yield from lines[:LINES]
    if len(lines) > LINES:
        yield replace(lines[0], text=f"… and {len(lines) - LINES} more lines")
