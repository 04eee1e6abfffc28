"""Find the workflow run that planned a pull request, from the commit that merged it.

commit ─→ merged pull request ─→ its newest run of pull-request.yml before the merge, which must have succeeded

GitHub does not record which pull request started a run: the field `pull_requests` lists those that are open now with
the run's branch or commit. Anyone who can push a branch can also open a pull request to another base, whose workflow
may plan anything. A run is therefore accepted only if no other pull request and no other base can have started it.
https://docs.github.com/en/rest/actions/workflow-runs
"""

from typing import Any, Final

from wealist.errors import OperatorError
from wealist.operations.pipeline.github import GitHub
from wealist.operations.pipeline.plans import replan_remedy
from wealist.spec.account import MAIN_BRANCH

WORKFLOW: Final = "pull-request.yml"
PLANNING: Final = "plan-stacks.yml"
_PLANNING_PATH: Final = f".github/workflows/{PLANNING}"
BASE_CHANGES: Final = ("base_ref_changed", "automatic_base_change_succeeded")
"""https://docs.github.com/en/rest/using-the-rest-api/issue-event-types"""


def planning_run(github: GitHub, commit: str) -> int:
    """Return the id of the run that planned the pull request which a commit on main merged.

    Raises:
        OperatorError: No pull request was merged by the commit, the newest run for its last commit did not succeed,
            or another pull request can have started that run.
    """
    pull = _merged_pull_request(github, commit)
    title = f"pull request #{pull['number']}"
    if others := _others_of_branch(github, pull):
        raise _refusal(f"{title} is not the only one of its branch: {', '.join(f'#{each}' for each in others)}")
    newest = max(_runs(github, pull), key=lambda run: int(run["id"]), default=None)
    if not newest or newest["conclusion"] != "success":
        raise _refusal(f"{WORKFLOW} did not succeed for {pull['head']['sha'][:12]}, the last commit of {title}")
    if not uses_workflows_of(github, newest, pull, commit):
        raise _refusal(f"run {newest['id']} took its workflows from elsewhere than {title}")
    return int(newest["id"])


def _merged_pull_request(github: GitHub, commit: str) -> dict[str, Any]:
    pulls: list[dict[str, Any]] = github.get(f"commits/{commit}/pulls")
    for pull in pulls:
        if pull["merged_at"] and pull["merge_commit_sha"] == commit and pull["base"]["ref"] == MAIN_BRANCH:
            return pull
    raise _refusal(f"commit {commit[:12]} came to {MAIN_BRANCH} without a pull request, so no plan of it was reviewed")


def _others_of_branch(github: GitHub, pull: dict[str, Any]) -> list[int]:
    """Return the other pull requests of the same branch, whose runs cannot be distinguished from this one's.

    A pull request that was closed before this one was opened has older runs only, and is left out.
    """
    head = f"{github.repository.partition('/')[0]}:{pull['head']['ref']}"
    return sorted(
        int(each["number"])
        for each in github.pages("pulls", state="all", head=head)
        if each["number"] != pull["number"] and not (each["closed_at"] and each["closed_at"] < pull["created_at"])
    )


def _runs(github: GitHub, pull: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the runs for a pull request's last commit, from its own branch, since its base was last changed."""
    events = github.pages(f"issues/{pull['number']}/events")
    rebased = max((str(each["created_at"]) for each in events if each["event"] in BASE_CHANGES), default="")
    runs = github.get(
        f"actions/workflows/{WORKFLOW}/runs", head_sha=pull["head"]["sha"], event="pull_request", per_page=100
    )
    # A fork's run has no role and therefore no plan, whatever its artifacts claim.
    return [
        run
        for run in runs["workflow_runs"]
        if run["head_repository"]["full_name"] == github.repository
        and run["head_branch"] == pull["head"]["ref"]
        and pull["created_at"] <= run["created_at"] <= pull["merged_at"]
        and rebased < run["created_at"]
    ]


def uses_workflows_of(github: GitHub, run: dict[str, Any], pull: dict[str, Any], commit: str) -> bool:
    """Return whether a run and every workflow that it calls come from a pull request's merge into its base.

    Args:
        github: The repository.
        run: The run, as GitHub returns it.
        pull: The pull request, as GitHub returns it.
        commit: The commit on main that merged it.
    """
    merge = f"refs/pull/{pull['number']}/merge"
    path, _, ref = run["path"].partition("@")
    called = run["referenced_workflows"] or []
    return (
        path == f".github/workflows/{WORKFLOW}"
        and ref in {"", merge}
        and {each["path"].partition("@")[0] for each in called} == {f"{github.repository}/{_PLANNING_PATH}"}
        and all(_is_from_merge(github, each, pull, commit) for each in called)
    )


def _is_from_merge(github: GitHub, called: dict[str, Any], pull: dict[str, Any], commit: str) -> bool:
    """Return whether a called workflow is from a pull request's merge: by its ref, or by its commit without a ref.

    Anyone who can push can create a commit with the parents of a merge. Therefore the file of that commit must also
    equal the file that was merged into main.
    https://docs.github.com/en/rest/actions/workflow-runs#get-a-workflow-run documents that the ref is optional.
    """
    if called.get("ref"):
        return bool(called["ref"] == f"refs/pull/{pull['number']}/merge")
    sha = called["sha"]
    description = github.find(f"commits/{sha}")
    if not description or [each["sha"] for each in description["parents"]][1:] != [pull["head"]["sha"]]:
        return False
    used, merged = (github.find(f"contents/{_PLANNING_PATH}", ref=each) for each in (sha, commit))
    return bool(used and merged) and bool(used["sha"] == merged["sha"])


def _refusal(reason: str) -> OperatorError:
    return OperatorError(f"nothing is applied: {reason}", remedy=replan_remedy("STACK"))
