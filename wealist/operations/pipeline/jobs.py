"""The commands' implementation, each for one job of a workflow. Return values are the outputs for the next job.

GitHub identifies the run of a job in its process environment.
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
from wealist.operations.pipeline import approval, reporting
from wealist.operations.pipeline.approval import refuse_unprotected
from wealist.operations.pipeline.github import GitHub
from wealist.operations.pipeline.plan_and_apply import apply_reviewed, plan_for_review, review_plan
from wealist.operations.pipeline.plans import Record, changed_stacks, configuration_digests, download_plans
from wealist.operations.pipeline.reminders import reminders
from wealist.operations.pipeline.runs import planning_run
from wealist.operations.plan import aws_target
from wealist.project import exclusive_lock
from wealist.review.options import Gate

Outputs = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class WorkflowRun:
    """A run of a workflow.

    Attributes:
        repository: OWNER/NAME.
        number: The run's id.
        server: The URL of GitHub.
        summary: The file whose content GitHub shows as the job's summary.
    """

    repository: str
    number: int
    server: str
    summary: Path

    @property
    def url(self) -> str:
        """The page of the run."""
        return f"{self.server}/{self.repository}/actions/runs/{self.number}"

    @property
    def github(self) -> GitHub:
        """A client for the repository."""
        return GitHub(self.repository)


def _this_run() -> WorkflowRun:
    try:
        repository, number = os.environ["GITHUB_REPOSITORY"], int(os.environ["GITHUB_RUN_ID"])
        return WorkflowRun(repository, number, os.environ["GITHUB_SERVER_URL"], Path(os.environ["GITHUB_STEP_SUMMARY"]))
    except (KeyError, ValueError) as error:
        problem = f"{error.args[0]} is not set" if isinstance(error, KeyError) else f"GITHUB_RUN_ID: {error}"
        raise OperatorError(
            f"this command runs only in jobs of GitHub workflows: {problem}",
            remedy="run the workflow; operators use `wealist plan`, `wealist review` and Terraform",
            exit_code=BAD_INPUT,
        ) from None


def plan(stack: str, out: Path, *, gates: Iterable[Gate], acknowledgements: str) -> dict[str, bool]:
    """Plan a stack, upload the plan and review it.

    Returns:
        `review`: whether there is a review; `stopped`: whether a gate stops the plan.
    """
    run = _this_run()
    with exclusive_lock(f"aws-{stack}"), aws_target(stack) as target:
        plan_for_review(stack, target, out, clients(os.environ)("s3"))
    review = review_plan(stack, out, gates=gates, acknowledgements=acknowledgements, artifact_url=run.url)
    return {"review": review is not None, "stopped": review is not None and bool(review.gate_result.stopped)}


def comment(pull_request: int, changed: list[str]) -> None:
    """Update the comments of a pull request from the plans of this run."""
    run = _this_run()
    reviews = _reviews(run) if changed else {}
    reporting.update_comments(run.github, pull_request, reviews=reviews, changed=changed, run_url=run.url)


def drift() -> None:
    """Open, update or close the issues of drift from the plans of this run."""
    run = _this_run()
    reporting.update_drift_issues(run.github, _reviews(run), run_url=run.url)


def remind() -> None:
    """Open, update or close the issues of waivers, certificates and versions that expire."""
    run, day = _this_run(), today()
    for reminder in reminders():
        reporting.update_reminder(run.github, reminder, reminder.find(day), run_url=run.url)


def plans_of_run(stack: str) -> Outputs:
    """Return the plan of a stack that this run has made, in the form of `plans_of_merge`."""
    head = project.synthesized_folder()
    project.stack_folder(stack, head)
    return _approved({stack: configuration_digests(head)[stack]}, _this_run())


def plans_of_merge(commit: str, base: Path) -> Outputs:
    """Return the plans to apply for a commit on main, in order: those of `account`, and those of `environments`.

    Their digests and reviews are appended to the job's summary, for the reviewers of the GitHub environments.
    """
    changed, run = changed_stacks(base, project.synthesized_folder()), _this_run()
    number = planning_run(run.github, commit) if changed else run.number
    return _approved(changed, replace(run, number=number))


def apply(record: Record) -> None:
    """Apply a plan that was reviewed, provided that GitHub required reviewers."""
    refuse_unprotected(_this_run().github, [record.stack])
    with exclusive_lock(f"aws-{record.stack}"), aws_target(record.stack) as target:
        apply_reviewed(target, record, clients(os.environ)("s3"))


def _approved(changed: dict[str, str], run: WorkflowRun) -> Outputs:
    planned = download_plans(run.github, run.number) if changed else {}
    records = approval.plans_to_apply(changed, {stack: each.record for stack, each in planned.items()})
    refuse_unprotected(run.github, [record.stack for record in records])
    if records:
        with run.summary.open("a", encoding="utf-8") as file:
            file.write(approval.summary([planned[record.stack] for record in records], run_url=run.url))
    return {
        output: [
            record.model_dump(exclude={"by_hand"}) for record in records if (record.stack == ACCOUNT) is is_account
        ]
        for output, is_account in (("account", True), ("environments", False))
    }


def _reviews(run: WorkflowRun) -> reporting.Reviews:
    return {stack: each.review for stack, each in download_plans(run.github, run.number).items()}
