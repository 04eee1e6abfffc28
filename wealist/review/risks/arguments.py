"""Compare arguments before and after a change, and resolve what they refer to.

path ─► pairs of old and new values, where blocks are matched by id or name ─► comparison of types.toml: off, fewer, …
id → address of its resource    unknown value → address that the configuration refers to
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest
from typing import Final

from wealist.model.stack import without_index
from wealist.model.type_row import Worsening
from wealist.model.values import MASK, Value, elements
from wealist.review.changes import Change, Plan
from wealist.review.difference import Line, difference, one_line
from wealist.review.finding import Code
from wealist.review.values import all_at, first, first_at, is_empty

_NUMBER: Final = re.compile(r"\d{1,9}")


def differing_lines(before: Value, after: Value, path: str = "") -> tuple[Line, ...]:
    """Return the lines in which two values differ; none if they are equal or both empty."""
    if before == after or (is_empty(before) and is_empty(after)):
        return ()
    return tuple(difference(before, after, path))


def argument_lines(change: Change, path: str) -> tuple[Line, ...]:
    """Return the lines in which the first value of an argument differs."""
    return differing_lines(first_at(change.before, path), first_at(change.after, path), path)


def is_worse(change: Change, path: str, how: Worsening) -> bool:
    """Return whether an argument becomes worse by a comparison of types.toml. Hidden values never do."""
    worse = _WORSE[how]
    return any(_is_shown(was) and _is_shown(now) and worse(was, now) for was, now in _pairs(change, path))


def _pairs(change: Change, path: str) -> Iterator[tuple[Value, Value]]:
    """Yield pairs of old and new values of an argument, with named blocks matched by their name."""
    name = argument_name(path)
    before, after = (_named_blocks(first(side, name)) for side in (change.before, change.after))
    if before is None or after is None:
        yield from zip_longest(all_at(change.before, path), all_at(change.after, path))
        return
    for key in dict.fromkeys((*before, *after)):
        sides = ({name: [side[key]]} if key in side else {} for side in (before, after))
        yield from zip_longest(*(all_at(side, path) for side in sides))


def _named_blocks(value: Value) -> dict[str, Value] | None:
    """Return id or name → block; None if any block has neither."""
    blocks = elements(value)
    names = [first(each, "id") or first(each, "name") for each in blocks]
    is_named = names and all(isinstance(name, str) and name for name in names)
    return dict(zip(names, blocks, strict=True)) if is_named else None


def _is_shown(value: Value) -> bool:
    return value is None or isinstance(value, bool | int | str | list)


def _off(before: Value, after: Value) -> bool:
    return before in (True, "true", "Enabled") and after in (None, False, "false", "Suspended", "Disabled", "")


def _on(before: Value, after: Value) -> bool:
    return before in (None, False) and after is True


def _fewer(before: Value, after: Value) -> bool:
    return type(before) is type(after) is int and after < before


def _shorter(before: Value, after: Value) -> bool:
    return type(after) is int and after > 0 and (before in (0, None) or _fewer(before, after))


def _removed(before: Value, after: Value) -> bool:
    return bool(before) and after in (None, "", [])


def _optional(before: Value, after: Value) -> bool:
    return bool(before == "required" and after != "required")


def _older(before: Value, after: Value) -> bool:
    """Compare versions such as `16.3`. `16` stands for any minor version, so it is not older than `16.3`."""
    was, now = _numbers(before), _numbers(after)
    length = min(len(was), len(now))
    return now[:length] < was[:length]


def _numbers(version: Value) -> list[int]:
    return [int(each) for each in _NUMBER.findall(version)] if isinstance(version, str) else []


def _written(before: Value, after: Value) -> bool:
    return after is not None and before != after


_WORSE: Final[Mapping[Worsening, Callable[[Value, Value], bool]]] = {
    "fewer": _fewer,
    "off": _off,
    "older": _older,
    "on": _on,
    "optional": _optional,
    "removed": _removed,
    "shorter": _shorter,
    "written": _written,
}
"""Comparison → function that returns whether the new value is worse than the old one."""


SENSITIVE: Final = "sensitive"
"""Reason why a masked value cannot be judged."""


def argument_name(path: str) -> str:
    """Return the argument at the beginning of a path: `parameter` for `parameter[rds.force_ssl]`."""
    return path.partition(".")[0].partition("[")[0]


def references(change: Change, name: str, plan: Plan) -> tuple[str, ...]:
    """Return the addresses that the configuration refers to in an argument; none if it does not set the argument."""
    return plan.arguments.get(without_index(change.address), {}).get(name, ())


def display_name(change: Change, name: str, value: Value, plan: Plan) -> Code:
    """Return the address of the resource with an id, if the plan contains it; else the id itself."""
    if isinstance(value, str):
        return Code(plan.ids.get(value, value))
    addresses = references(change, name, plan)
    return Code(addresses[-1] if addresses and not is_masked(value) else one_line(value))


def is_masked(value: Value) -> bool:
    """Return whether a value or a part of it is sensitive."""
    if isinstance(value, str):
        return MASK in value
    return not isinstance(value, int | float | None) and MASK in one_line(value)
