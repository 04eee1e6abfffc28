"""Resources that are destroyed, replaced, overwritten or forgotten, with the reason.

stateful resource → danger: its data is lost (columns `data` and `protect` of types.toml)
update that destroys data → danger (column `losses`)
type without a row → danger: it may hold data
stateful resource deleted outside of Terraform → danger: the apply creates an empty one; gates stop it as well
any other → caution: the apply can create it again
"""

from collections.abc import Iterator

from wealist.model import types
from wealist.model.type_row import Protection
from wealist.model.values import follow
from wealist.review.changes import Action, Change, Order, Plan
from wealist.review.difference import Line, difference_with_nulls
from wealist.review.finding import Finding, Kind, Severity, Words, code, join_names
from wealist.review.risks.arguments import argument_lines, is_worse
from wealist.review.values import first_at


def find_vanished(plan: Plan) -> Iterator[Finding]:
    """Report stateful resources that were deleted outside of Terraform and are created again."""
    made = {change.address for change in plan.changes if change.action is Action.CREATE}
    for gone in plan.drift:
        is_anew = gone.action is Action.DESTROY and gone.deposed is None and gone.address in made
        if is_anew and (loss := held_data(gone)):
            words = (f"was deleted outside of Terraform: the apply creates it again without its data; it {loss}",)
            yield Finding(Severity.DANGER, _kind(loss), gone.address, words)


def find(change: Change, _plan: Plan) -> Iterator[Finding]:
    """Report a resource that is destroyed, replaced, overwritten or forgotten."""
    if change.action is Action.FORGET:
        words: Words = ("stays in AWS, and Terraform no longer manages it",)
        yield Finding(Severity.CAUTION, Kind.FORGOTTEN, change.address, words)
    if change.action is Action.UPDATE:
        yield from _overwritten(change)
    if change.action not in {Action.DESTROY, Action.REPLACE}:
        return
    lines = tuple(_forcing(change))
    loss = None if change.order is Order.FORGET else held_data(change)
    if loss:
        words = (*_done(change), f"; it {loss}", *_unsaved(change))
        kind = _kind(loss)
        weight = _weight(change) if kind is Kind.STATEFUL else 0
        yield Finding(Severity.DANGER, kind, change.address, words, lines, weight=weight)
    else:
        kind = Kind.DESTROYED if change.action is Action.DESTROY else Kind.REPLACED
        yield Finding(Severity.CAUTION, kind, change.address, _done(change), lines)


def _overwritten(change: Change) -> Iterator[Finding]:
    known = types.row(change.type)
    for path, loss in known.losses.items() if known else ():
        if is_worse(change, path, loss.how):
            words = ("changes ", code(path), f": {loss.what}")
            lines = argument_lines(change, path)
            yield Finding(Severity.DANGER, Kind.STATEFUL, change.address, words, lines, path, weight=1)


def held_data(change: Change) -> str | None:
    """Describe the data of a resource that an apply cannot create again; None if there is none."""
    return types.data_lost(change.type, change.before if isinstance(change.before, dict) else {})


def _done(change: Change) -> Words:
    """Describe the action, its order and its reason."""
    reason = f", because {change.reason}" if change.reason else ""
    if change.action is Action.DESTROY:
        return (f"is destroyed{' (a leftover of an earlier replacement)' if change.deposed else ''}{reason}",)
    if change.replace_paths:
        reason, forced = ": forced by ", join_names(list(dict.fromkeys(change.forced_by.values())))
    else:
        forced = ()
    return (f"is replaced, {change.order}{reason}", *forced)


def _forcing(change: Change) -> Iterator[Line]:
    """Yield the difference of the values that force a replacement."""
    for path, name in change.forced_by.items():
        yield from difference_with_nulls(follow(change.before, path), follow(change.after, path), name, path)


def _kind(loss: str) -> Kind:
    return Kind.UNDECIDED if loss == types.UNKNOWN else Kind.STATEFUL


def _unsaved(change: Change) -> Words:
    unmet = (
        each for each in _protecting(change) if each.unsaved and not each.is_met(first_at(change.before, each.path))
    )
    return tuple(f", and is deleted {each.unsaved}" for each in unmet)


def _weight(change: Change) -> int:
    """Return `Finding.weight`: 0 if a setting keeps the data."""
    protecting = _protecting(change)
    if any(each.unsaved for each in protecting) and not _unsaved(change):
        return 0
    return 2 if protecting else 1


def _protecting(change: Change) -> tuple[Protection, ...]:
    """Return the settings that protect a resource's data."""
    known = types.row(change.type)
    return known.protect if known else ()
