"""Interruptions during the apply, changed behavior after it, and changed user data.

Columns of types.toml: `interrupts` and `changes` name the arguments whose change has an effect; `serves` describes
what is unavailable while a resource is replaced.
"""

from collections.abc import Iterator
from typing import Final

from wealist.model.type_row import Type
from wealist.model.types import row
from wealist.model.values import UNKNOWN
from wealist.review.changes import Action, Change, Order, Plan
from wealist.review.finding import Finding, Kind, Severity, Words, code, join_names
from wealist.review.risks.arguments import argument_lines, differing_lines, is_worse
from wealist.review.values import first, first_at, is_empty

USER_DATA: Final = ("user_data", "user_data_base64")
_GROUP: Final = "aws_autoscaling_group"
_SIZES: Final = ("min_size", "max_size", "desired_capacity")
_REFRESHED: Final = ("launch_template", "mixed_instances_policy", "launch_configuration")


def find(change: Change, _plan: Plan) -> Iterator[Finding]:
    """Report interruptions and changed behavior that a change causes."""
    if change.action is Action.REPLACE and change.order is Order.DESTROY_FIRST:
        yield from _missing(change)
    if change.action is Action.UPDATE:
        yield from _changed(change)
        yield from _refused(change)
    if change.action in {Action.UPDATE, Action.REPLACE}:
        yield from _script(change)
    if change.action is Action.UPDATE and change.type == _GROUP:
        yield from _emptied(change)
        yield from _instances(change)


def _missing(change: Change) -> Iterator[Finding]:
    known = row(change.type)
    if known and known.serves:
        words = (f"is unavailable until its replacement is ready: {known.serves}",)
        yield Finding(Severity.CAUTION, Kind.DOWNTIME, change.address, words)


def _changed(change: Change) -> Iterator[Finding]:
    known = row(change.type)
    if known is None:
        return
    effects = [(Severity.CAUTION, known.interrupts), (Severity.NOTE, known.changes)]
    for severity, path, effect in ((severity, *each) for severity, paths in effects for each in paths.items()):
        before, after = first_at(change.before, path), first_at(change.after, path)
        lines = differing_lines(before, after, path)
        if lines and not is_empty(before) and not _is_refused(change, known, path):
            when = _when(change, known.windowed) if severity > Severity.NOTE and known.windowed else ""
            yield Finding(severity, Kind.DOWNTIME, change.address, ("changes ", code(path), f": {effect}{when}"), lines)


def _refused(change: Change) -> Iterator[Finding]:
    """Report changes that AWS rejects: the apply fails after it has changed other resources."""
    known = row(change.type)
    if known is None:
        return
    for path in known.refused:
        if _is_refused(change, known, path):
            lines = argument_lines(change, path)
            words = ("lowers ", code(path), ", which AWS rejects: the apply fails")
            yield Finding(Severity.CAUTION, Kind.REFUSED, change.address, words, lines, path)


def _is_refused(change: Change, known: Type, path: str) -> bool:
    return path in known.refused and is_worse(change, path, known.refused[path])


def _when(change: Change, flag: str) -> str:
    return " (immediately)" if first(change.after, flag) is True else " (in the next maintenance window)"


def _script(change: Change) -> Iterator[Finding]:
    for attribute in USER_DATA:
        lines = differing_lines(first(change.before, attribute), first(change.after, attribute))
        if lines:
            words = ("changes ", code(attribute), ": the script that instances run at their first start")
            yield Finding(Severity.CAUTION, Kind.USER_DATA, change.address, words, lines)


def _emptied(change: Change) -> Iterator[Finding]:
    """Report an Auto Scaling group whose size may become 0."""
    names = [name for name in _SIZES if first(change.after, name) == 0 and first(change.before, name) not in (0, None)]
    if names:
        ends = names != ["min_size"]
        severity = Severity.DANGER if ends else Severity.CAUTION
        effect = "every instance is terminated" if ends else "every instance may be terminated"
        yield Finding(severity, Kind.DOWNTIME, change.address, ("sets ", *join_names(names), f" to 0: {effect}"))


def _instances(change: Change) -> Iterator[Finding]:
    """Report whether a new launch template replaces running instances."""
    if not any(differing_lines(first(change.before, name), first(change.after, name)) for name in _REFRESHED):
        return
    refresh = first(change.after, "instance_refresh", "preferences")
    if is_empty(first(change.after, "instance_refresh")):
        words: Words = ("uses another launch template; running instances stay until they are replaced",)
        yield Finding(Severity.NOTE, Kind.DOWNTIME, change.address, words)
        return
    healthy = first(refresh, "min_healthy_percentage")
    kept = "" if healthy is UNKNOWN or healthy is None else f", with at least {healthy} % of them in service"
    words = (f"replaces its instances one after another{kept}",)
    yield Finding(Severity.CAUTION, Kind.DOWNTIME, change.address, words)
