"""Arguments that protect less than before, or open a resource to others.

Which they are, and how bad that is, stands in types.toml: the columns `protect`, `weaker`, `exposes` and `created`.
"""

from collections.abc import Iterator

from wealist.model.plan_values import Value
from wealist.model.types import Effect, Exposure, row
from wealist.review.changes import MADE, Action, Change, Plan
from wealist.review.finding import Finding, Kind, Severity, code
from wealist.review.risks.worsened import differing_lines, is_worse
from wealist.review.values import at, every


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
        if is_worse(change, path, weaker.how):
            lines = differing_lines(at(change.before, path), at(change.after, path), path)
            severity = Severity.DANGER if weaker.danger else Severity.CAUTION
            words = ("weakens ", code(path), f": {weaker.danger}" if weaker.danger else "")
            yield Finding(severity, Kind.PROTECTION, change.address, words, lines, path)
