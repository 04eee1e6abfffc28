"""A reviewed plan, as the renderers show it."""

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
"""Order in which changes with the same risk are listed."""


@dataclass(frozen=True)
class Review:
    """A plan with its findings and the result of its gates.

    Attributes:
        stack: Name of the stack.
        findings: All findings, the worst first.
    """

    stack: str
    plan: Plan
    findings: tuple[Finding, ...]
    gate_result: GateResult

    @property
    def is_empty(self) -> bool:
        """Whether an apply would do nothing and there are no findings."""
        return self.plan.is_empty and not self.findings

    @property
    def severity(self) -> Severity | None:
        """The severity of the worst finding; None if an apply would do nothing."""
        if self.is_empty:
            return None
        return max((finding.severity for finding in self.findings), default=Severity.NOTE)

    @cached_property
    def unjudged(self) -> Mapping[str, int]:
        """Type → number of created or changed resources, for types without a row in types.toml and without a rule."""
        return Counter(
            each.type for each in self.plan.changes if each.action in CREATED_OR_CHANGED and not is_judged(each.type)
        )

    @property
    def is_neutral(self) -> bool:
        """Whether there is no risk, but a part of the plan cannot be judged."""
        return self.severity is Severity.NOTE and bool(self.unjudged or self.plan.unread)

    @property
    def verdict(self) -> str:
        """A summary in a few words."""
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
        """The id of the account that the plan applies to."""
        return self.plan.account or UNKNOWN_ACCOUNT

    @cached_property
    def costs(self) -> "CostDifference | None":
        """The change of monthly costs; None if no cost changes."""
        from wealist.costs.difference import plan_difference  # noqa: PLC0415  an empty plan costs no time

        plan = self.plan
        related = (each for each in plan.unchanged if each.type in CROSS_RESOURCE_TYPES)
        kept = [change for change in (*plan.changes, *related) if change.action is not Action.FORGET]
        return plan_difference(kept, plan.ids, plan.arguments) if plan.changes else None

    @cached_property
    def by_object(self) -> Mapping[Key, list[Finding]]:
        """Object → its findings, the worst first."""
        return group_by_object(self.findings)

    @cached_property
    def ranked(self) -> list[Change]:
        """The changes, the riskiest first."""
        return sorted(self.plan.changes, key=self._rank)

    def _rank(self, change: Change) -> tuple[tuple[bool, Rank], int, str]:
        found = self.by_object.get(change.key, [])
        return object_rank(found), ACTIONS.index(change.action), change.address
