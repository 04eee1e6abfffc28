"""A reviewed plan: what the renderers show."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from wealist.review.changes import CREATED_OR_CHANGED, CROSS_RESOURCE_TYPES, Action, Change, Plan
from wealist.review.finding import Finding, Key, Rank, Severity, group_by_object, object_rank
from wealist.review.gates import GateResult
from wealist.review.risks import is_judged

if TYPE_CHECKING:
    from wealist.costs.difference import CostDifference

UNKNOWN_ACCOUNT: Final = "unknown"

ACTIONS: Final = (Action.DESTROY, Action.REPLACE, Action.FORGET, Action.UPDATE, Action.CREATE, Action.NONE)
"""Changes are listed in this order, within the same risk."""


@dataclass(frozen=True)
class Review:
    """A plan, its findings, and what its gates say.

    Attributes:
        stack: the stack's name.
        findings: the worst first.
    """

    stack: str
    plan: Plan
    findings: tuple[Finding, ...]
    gate_result: GateResult

    @property
    def is_empty(self) -> bool:
        """Whether an apply would do nothing, and nothing was found."""
        return self.plan.is_empty and not self.findings

    @property
    def severity(self) -> Severity | None:
        """The worst that was found; None where an apply would do nothing."""
        if self.is_empty:
            return None
        return max((finding.severity for finding in self.findings), default=Severity.NOTE)

    @cached_property
    def unjudged(self) -> Mapping[str, int]:
        """Type → how many of it are created or changed, of types that neither a row nor a rule is about."""
        return Counter(
            each.type for each in self.plan.changes if each.action in CREATED_OR_CHANGED and not is_judged(each.type)
        )

    @property
    def is_neutral(self) -> bool:
        """Whether no risk was found, and a part of the plan could not be judged."""
        return self.severity is Severity.NOTE and bool(self.unjudged or self.plan.unread)

    @property
    def verdict(self) -> str:
        """The plan in a few words."""
        if self.is_neutral:
            return "no known risk, but not all of it can be judged"
        return {
            None: "no changes",
            Severity.NOTE: "no risk found",
            Severity.CAUTION: "needs a careful look",
            Severity.DANGER: "dangerous",
        }[self.severity]

    @property
    def account(self) -> str:
        """The only account that the plan can be applied to."""
        return self.plan.account or UNKNOWN_ACCOUNT

    @cached_property
    def costs(self) -> "CostDifference | None":
        """What the apply adds to a month's costs; None where nothing that costs changes."""
        from wealist.costs.difference import plan_difference  # noqa: PLC0415  an empty plan costs no time

        plan = self.plan
        related = (each for each in plan.unchanged if each.type in CROSS_RESOURCE_TYPES)
        kept = [change for change in (*plan.changes, *related) if change.action is not Action.FORGET]
        return plan_difference(kept, plan.ids, plan.arguments) if plan.changes else None

    @cached_property
    def of_object(self) -> Mapping[Key, list[Finding]]:
        """Object → the findings about it, the worst first."""
        return group_by_object(self.findings)

    @cached_property
    def ranked(self) -> list[Change]:
        """The changes, the riskiest first."""
        return sorted(self.plan.changes, key=self._rank)

    def _rank(self, change: Change) -> tuple[tuple[bool, Rank], int, str]:
        found = self.of_object.get(change.key, [])
        return object_rank(found), ACTIONS.index(change.action), change.address
