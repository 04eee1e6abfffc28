"""What is risky about a change: one file for each subject, each of them a function from a change to findings."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from wealist.checks.rules.engine import rules_of
from wealist.model.types import row
from wealist.review.changes import Change, Plan
from wealist.review.finding import Finding, Kind, Severity, code, worst_of_each_argument
from wealist.review.risks import (
    downtime,
    drift,
    hidden,
    listeners,
    lost,
    network,
    outside,
    permissions,
    placement,
    rules,
    settings,
    tls,
)

Risk = Callable[[Change, Plan], Iterator[Finding]]

RISKS: Final[tuple[Risk, ...]] = (
    lost.find,
    network.find,
    placement.find,
    permissions.find,
    rules.find,
    settings.find,
    tls.find,
    downtime.find,
    hidden.find,
)


def is_judged(kind: str) -> bool:
    """Whether somebody has decided what is risky about a type: it has a complete row in types.toml, or a rule."""
    known = row(kind)
    return (known is not None and not known.undecided) or bool(rules_of(kind))


def findings(plan: Plan) -> tuple[Finding, ...]:
    """Everything to know about a plan, the worst first."""
    found = [finding for change in plan.changes for finding in _of_change(change, plan)]
    for find in (lost.vanished, listeners.find, drift.find, outside.find):
        found.extend(find(plan))
    for check in plan.failed_checks:
        words = [word for problem in check.problems for word in (": ", code(problem))]
        found.append(Finding(Severity.CAUTION, Kind.CHECK, check.address, ("does not hold", *words)))
    return tuple(sorted(found, key=lambda finding: finding.rank))


def _of_change(change: Change, plan: Plan) -> list[Finding]:
    found = worst_of_each_argument([finding for risk in RISKS for finding in risk(change, plan)])
    return [replace(each, deposed=change.deposed) if change.deposed else each for each in found]
