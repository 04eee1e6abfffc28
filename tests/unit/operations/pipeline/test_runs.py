"""The run that planned a merged pull request is found, and every other run is rejected.

shapes/*.json hold GitHub's descriptions of called workflows. Their `origin` is `recorded`, by `wealist preflight ENV
--record`, or `invented`, after GitHub's documentation.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.github_server import REPOSITORY, GitHubServer
from wealist.errors import OperatorError
from wealist.operations.pipeline.github import GitHub
from wealist.operations.pipeline.runs import planning_run, uses_workflows_of

MERGED = "1" * 40
HEAD = "2" * 40
MERGE, BASE = "3" * 40, "4" * 40
"""GitHub's merge commit of the pull request for its run, and the commit of main that it merges into."""
PULLS = f"commits/{MERGED}/pulls"
EVENTS = "issues/12/events"
OF_BRANCH = "pulls?state=all&head=OrangesCloud:feature&per_page=100"
RUNS = f"actions/workflows/pull-request.yml/runs?head_sha={HEAD}&event=pull_request&per_page=100"
"""Paths with their queries, by which the loopback GitHub finds its answers."""
SHAPES = sorted(Path(__file__).with_name("shapes").glob("*.json"))
CALLED = f"{REPOSITORY}/.github/workflows/plan-stacks.yml"


def at(minute: int) -> str:
    return f"2026-11-01T00:{minute:02}:00Z"


def pull(**changes: Any) -> dict[str, Any]:
    """Opened at minute 10, merged at minute 50."""
    return {
        "number": 12, "created_at": at(10), "closed_at": at(50), "merged_at": at(50), "merge_commit_sha": MERGED,
        "head": {"sha": HEAD, "ref": "feature"}, "base": {"ref": "main"}
    } | changes  # fmt: skip


def called(ref: str | None = "refs/pull/12/merge", file: str = CALLED) -> dict[str, Any]:
    """Invented, after GitHub's documentation, where `ref` is optional."""
    return {"path": f"{file}@{ref or MERGE}", "sha": MERGE} | ({"ref": ref} if ref else {})


def commits(*, parents: tuple[str, ...] = (BASE, HEAD), ran: str = "plan", came: str = "plan") -> dict[str, Any]:
    """The commit of a called workflow, and the versions of the file in it and in the commit on main."""
    return {
        f"commits/{MERGE}": {"parents": [{"sha": each} for each in parents]},
        f"contents/.github/workflows/plan-stacks.yml?ref={MERGE}": {"sha": ran},
        f"contents/.github/workflows/plan-stacks.yml?ref={MERGED}": {"sha": came},
    }


def run(number: int, repository: str = REPOSITORY, **changes: Any) -> dict[str, Any]:
    """Started at minute 20."""
    return {
        "id": number, "head_repository": {"full_name": repository}, "head_branch": "feature", "conclusion": "success",
        "created_at": at(20), "path": ".github/workflows/pull-request.yml", "referenced_workflows": [called()]
    } | changes  # fmt: skip


def merged(*runs: dict[str, Any]) -> dict[str, Any]:
    """GitHub's answers about a pull request that is the only one of its branch."""
    return {PULLS: [pull()], OF_BRANCH: [pull()], EVENTS: [], RUNS: {"workflow_runs": list(runs)}}


def refused(github: GitHub, why: str) -> None:
    with pytest.raises(OperatorError, match=f"nothing is applied: .*{why}") as error:
        planning_run(github, MERGED)
    assert "gh workflow run apply.yml" in error.value.remedy


def test_the_newest_run_for_the_last_commit_is_used(hub: GitHubServer, github: GitHub) -> None:
    hub.holds(merged(run(7), run(9), run(8)))
    assert planning_run(github, MERGED) == 9


@pytest.mark.parametrize(
    "pulls",
    [[], [pull(merged_at=None)], [pull(merge_commit_sha="3" * 40)], [pull(base={"ref": "release"})]],
)
def test_a_commit_without_a_merged_pull_request_to_main_is_rejected(
    hub: GitHubServer, github: GitHub, pulls: list[dict[str, Any]]
) -> None:
    hub.holds(merged(run(7)) | {PULLS: pulls})
    refused(github, "came to main without a pull request")


@pytest.mark.parametrize("runs", [[], [run(7, "contributor/wealist-infrastructure")]])
def test_a_pull_request_planned_by_no_run_or_by_a_forks_run_is_rejected(
    hub: GitHubServer, github: GitHub, runs: list[dict[str, Any]]
) -> None:
    hub.holds(merged(*runs))
    refused(github, f"did not succeed for {HEAD[:12]}, the last commit of pull request #12")


@pytest.mark.parametrize("conclusion", ["failure", "cancelled", None])
def test_an_older_successful_run_does_not_replace_a_newest_that_failed_or_still_runs(
    hub: GitHubServer, github: GitHub, conclusion: str | None
) -> None:
    hub.holds(merged(run(7), run(9, conclusion=conclusion)))
    refused(github, "did not succeed")


def test_runs_after_the_merge_are_ignored(hub: GitHubServer, github: GitHub) -> None:
    hub.holds(merged(run(7), run(9, created_at=at(51)), run(10, created_at=at(51), conclusion=None)))
    assert planning_run(github, MERGED) == 7


# --- runs of other pull requests --------------------------------------------------------------------------------------


