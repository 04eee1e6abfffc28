"""What differs between two values, as lines that begin with `+`, `-` or `~`.

    - multi_az: false
    + multi_az: true
    ~ ingress[…]: what a nested block, a set or a document loses and gains, one by one

null is no line: `+ a: 1` alone was null before. Where the two sides would look alike otherwise, all is written out.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from wealist.model.plan_values import Sensitive, Steps, Unknown, Value
from wealist.review.secrets import Masked, split_lines
from wealist.review.text_difference import LONG, TextPart, changed_fragments, is_text, raw_lines, text_parts
from wealist.review.values import LONGEST, JsonText, Script, is_empty, join_path, truncate, truncate_name, visible

LINES: Final = 500
"""Lines of a text that are shown where they are lost or gained together."""
ANOTHER: Final = " (another one)"
"""Ends the new one of two values that cannot be told apart by what may be shown of them."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a difference.

    Attributes:
        sign: `+` gained, `-` lost, ` ` as it was, for a line of a text or a remark.
        path: the attribute; empty inside a text.
        text: its value, on one line.
        steps: the way to the value, on the side that the sign stands for.
    """

    sign: str
    path: str
    text: str
    steps: Steps = ()

    def __str__(self) -> str:
        """The line as it is read."""
        return f"{self.sign} {self.path}: {self.text}" if self.path else f"{self.sign} {self.text}"


def visible_line(line: Line) -> str:
    """One line of a difference, as GitHub colours it: `!` is a change."""
    return str(Line("!" if line.sign == "~" else line.sign, *_visible_parts(line)))


def _visible_parts(line: Line) -> tuple[str, str]:
    """What is seen of a line's path, and of its text."""
    path = truncate_name(visible(line.path))
    return path, truncate(visible(line.text.expandtabs(4)), _room(path))


