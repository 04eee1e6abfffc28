"""Which plans of a run may be applied, and what the reviewers of their environments are shown first."""

from collections.abc import Iterable, Mapping
from typing import Final

from wealist.errors import OperatorError
from wealist.operations.pipeline.artifacts import Planned
from wealist.operations.pipeline.record import Record
from wealist.operations.pipeline.store import by_hand
from wealist.review.layout import byte_size

SUMMARY_LIMIT: Final = 1024 * 1024
"""Bytes of a step's summary; GitHub shows nothing of a larger one.
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits"""


def to_apply(changed: Mapping[str, str], records: Mapping[str, Record]) -> list[Record]:
    """The plans to apply, in order.

    Args:
        changed: The stacks that the commit changes, in the order of applies, with the digest of their configuration.
        records: What was planned.

    Raises:
        OperatorError: a stack has no plan, a plan of something else, or one that only an operator may apply. All are
            named at once, and nothing is applied.
    """
    problems = [problem for stack, now in changed.items() for problem in _problems(stack, now, records.get(stack))]
    if problems:
        lines = "".join(f"\n  {problem}" for problem in problems)
        raise OperatorError(f"nothing is applied, for want of a plan that may be:{lines}", remedy=by_hand("STACK"))
    return [records[stack] for stack in changed if records[stack].plan]


def summary(plans: Iterable[Planned], *, run_url: str) -> str:
    """What will be applied, as the summary of a job: every plan's digest first, then their reviews.

    Args:
        plans: What will be applied, in order.
        run_url: The run that made the plans; its artifacts hold what has no room here.
    """
    reviewed = list(plans)
    rows = [f"| {each.record.stack} | `{each.record.plan}` |" for each in reviewed]
    text = "\n".join(
        [f"## To be applied: the plans of [this run]({run_url})\n", "| stack | plan |", "|---|---|", *rows]
    )
    for each in reviewed:
        missing = (
            f"\n\nThe review of {each.record.stack} has no room here: it is an artifact of [the run]({run_url}).\n"
        )
        review = f"\n\n{each.review}\n"
        # Room stays for the line that stands for each review that does not fit.
        text += (
            review
            if byte_size(text) + byte_size(review) + len(reviewed) * byte_size(missing) < SUMMARY_LIMIT
            else missing
        )
    return text + "\n"


def _problems(stack: str, now: str, made: Record | None) -> list[str]:
    if made is None:
        return [f"{stack}: it was not planned in the pull request"]
    if made.configuration != now:
        return [f"{stack}: its plan is of another configuration; main has moved since the pull request was planned"]
    if made.by_hand:
        return [f"{stack}: {made.by_hand}; an operator applies it (README), then the others can go on"]
    return []
