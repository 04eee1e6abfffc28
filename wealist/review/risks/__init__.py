"""What is risky about a change: one file for each subject, each of them a function from a change to findings."""

from collections.abc import Callable, Iterator
from typing import Final

from wealist.review.changes import Change, Plan
from wealist.review.finding import Finding, Kind, Severity, code
from wealist.review.risks import (
    downtime,
    exposure,
    forwarding,
    hidden,
    lost,
    permissions,
    placement,
    protection,
    tls,
    user_data,
)

Risk = Callable[[Change, Plan], Iterator[Finding]]

RISKS: Final[tuple[Risk, ...]] = (
    lost.find,
    exposure.find,
    placement.find,
    permissions.find,
    protection.find,
    tls.find,
    downtime.find,
    forwarding.find,
    user_data.find,
    hidden.find,
)


def findings(plan: Plan) -> tuple[Finding, ...]:
    """Everything to know about a plan, the worst first."""
    found = [finding for change in plan.changes for risk in RISKS for finding in risk(change, plan)]
    found.extend(lost.vanished(plan))
    for check in plan.failed_checks:
        words = [word for problem in check.problems for word in (": ", code(problem))]
        found.append(Finding(Severity.CAUTION, Kind.CHECK, check.address, ("does not hold", *words)))
    return tuple(sorted(found, key=lambda finding: finding.rank))