def _room(path: str) -> int:
    """Characters that are left for the value of an attribute."""
    return max(LONGEST - len(path), LONGEST // 4)


def difference(before: Value, after: Value, path: str = "", steps: Steps = ()) -> Iterator[Line]:
    """What must be taken away from `before` and added to it, to get `after`.

    Args:
        before: The old value.
        after: The new value.
        path: What the value is called in the lines.
        steps: The way to the value.
    """
    if is_same(before, after):
        return
    if isinstance(before, JsonText | Script) and before == after:
        yield Line("~", path, "the same, written in another way", steps)
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
    """Whether two values are equal, of one type (`false` is not 0), and encoded alike."""
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
    """A value on one line. Parts that say nothing are left out."""
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
    """A value on one line, with everything in it written out."""
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
    """The difference, in which null is a line as well."""
    found = list(difference(before, after, path, steps))
    signs = {line.sign for line in found}
    yield from [Line("-", path, one_line(None), steps)] if signs == {"+"} and before is None else []
    yield from found
    yield from [Line("+", path, one_line(None), steps)] if signs == {"-"} and after is None else []


def _is_list(value: Value) -> bool:
    return value is None or isinstance(value, list)


def _sides(before: Value, after: Value, path: str, steps: Steps) -> Iterator[Line]:
    """Two values that have nothing in common."""
    lost, gained = list(_whole("-", before, path, steps)), list(_whole("+", after, path, steps))
    is_resource = not path and (before is None or after is None)
    if not is_resource and (_look_alike(lost, gained) or not (lost or gained)):
        lost, gained = [Line("-", path, one_line_exact(before), steps)], [Line("+", path, one_line_exact(after), steps)]
    yield from _apart(lost, gained)


def _look_alike(lost: Iterable[Line], gained: Iterable[Line]) -> bool:
    """Whether a line stands on both sides as it is shown."""
    return not {_visible_parts(each) for each in lost}.isdisjoint(map(_visible_parts, gained))


def _apart(lost: list[Line], gained: list[Line]) -> Iterator[Line]:
    """Both sides, of different values; what still looks alike is said to be another one."""
    known = {_visible_parts(each) for each in lost}
    yield from lost
    yield from (_another(each) if _visible_parts(each) in known else each for each in gained)


def _another(line: Line) -> Line:
    text = visible(line.text.expandtabs(4))
    longest = _room(truncate_name(visible(line.path))) - 3 * len(ANOTHER)
    return replace(line, text=truncate(text, longest) + ANOTHER)


def _whole(sign: str, value: Value, path: str, steps: Steps) -> Iterator[Line]:
    """All of a value: of a document or of nested blocks, each leaf that says something."""
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
    """Lists and sets, which look the same in a plan: what is in one of them only."""
    if len(before) == len(after) == 1:
        yield from difference(before[0], after[0], path, (*steps, 0))
        return
    lost, gained = _without(before, after), _without(after, before)
    if not lost and not gained:
        yield Line("~", path, "in another order", steps)
    elif len(before) == len(after) and lost == gained and _are_looked_into(before, after, lost):
        for index in lost:
            yield from difference(before[index], after[index], f"{path}[{index}]", (*steps, index))
    else:
        for render in (one_line, one_line_exact, one_line):
            old = [Line("-", path, render(before[index]), (*steps, index)) for index in lost]
            new = [Line("+", path, render(after[index]), (*steps, index)) for index in gained]
            if not _look_alike(old, new):
                break
        yield from _apart(old, new)


def _are_looked_into(before: list[Value], after: list[Value], places: Iterable[int]) -> bool:
    """Whether blocks or texts changed where they stand, and nothing moved."""
    pairs = [(before[place], after[place]) for place in places]
    return all((isinstance(old, dict) and isinstance(new, dict)) or is_text(old, new) for old, new in pairs)


def _without(elements: list[Value], others: list[Value]) -> list[int]:
    """The places of elements that `others` lacks; one that stands twice must stand there twice."""
    left = Counter(map(_key, others))
    places = []
    for place, key in enumerate(map(_key, elements)):
        if left[key]:
            left[key] -= 1
        else:
            places.append(place)
    return places


def _key(value: Value) -> str:
    """Equal for equal values: two sensitive ones are told apart without being shown."""
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
    """Two texts: of one line by words, of several by lines."""
    old, new = (value.text if isinstance(value, Script) else value for value in (before, after))
    one, other = raw_lines(old), raw_lines(new)
    if old == new:
        yield from _sides(before, after, path, steps)
    elif not isinstance(before, Script) and len(one) == len(other) == 1:
        yield from _words(old, new, path, steps) or _sides(before, after, path, steps)
    elif split_lines(old) == split_lines(new):
        yield Line("~", path, "a text, in which lines end in another way", steps)
    else:
        yield Line("~", path, "a text, in which", steps)
        for part in text_parts(one, other):
            yield from [Line(" ", "", part.place, steps)] if part.place else []
            yield from _part(part, steps)


def _words(old: str, new: str, path: str, steps: Steps) -> list[Line]:
    """What changes within a long line; nothing where that is only what is masked in it."""
    pairs = changed_fragments(old, new, quoted=bool(path))
    return [
        line
        for lost, gained in pairs
        for line in _apart([Line("-", path, lost, steps)], [Line("+", path, gained, steps)])
    ]


def _part(part: TextPart, steps: Steps) -> Iterator[Line]:
    """Lines of a text that stand together."""
    if not part.is_changed:
        yield from (Line(" ", "", line, steps) for line in part.lost)
    elif len(part.lost) == len(part.gained) and max(map(len, (*part.lost, *part.gained))) > LONG:
        for old, new in zip(part.lost, part.gained, strict=True):
            yield from _words(old, new, "", steps) if max(len(old), len(new)) > LONG else _lines([old], [new], steps)
    else:
        yield from _lines(part.lost, part.gained, steps)


def _lines(lost: Sequence[str], gained: Sequence[str], steps: Steps) -> Iterator[Line]:
    """Lines of a text that only one side has, or that stand elsewhere on the other one."""
    moved = set(lost) & set(gained)
    for write in (_as_it_is, json.dumps, _as_it_is):
        old = [Line("-", "", write(each), steps) for each in lost]
        new = [Line("+", "", write(each), steps) for each in gained]
        known = {_visible_parts(line) for line, each in zip(old, lost, strict=True) if each not in moved}
        alike = [_visible_parts(line) in known and each not in moved for line, each in zip(new, gained, strict=True)]
        if not any(alike):
            break
    yield from _cut_list(old)
    yield from _cut_list([_another(line) if is_alike else line for line, is_alike in zip(new, alike, strict=True)])


def _as_it_is(text: str) -> str:
    return text


def _cut_list(lines: list[Line]) -> Iterator[Line]:
    yield from lines[:LINES]
    if len(lines) > LINES:
        yield replace(lines[0], text=f"… and {len(lines) - LINES} more lines")