def test_a_run_of_another_branch_with_the_same_commit_is_ignored(hub: GitHubServer, github: GitHub) -> None:
    other = run(9, head_branch="other", referenced_workflows=[called("refs/pull/13/merge")])
    hub.holds(merged(run(7), other))
    assert planning_run(github, MERGED) == 7
    hub.holds(merged(other))
    refused(github, "did not succeed")


@pytest.mark.parametrize("closed", [None, at(10), at(30)])
def test_a_branch_with_two_pull_requests_at_a_time_is_rejected(
    hub: GitHubServer, github: GitHub, closed: str | None
) -> None:
    other = pull(number=13, created_at=at(5), closed_at=closed, merged_at=None, base={"ref": "elsewhere"})
    hub.holds(merged(run(7)) | {OF_BRANCH: [pull(), other]})
    refused(github, "pull request #12 is not the only one of its branch: #13")


def test_a_branch_can_be_reused_but_its_earlier_runs_are_ignored(hub: GitHubServer, github: GitHub) -> None:
    before = pull(number=11, created_at=at(1), closed_at=at(9))
    hub.holds(merged(run(7)) | {OF_BRANCH: [pull(), before]})
    assert planning_run(github, MERGED) == 7
    hub.holds(merged(run(7, created_at=at(8))) | {OF_BRANCH: [pull(), before]})
    refused(github, "did not succeed")


@pytest.mark.parametrize("event", ["base_ref_changed", "automatic_base_change_succeeded"])
@pytest.mark.parametrize("minute", [20, 21])
def test_a_run_before_a_change_of_the_base_is_ignored(
    hub: GitHubServer, github: GitHub, event: str, minute: int
) -> None:
    events = [{"event": event, "created_at": at(15)}, {"event": event, "created_at": at(minute)}]
    hub.holds(merged(run(7)) | {EVENTS: [*events, {"event": "labeled", "created_at": at(40)}]})
    refused(github, "did not succeed")
    hub.holds(merged(run(7), run(9, created_at=at(22))) | {EVENTS: events})
    assert planning_run(github, MERGED) == 9


@pytest.mark.parametrize(
    "changes",
    [
        {"path": ".github/workflows/other.yml"},
        {"path": ".github/workflows/pull-request.yml@refs/pull/13/merge"},
        {"referenced_workflows": [called("refs/pull/13/merge")]},
        {"referenced_workflows": [called("refs/heads/other")]},
        {"referenced_workflows": [called(None)]},
        {"referenced_workflows": [called(file="elsewhere/wealist-infrastructure/.github/workflows/plan-stacks.yml")]},
        {"referenced_workflows": [called(), called("refs/heads/other")]},
        {"referenced_workflows": []},
        {"referenced_workflows": None},
    ],
)
def test_a_run_with_workflows_from_elsewhere_is_rejected(
    hub: GitHubServer, github: GitHub, changes: dict[str, Any]
) -> None:
    hub.holds(merged(run(7), run(9, **changes)))
    refused(github, "run 9 took its workflows from elsewhere than pull request #12")


@pytest.mark.parametrize("file", SHAPES, ids=lambda file: file.stem)
def test_each_recorded_or_invented_shape_is_judged_as_marked(hub: GitHubServer, github: GitHub, file: Path) -> None:
    shape = json.loads(file.read_text(encoding="utf-8"))
    assert shape["origin"] in {"recorded", "invented"}
    ran = shape["run"]
    for each in ran["referenced_workflows"] or ():
        parents = [{"sha": BASE}, {"sha": ran["head_sha"]}]
        of_commit = f"contents/.github/workflows/plan-stacks.yml?ref={each['sha']}"
        hub.holds(commits() | {f"commits/{each['sha']}": {"parents": parents}, of_commit: {"sha": "plan"}})
    of = pull(number=shape["pull"], head={"sha": ran["head_sha"], "ref": ran["head_branch"]})
    assert uses_workflows_of(github, ran, of, MERGED) is shape["accepted"]


def test_a_called_workflow_without_a_ref_is_accepted_by_its_merge_commit(hub: GitHubServer, github: GitHub) -> None:
    hub.holds(merged(run(7, referenced_workflows=[called(None)])) | commits())
    assert planning_run(github, MERGED) == 7


@pytest.mark.parametrize(
    "found",
    [
        {},
        commits(parents=(BASE,)),
        commits(parents=(HEAD, BASE)),
        commits(parents=(BASE, "5" * 40)),
        commits(parents=(BASE, HEAD, "5" * 40)),
        commits(ran="another"),
        {f"commits/{MERGE}": commits()[f"commits/{MERGE}"]},
    ],
    ids=["unknown", "one parent", "swapped parents", "other head", "three parents", "other file", "missing file"],
)
def test_a_called_workflow_of_another_commit_is_rejected(
    hub: GitHubServer, github: GitHub, found: dict[str, Any]
) -> None:
    hub.holds(merged(run(7, referenced_workflows=[called(None)])) | found)
    refused(github, "run 7 took its workflows from elsewhere than pull request #12")


def test_a_run_whose_path_has_the_ref_of_the_merge_is_accepted(hub: GitHubServer, github: GitHub) -> None:
    hub.holds(merged(run(7, path=".github/workflows/pull-request.yml@refs/pull/12/merge")))
    assert planning_run(github, MERGED) == 7
