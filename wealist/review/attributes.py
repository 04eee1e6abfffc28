"""The attributes of one resource that a change touches, as lines for people, without what repeats or says nothing."""

from collections.abc import Iterable, Iterator
from typing import Final

from wealist.model.plan_values import UNKNOWN
from wealist.review.changes import Action, Change
from wealist.review.difference import Line, difference, shown

_UNKNOWN: Final = shown(UNKNOWN)
_ALL_TAGS: Final = "tags_all"
FORCES: Final = "  # forces replacement"


def attribute_lines(change: Change) -> list[Line]:
    """What a change does to the attributes of its resource."""
    forcing = tuple(change.forced_by.values())
    lines = list(_without_repeated_tags(difference(change.before, change.after), change.action))
    if change.action in {Action.CREATE, Action.REPLACE}:
        lines = _unknowns_together(lines, forcing)
    return [_marked(line, forcing) for line in lines]


def _without_repeated_tags(lines: Iterable[Line], action: Action) -> Iterator[Line]:
    """`tags_all` is `tags` and the provider's default tags, which every resource has."""
    kept = list(lines)
    own = {(line.sign, line.path.partition(".")[2], line.text) for line in kept if line.path.startswith("tags.")}
    for line in kept:
        name, _, tag = line.path.partition(".")
        if name != _ALL_TAGS or (action is Action.UPDATE and (line.sign, tag, line.text) not in own):
            yield line


def _unknowns_together(lines: list[Line], forcing: tuple[str, ...]) -> list[Line]:
    """Whatever AWS chooses for a new resource, in one line; the old values of these with it."""
    new = (line.path for line in lines if line.sign == "+" and line.text == _UNKNOWN)
    unknown = dict.fromkeys(path for path in new if path and path not in forcing)
    left = [line for line in lines if line.path not in unknown]
    return [*left, Line(" ", "known after apply", ", ".join(unknown))] if unknown else left


def _marked(line: Line, forcing: tuple[str, ...]) -> Line:
    """A line that says whether it forces the replacement: it shows the value, a part of it, or all that holds it."""
    if line.path and any(_is_within(line.path, path) or _is_within(path, line.path) for path in forcing):
        return Line(line.sign, line.path, line.text + FORCES)
    return line


def _is_within(inner: str, outer: str) -> bool:
    return inner == outer or inner.startswith((f"{outer}.", f"{outer}["))
