"""Which workflow run planned a pull request: found from the commit that merged it.

commit ─→ merged pull request ─→ its newest run of pull-request.yml before the merge, which must have succeeded

GitHub does not say which pull request a run was started for: what a run lists as `pull_requests` are those that are
open now with its branch or its commit. So a run counts only where it can be of no other pull request and of no other
base: who may push a branch may open a pull request to a base whose workflow plans what it likes.
https://docs.github.com/en/rest/actions/workflow-runs
"""

from typing import Any, Final

from wealist.errors import OperatorError
from wealist.operations.pipeline.github import GitHub
from wealist.operations.pipeline.store import by_hand
from wealist.spec.account import MAIN_BRANCH

WORKFLOW: Final = "pull-request.yml"
PLANNING: Final = "plan-stacks.yml"
_PLANNING_PATH: Final = f".github/workflows/{PLANNING}"
BASE_CHANGES: Final = ("base_ref_changed", "automatic_base_change_succeeded")
"""https://docs.github.com/en/rest/using-the-rest-api/issue-event-types"""


def run_of_commit(github: GitHub, commit: str) -> int:
    """The run that planned the pull request whose merge a commit is.

    Raises:
        OperatorError: there is no such pull request, the newest run for its last commit did not succeed, or that run
            can be another pull request's.
    """
    pull = _merged(github, commit)
    named = f"pull request #{pull['number']}"
    if others := _others(github, pull):
        raise _unplanned(f"{named} is not the only one of its branch: {', '.join(f'#{each}' for each in others)}")
    runs = _runs(github, pull)
    newest = max(runs, key=lambda run: int(run["id"]), default=None)
    if not newest or newest["conclusion"] != "success":
        raise _unplanned(f"{WORKFLOW} did not succeed for {pull['head']['sha'][:12]}, the last commit of {named}")
    if not is_of(github, newest, pull, commit):
        raise _unplanned(f"run {newest['id']} took its workflows from elsewhere than {named}")
    return int(newest["id"])


def _merged(github: GitHub, commit: str) -> dict[str, Any]:
    pulls: list[dict[str, Any]] = github.get(f"commits/{commit}/pulls")
    for pull in pulls:
        if pull["merged_at"] and pull["merge_commit_sha"] == commit and pull["base"]["ref"] == MAIN_BRANCH:
            return pull
    raise _unplanned(f"commit {commit[:12]} came to {MAIN_BRANCH} without a pull request, so nobody reviewed a plan")


def _others(github: GitHub, pull: dict[str, Any]) -> list[int]:
    """The other pull requests of the same branch, whose runs would look like this one's.

    One that was closed before this one was opened has no run that is as young.
    """
    head = f"{github.repository.partition('/')[0]}:{pull['head']['ref']}"
    return sorted(
        int(each["number"])
        for each in github.pages("pulls", state="all", head=head)
        if each["number"] != pull["number"] and not (each["closed_at"] and each["closed_at"] < pull["created_at"])
    )


def _runs(github: GitHub, pull: dict[str, Any]) -> list[dict[str, Any]]:
    """The runs for the last commit of a pull request, of its own branch, while its base was the one that it has."""
    events = github.pages(f"issues/{pull['number']}/events")
    moved = max((str(each["created_at"]) for each in events if each["event"] in BASE_CHANGES), default="")
    listed = github.get(
        f"actions/workflows/{WORKFLOW}/runs", head_sha=pull["head"]["sha"], event="pull_request", per_page=100
    )
    # A fork's run has no role, so it made no plan, whatever its artifacts say.
    return [
        run
        for run in listed["workflow_runs"]
        if run["head_repository"]["full_name"] == github.repository
        and run["head_branch"] == pull["head"]["ref"]
        and pull["created_at"] <= run["created_at"] <= pull["merged_at"]
        and moved < run["created_at"]
    ]


def is_of(github: GitHub, run: dict[str, Any], pull: dict[str, Any], commit: str) -> bool:
    """Whether the workflow of a run and all that it calls are those of a pull request's merge into its base."""
    merge = f"refs/pull/{pull['number']}/merge"
    own, _, ref = run["path"].partition("@")
    called = run["referenced_workflows"] or []
    return (
        own == f".github/workflows/{WORKFLOW}"
        and ref in {"", merge}
        and {each["path"].partition("@")[0] for each in called} == {f"{github.repository}/{_PLANNING_PATH}"}
        and all(_is_merge(github, each, pull, commit) for each in called)
    )


def _is_merge(github: GitHub, called: dict[str, Any], pull: dict[str, Any], commit: str) -> bool:
    """Whether a called workflow is that of a pull request's merge: by its ref, or by its commit where it has none.

    Whoever may push can make a commit with the parents of a merge. So the file must be the one that came to main, too.
    https://docs.github.com/en/rest/actions/workflow-runs#get-a-workflow-run says that the ref is optional.
    """
    if called.get("ref"):
        return bool(called["ref"] == f"refs/pull/{pull['number']}/merge")
    sha = called["sha"]
    found = github.find(f"commits/{sha}")
    if not found or [each["sha"] for each in found["parents"]][1:] != [pull["head"]["sha"]]:
        return False
    ran, came = (github.find(f"contents/{_PLANNING_PATH}", ref=each) for each in (sha, commit))
    return bool(ran and came) and bool(ran["sha"] == came["sha"])


def _unplanned(what: str) -> OperatorError:
    return OperatorError(f"nothing is applied: {what}", remedy=by_hand("STACK"))
