"""Arguments that protect less than before, or open a resource to others.

Which they are, and how bad that is, stands in types.toml: the columns `protect`, `weaker`, `exposes` and `created`.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest
from typing import Final

from wealist.model.plan_values import Value
from wealist.model.types import Effect, Exposure, Weakening, row
from wealist.review.changes import MADE, Action, Change, Plan
from wealist.review.difference import difference
from wealist.review.finding import Finding, Kind, Severity, code
from wealist.review.values import at, every


def _off(before: Value, after: Value) -> bool:
    return before in (True, "true", "Enabled") and after in (None, False, "false", "Suspended", "Disabled", "")


def _on(before: Value, after: Value) -> bool:
    return before in (None, False) and after is True


def _fewer(before: Value, after: Value) -> bool:
    return type(before) is type(after) is int and after < before


def _shorter(before: Value, after: Value) -> bool:
    """Of a retention in days, where 0 is for ever."""
    return bool(after) and bool(before == 0 or _fewer(before, after))


def _removed(before: Value, after: Value) -> bool:
    return bool(before) and after in (None, "", [])


def _optional(before: Value, after: Value) -> bool:
    return bool(before == "required" and after != "required")


_WEAKENINGS: Final[Mapping[Weakening, Callable[[Value, Value], bool]]] = {
    "fewer": _fewer,
    "off": _off,
    "on": _on,
    "optional": _optional,
    "removed": _removed,
    "shorter": _shorter,
}
"""Whether the second value protects less than the first."""


def find(change: Change, _plan: Plan) -> Iterator[Finding]:
    """Report what a change protects less, and what it exposes."""
    known = row(change.type)
    if known is None or change.action not in MADE:
        return
    if known.created and change.action is not Action.UPDATE:
        kind = Kind.IAM if change.type.startswith("aws_iam_") else Kind.EXPOSURE
        yield _effect(change, kind, known.created)
    for exposure in known.exposes:
        if _is_exposed(change.after, exposure) and not _is_exposed(change.before, exposure):
            yield _effect(change, Kind.EXPOSURE, exposure, exposure.path)
    if change.action is not Action.CREATE:
        yield from _weakened(change)


def _effect(change: Change, kind: Kind, effect: Effect, path: str = "") -> Finding:
    severity = Severity.DANGER if effect.danger else Severity.CAUTION
    return Finding(severity, kind, change.address, (effect.danger or effect.caution or "",), path=path)


def _is_exposed(values: Value, exposure: Exposure) -> bool:
    found = (each for value in every(values, exposure.path) for each in (value if isinstance(value, list) else [value]))
    return any(type(each) is type(wanted) and each == wanted for each in found for wanted in exposure.values)


def _weakened(change: Change) -> Iterator[Finding]:
    known = row(change.type)
    for path, weaker in known.weaker_settings.items() if known else ():
        if _is_weaker(change, path, weaker.how):
            lines = tuple(difference(at(change.before, path), at(change.after, path), path))
            severity = Severity.DANGER if weaker.danger else Severity.CAUTION
            words = ("weakens ", code(path), f": {weaker.danger}" if weaker.danger else "")
            yield Finding(severity, Kind.PROTECTION, change.address, words, lines, path)


def _is_weaker(change: Change, path: str, how: Weakening) -> bool:
    pairs = zip_longest(every(change.before, path), every(change.after, path))
    return any(_comparable(was) and _comparable(now) and _WEAKENINGS[how](was, now) for was, now in pairs)


def _comparable(value: Value) -> bool:
    return value is None or isinstance(value, bool | int | str | list)
