"""What the commands do, each for one job of a workflow. What they return is for the next job.

Of which run a job is, GitHub says in its environment variables.
https://docs.github.com/en/actions/reference/workflows-and-actions/variables
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from wealist import project
from wealist.errors import BAD_INPUT, OperatorError
from wealist.operations.aws import clients
from wealist.operations.clock import today
from wealist.operations.emulated_stacks import ACCOUNT
from wealist.operations.pipeline import reporting, reviewed
from wealist.operations.pipeline.applying import apply_reviewed
from wealist.operations.pipeline.artifacts import planned_by
from wealist.operations.pipeline.configuration import changed, configurations
from wealist.operations.pipeline.github import GitHub
from wealist.operations.pipeline.planning import plan_for_review
from wealist.operations.pipeline.protection import refuse_unprotected
from wealist.operations.pipeline.record import Record
from wealist.operations.pipeline.reminders import reminders
from wealist.operations.pipeline.reviewing import review_plan
from wealist.operations.pipeline.runs import run_of_commit
from wealist.operations.pipeline.store import PlanStore
from wealist.operations.plan import aws_target
from wealist.project import exclusive_lock
from wealist.review.options import Gate

Entries = list[dict[str, Any]]


@dataclass(frozen=True)
class WorkflowRun:
    """A run of a workflow, and where people find it.

    Attributes:
        repository: OWNER/NAME.
        number: its id.
        server: GitHub's address.
        summary: what the job shows beside its log.
    """

    repository: str
    number: int
    server: str
    summary: Path

    @property
    def url(self) -> str:
        """The page of the run."""
        return f"{self.server}/{self.repository}/actions/runs/{self.number}"


def _this_run() -> WorkflowRun:
    try:
        repository, number = os.environ["GITHUB_REPOSITORY"], int(os.environ["GITHUB_RUN_ID"])
        return WorkflowRun(repository, number, os.environ["GITHUB_SERVER_URL"], Path(os.environ["GITHUB_STEP_SUMMARY"]))
    except (KeyError, ValueError) as error:
        raise OperatorError(
            f"this is no job of a workflow: {error} is not what GitHub sets in its jobs",
            remedy="let a workflow run it; `wealist plan`, `wealist review` and Terraform are for operators",
            exit_code=BAD_INPUT,
        ) from None


def plan(stack: str, out: Path, *, gates: Iterable[Gate], acknowledgements: str) -> dict[str, bool]:
    """Plan a stack, keep the plan and review it: whether there is a `review`, and whether a gate has `stopped` it."""
    run = _this_run()
    with exclusive_lock(f"aws-{stack}"), aws_target(stack) as target:
        plan_for_review(stack, target, out, _store())
    found = review_plan(stack, out, gates=gates, acknowledgements=acknowledgements, artifact_url=run.url)
    return {"review": found is not None, "stopped": found is not None and bool(found.gate_result.stopped)}


def comment(pull_request: int, wanted: list[str]) -> None:
    """Bring the comments of a pull request up to date, by what the jobs of this run planned."""
    run = _this_run()
    github = GitHub(run.repository)
    planned = _reviews(github, run) if wanted else {}
    reporting.comment(github, pull_request, planned=planned, changed=wanted, run_url=run.url)


def drift() -> None:
    """Open, update or close issues, by what the jobs of this run planned."""
    run = _this_run()
    github = GitHub(run.repository)
    reporting.track_drift(github, _reviews(github, run), run_url=run.url)


def remind() -> None:
    """Open, update or close the issues of what ends."""
    run, day = _this_run(), today()
    github = GitHub(run.repository)
    for reminder in reminders():
        reporting.remind(github, reminder, reminder.find(day), run_url=run.url)


def plans_of_run(stack: str) -> dict[str, Entries]:
    """The plan of a stack that this run has made, as `plans_of_merge` gives it."""
    head, run = project.synthesized_folder(), _this_run()
    project.stack_folder(stack, head)
    return _entries({stack: configurations(head)[stack]}, GitHub(run.repository), run)


def plans_of_merge(commit: str, base: Path) -> dict[str, Entries]:
    """The plans that a commit on main may be applied by, in order: those of `account`, and those of `environments`.

    Their digests and reviews are added to a job's summary, where the reviewers of the environments see them.
    """
    wanted, run = changed(base, project.synthesized_folder()), _this_run()
    github = GitHub(run.repository)
    number = run_of_commit(github, commit) if wanted else run.number
    return _entries(wanted, github, replace(run, number=number))


def apply(made: Record) -> None:
    """Apply a plan that was reviewed, where GitHub has asked somebody."""
    refuse_unprotected(GitHub(_this_run().repository), [made.stack])
    with exclusive_lock(f"aws-{made.stack}"), aws_target(made.stack) as target:
        apply_reviewed(target, made, store=_store())


def _entries(wanted: dict[str, str], github: GitHub, run: WorkflowRun) -> dict[str, Entries]:
    planned = planned_by(github, run.number) if wanted else {}
    plans = reviewed.to_apply(wanted, {stack: each.record for stack, each in planned.items()})
    refuse_unprotected(github, [made.stack for made in plans])
    if plans:
        with run.summary.open("a", encoding="utf-8") as file:
            file.write(reviewed.summary([planned[made.stack] for made in plans], run_url=run.url))
    return {
        name: [made.model_dump(exclude={"by_hand"}) for made in plans if (made.stack == ACCOUNT) is first]
        for name, first in (("account", True), ("environments", False))
    }


def _reviews(github: GitHub, run: WorkflowRun) -> dict[str, str | None]:
    return {stack: each.review for stack, each in planned_by(github, run.number).items()}


def _store() -> PlanStore:
    return PlanStore(clients(os.environ)("s3"))
