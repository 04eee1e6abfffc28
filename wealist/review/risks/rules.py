"""The rules of `wealist check`, applied to a resource before and after a change.

met before, broken after → "no longer meets"    created and broken → "does not meet"    waived → nothing
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from wealist.checks import waivers
from wealist.checks.rules.engine import check_values, rules_of
from wealist.checks.rules.rule import Rule
from wealist.model.types import row
from wealist.model.values import Value
from wealist.review.changes import CREATED_OR_CHANGED, Action, Change, Plan
from wealist.review.finding import Finding, Kind, Severity, Words, code
from wealist.review.risks.arguments import argument_lines
from wealist.review.values import JsonText, is_hidden

_SEVERITIES: Final = {"note": Severity.NOTE, "caution": Severity.CAUTION, "danger": Severity.DANGER}
_UNREADABLE: Final = "cannot be read"


def find(change: Change, plan: Plan) -> Iterator[Finding]:
    """Report the rules that a change breaks.

    Only `wealist check` applies rules that need the whole stack. A plan does not show whether its environment is
    protected, so for created resources only rules for all stacks apply.
    """
    is_new = change.action is Action.CREATE
    is_made = change.action in CREATED_OR_CHANGED and isinstance(change.after, dict)
    rules = rules_of(change.type) if is_made else ()
    after = _readable(change.after) if rules else {}
    for rule in rules:
        if rule.needs_stack or (is_new and rule.where != "anywhere"):
            continue
        problem = _problem(rule, after)
        if problem and (is_new or not _problem(rule, _readable(change.before))) and not _is_waived(change, rule, plan):
            yield _broken(change, rule, problem)


def _is_waived(change: Change, rule: Rule, plan: Plan) -> bool:
    of_control = _waivers().get(rule.control, ())
    return any(each.covers(plan.environment or "", change.address, rule.control) for each in of_control)


@cache
def _waivers() -> Mapping[str, Sequence[waivers.Waiver]]:
    """Return control → its waivers."""
    found: dict[str, list[waivers.Waiver]] = {}
    for waiver in waivers.read():
        for control in waiver.controls:
            found.setdefault(control, []).append(waiver)
    return found


def _broken(change: Change, rule: Rule, problem: str) -> Finding:
    verb = "does not meet" if change.action is Action.CREATE else "no longer meets"
    words: Words = (f"{verb} {rule.control}: ", code(problem), f". {rule.why}" if rule.why else "")
    lines = argument_lines(change, rule.path)
    shown = () if change.action is Action.CREATE or not rule.path else lines
    return Finding(_SEVERITIES[rule.severity], Kind.RULE, change.address, words, shown, rule.path or _policy(change))


def _policy(change: Change) -> str:
    """Return the argument with the policy that a rule's function reads; empty if a type has none."""
    known = row(change.type)
    return next(iter(known.policies if known else ()), "")


def _problem(rule: Rule, values: Mapping[str, Value]) -> str | None:
    """Return the problem that a rule finds; None if it is met, or cannot be judged because of hidden values."""
    problem = check_values(rule, values)
    return None if problem and _UNREADABLE in problem and is_hidden(dict(values)) else problem


def _readable(values: Value) -> dict[str, Value]:
    """Return values in the form that rules read, with policies as texts."""
    if not isinstance(values, dict):
        return {}
    texts = [(name, each) for name, each in values.items() if isinstance(each, JsonText)]
    return {**values, **{name: json.dumps(each.value, default=str) for name, each in texts}} if texts else values
