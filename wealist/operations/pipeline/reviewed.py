"""Which plans a commit on main may be applied by: those that were made for its pull request, or by this very run.

commit ─→ merged pull request ─→ its last commit ─→ the run of pull-request.yml for that commit, which succeeded
       ─→ artifacts plan-<stack> ─→ records, held against what the commit synthesizes
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from wealist.operations.errors import OperatorError
from wealist.operations.pipeline import record
from wealist.operations.pipeline.github import GitHub
from wealist.operations.pipeline.record import Record
from wealist.operations.pipeline.reporting import PREFIX
from wealist.operations.pipeline.store import by_hand

WORKFLOW: Final = "pull-request.yml"


def run_of_commit(github: GitHub, commit: str) -> int:
    """The run that planned the pull request whose merge a commit is.

    Raises:
        OperatorError: there is no such pull request, or its last commit has no successful run.
    """
    pulls: list[dict[str, Any]] = github.get(f"commits/{commit}/pulls")
    merged = [pull for pull in pulls if pull["merged_at"] and pull["merge_commit_sha"] == commit]
    if not merged:
        raise _unplanned(f"commit {commit[:12]} came to main without a pull request, so nobody reviewed a plan")
    head = str(merged[0]["head"]["sha"])
    listed = github.get(
        f"actions/workflows/{WORKFLOW}/runs", head_sha=head, event="pull_request", status="success", per_page=100
    )
    # A fork's run has no role, so it made no plan, whatever its artifacts say.
    own = [run for run in listed["workflow_runs"] if run["head_repository"]["full_name"] == github.repository]
    if not own:
        raise _unplanned(
            f"no run of {WORKFLOW} in this repository succeeded for {head[:12]}, the last commit of "
            f"pull request #{merged[0]['number']}"
        )
    return max(int(run["id"]) for run in own)


def records_of_run(github: GitHub, run: int) -> dict[str, Record]:
    """The records that the planning jobs of a run left, by stack."""
    with tempfile.TemporaryDirectory() as folder:
        found = [
            record.read(github.download(run, artifact, Path(folder)))
            for artifact in github.artifacts(run)
            if artifact.startswith(PREFIX)
        ]
    return {made.stack: made for made in found}


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


def _problems(stack: str, now: str, made: Record | None) -> list[str]:
    if made is None:
        return [f"{stack}: it was not planned in the pull request"]
    if made.configuration != now:
        return [f"{stack}: its plan is of another configuration; main has moved since the pull request was planned"]
    if made.by_hand:
        return [f"{stack}: {made.by_hand}; an operator applies it (README), then the others can go on"]
    return []


def _unplanned(what: str) -> OperatorError:
    return OperatorError(f"nothing is applied: {what}", remedy=by_hand("STACK"))
