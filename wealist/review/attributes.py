"""The attributes of one resource that a change touches, as lines for people, without what repeats or says nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from wealist.model.plan_values import UNKNOWN, Steps
from wealist.review.changes import Action, Change
from wealist.review.difference import Line, difference, shown

_UNKNOWN: Final = shown(UNKNOWN)
_ALL_TAGS: Final = "tags_all"
FORCES: Final = "  # forces replacement"


def attribute_lines(change: Change) -> list[Line]:
    """What a change does to the attributes of its resource."""
    lines = list(_without_repeated_tags(difference(change.before, change.after), change.action))
    if change.action in {Action.CREATE, Action.REPLACE}:
        lines = _unknowns_together(lines, change.replace_paths)
    return [_marked(line, change.replace_paths) for line in lines] if change.replace_paths else lines


def _without_repeated_tags(lines: Iterable[Line], action: Action) -> Iterator[Line]:
    """`tags_all` is `tags` and the provider's default tags, which every resource has."""
    kept = list(lines)
    own = {(line.sign, line.steps[1:], line.text) for line in kept if line.steps[:1] == ("tags",)}
    for line in kept:
        is_repeated = action is not Action.UPDATE or (line.sign, line.steps[1:], line.text) in own
        if line.steps[:1] != (_ALL_TAGS,) or not is_repeated:
            yield line


def _unknowns_together(lines: list[Line], forcing: tuple[Steps, ...]) -> list[Line]:
    """Whatever AWS chooses for a new resource, in one line; the old values of these with it."""
    new = (line for line in lines if line.sign == "+" and line.text == _UNKNOWN)
    unknown = {line.steps: line.path for line in new if line.path and line.steps not in forcing}
    left = [line for line in lines if line.steps not in unknown]
    return [*left, Line(" ", "known after apply", ", ".join(unknown.values()))] if unknown else left


def _marked(line: Line, forcing: tuple[Steps, ...]) -> Line:
    """A line that says whether it forces the replacement: it shows the value, a part of it, or all that holds it."""
    if (
        line.path
        and line.steps
        and any(_is_within(line.steps, path) or _is_within(path, line.steps) for path in forcing)
    ):
        return replace(line, text=line.text + FORCES)
    return line


def _is_within(inner: Steps, outer: Steps) -> bool:
    return inner[: len(outer)] == outer
