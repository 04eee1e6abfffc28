"""Risks of a plan: one module for each subject, with a function `find` from a change to findings."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from wealist.checks.rules.engine import rules_of
from wealist.model.types import row
from wealist.review.changes import Change, Plan
from wealist.review.finding import Finding, worst_per_argument
from wealist.review.risks import (
    data_loss,
    downtime,
    listeners,
    permissions,
    routing,
    rules,
    security_groups,
    settings,
    whole_plan,
)

Risk = Callable[[Change, Plan], Iterator[Finding]]

RISKS: Final[tuple[Risk, ...]] = (
    data_loss.find,
    security_groups.find,
    routing.find,
    permissions.find,
    rules.find,
    settings.find,
    downtime.find,
    settings.find_unjudged,
)


def is_judged(kind: str) -> bool:
    """Return whether the risks of a type are described: by a complete row in types.toml, or by a rule."""
    known = row(kind)
    return (known is not None and not known.undecided) or bool(rules_of(kind))


def findings(plan: Plan) -> tuple[Finding, ...]:
    """Return all findings about a plan, the worst first."""
    found = [finding for change in plan.changes for finding in _findings_of(change, plan)]
    for find in (data_loss.find_vanished, listeners.find, whole_plan.find):
        found.extend(find(plan))
    return tuple(sorted(found, key=lambda finding: finding.rank))


def _findings_of(change: Change, plan: Plan) -> list[Finding]:
    found = worst_per_argument([finding for risk in RISKS for finding in risk(change, plan)])
    return [replace(each, deposed=change.deposed) if change.deposed else each for each in found]
