"""What somebody did outside of Terraform, and what of it an apply leaves: judged as if a plan did it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from wealist.model.plan_values import Value
from wealist.review.changes import Action, Change, Plan
from wealist.review.drift import differing
from wealist.review.finding import Finding, Severity, worst_of_each_argument
from wealist.review.listed import PARTS, Parts, with_listed
from wealist.review.risks import network, permissions, placement, rules, settings, tls
from wealist.review.values import first

_JUDGES: Final = (network.find, placement.find, permissions.find, rules.find, settings.find, tls.find)
_OUTSIDE: Final = "was changed outside of Terraform: "


def find(plan: Plan) -> Iterator[Finding]:
    """Report what was made dangerous outside of Terraform, and stays so."""
    planned = {change.address: change for change in plan.changes}
    parts = _parts(plan)
    for change in plan.refreshed:
        mine = planned.get(change.address)
        if change.action is Action.UPDATE and (mine is None or mine.action is not Action.DESTROY):
            yield from _lasting(change, mine, parts, plan)


def _parts(plan: Plan) -> Parts:
    """Everything that lists may show, as it is in AWS before the apply."""
    found: Parts = {}
    for change in (*plan.changes, *plan.unchanged):
        owner = first(change.before, PARTS[change.type]) if change.type in PARTS else None
        if isinstance(owner, str):
            found.setdefault((change.type, owner), []).append(change.before)
    return found


def _lasting(change: Change, planned: Change | None, parts: Parts, plan: Plan) -> Iterator[Finding]:
    """What is dangerous now, and after the apply."""
    before = with_listed(change.before, change.type, parts)
    now = _judged(change, before, change.after, plan)
    then = _judged(change, before, planned.after, plan) if planned else now
    lasting = {finding.words for finding in then}
    for finding in now:
        if finding.words in lasting:
            yield replace(finding, words=(_OUTSIDE, *finding.words))


def _judged(change: Change, before: Value, after: Value, plan: Plan) -> list[Finding]:
    """What is wrong with a resource by what somebody changed: not by a default that AWS writes in another way."""
    if isinstance(before, dict) and isinstance(after, dict):
        names = differing(before, after)
        after = {name: after.get(name) if name in names else value for name, value in {**after, **before}.items()}
    changed = replace(change, before=before, after=after)
    found = worst_of_each_argument([finding for judge in _JUDGES for finding in judge(changed, plan)])
    return [finding for finding in found if finding.severity > Severity.NOTE]
