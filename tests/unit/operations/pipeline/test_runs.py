"""Which run planned the pull request that a commit on main merges.

How GitHub names a called workflow stands in shapes/*.json. `origin` tells what is `recorded`, by `wealist preflight
ENV --record`, and what is `invented`, after GitHub's documentation.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.github_server import REPOSITORY, GitHubServer
from wealist.errors import OperatorError
from wealist.operations.pipeline.github import GitHub
from wealist.operations.pipeline.runs import is_of, run_of_commit

MERGED = "1" * 40
HEAD = "2" * 40
MERGE, BASE = "3" * 40, "4" * 40
"""The merge that GitHub made of the pull request for its run, and main as it was then."""
PULLS = f"commits/{MERGED}/pulls"
EVENTS = "issues/12/events"
OF_BRANCH = "pulls?state=all&head=OrangesCloud:feature&per_page=100"
RUNS = f"actions/workflows/pull-request.yml/runs?head_sha={HEAD}&event=pull_request&per_page=100"
"""What is asked for, as the GitHub of these tests keys its answers."""
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
    """The commit of a called workflow, and which file it and the commit on main have."""
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
    """What GitHub holds of a pull request that is the only one of its branch."""
    return {PULLS: [pull()], OF_BRANCH: [pull()], EVENTS: [], RUNS: {"workflow_runs": list(runs)}}


def refused(github: GitHub, why: str) -> None:
    with pytest.raises(OperatorError, match=f"nothing is applied: .*{why}") as error:
        run_of_commit(github, MERGED)
    assert "gh workflow run apply.yml" in error.value.remedy


def test_the_run_is_the_newest_for_the_last_commit_of_the_merged_pull_request(
    hub: GitHubServer, github: GitHub
) -> None:
    hub.holds(merged(run(7), run(9), run(8)))
    assert run_of_commit(github, MERGED) == 9


@pytest.mark.parametrize(
    "pulls",
    [[], [pull(merged_at=None)], [pull(merge_commit_sha="3" * 40)], [pull(base={"ref": "release"})]],
)
def test_a_commit_that_no_pull_request_to_main_brought_is_not_applied(
    hub: GitHubServer, github: GitHub, pulls: list[dict[str, Any]]
) -> None:
    hub.holds(merged(run(7)) | {PULLS: pulls})
    refused(github, "came to main without a pull request")


@pytest.mark.parametrize("runs", [[], [run(7, "contributor/wealist-infrastructure")]])
def test_a_pull_request_that_only_a_forks_run_planned_is_not_applied(
    hub: GitHubServer, github: GitHub, runs: list[dict[str, Any]]
) -> None:
    hub.holds(merged(*runs))
    refused(github, f"did not succeed for {HEAD[:12]}, the last commit of pull request #12")


@pytest.mark.parametrize("conclusion", ["failure", "cancelled", None])
def test_an_older_run_does_not_stand_for_the_newest_that_was_stopped_or_goes_on(
    hub: GitHubServer, github: GitHub, conclusion: str | None
) -> None:
    hub.holds(merged(run(7), run(9, conclusion=conclusion)))
    refused(github, "did not succeed")


def test_what_runs_after_the_merge_changes_nothing(hub: GitHubServer, github: GitHub) -> None:
    hub.holds(merged(run(7), run(9, created_at=at(51)), run(10, created_at=at(51), conclusion=None)))
    assert run_of_commit(github, MERGED) == 7


# --- whose run it is --------------------------------------------------------------------------------------------------


def test_a_run_of_another_branch_with_the_same_commit_is_not_this_pull_requests(
    hub: GitHubServer, github: GitHub
) -> None:
    other = run(9, head_branch="other", referenced_workflows=[called("refs/pull/13/merge")])
    hub.holds(merged(run(7), other))
    assert run_of_commit(github, MERGED) == 7
    hub.holds(merged(other))
    refused(github, "did not succeed")


@pytest.mark.parametrize("closed", [None, at(10), at(30)])
def test_a_branch_with_another_pull_request_is_not_applied_whatever_became_of_that_one(
    hub: GitHubServer, github: GitHub, closed: str | None
) -> None:
    other = pull(number=13, created_at=at(5), closed_at=closed, merged_at=None, base={"ref": "elsewhere"})
    hub.holds(merged(run(7)) | {OF_BRANCH: [pull(), other]})
    refused(github, "pull request #12 is not the only one of its branch: #13")


def test_a_branch_can_be_used_again_and_the_runs_of_before_do_not_count(hub: GitHubServer, github: GitHub) -> None:
    before = pull(number=11, created_at=at(1), closed_at=at(9))
    hub.holds(merged(run(7)) | {OF_BRANCH: [pull(), before]})
    assert run_of_commit(github, MERGED) == 7
    hub.holds(merged(run(7, created_at=at(8))) | {OF_BRANCH: [pull(), before]})
    refused(github, "did not succeed")


@pytest.mark.parametrize("event", ["base_ref_changed", "automatic_base_change_succeeded"])
@pytest.mark.parametrize("minute", [20, 21])
def test_a_run_of_another_base_is_not_applied(hub: GitHubServer, github: GitHub, event: str, minute: int) -> None:
    events = [{"event": event, "created_at": at(15)}, {"event": event, "created_at": at(minute)}]
    hub.holds(merged(run(7)) | {EVENTS: [*events, {"event": "labeled", "created_at": at(40)}]})
    refused(github, "did not succeed")
    hub.holds(merged(run(7), run(9, created_at=at(22))) | {EVENTS: events})
    assert run_of_commit(github, MERGED) == 9


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
def test_a_run_whose_workflows_are_not_those_of_the_pull_requests_merge_is_not_applied(
    hub: GitHubServer, github: GitHub, changes: dict[str, Any]
) -> None:
    hub.holds(merged(run(7), run(9, **changes)))
    refused(github, "run 9 took its workflows from elsewhere than pull request #12")


@pytest.mark.parametrize("file", SHAPES, ids=lambda file: file.stem)
def test_each_shape_of_a_called_workflow_is_judged_as_it_is_marked(
    hub: GitHubServer, github: GitHub, file: Path
) -> None:
    shape = json.loads(file.read_text(encoding="utf-8"))
    assert shape["origin"] in {"recorded", "invented"}
    ran = shape["run"]
    for each in ran["referenced_workflows"] or ():
        parents = [{"sha": BASE}, {"sha": ran["head_sha"]}]
        of_commit = f"contents/.github/workflows/plan-stacks.yml?ref={each['sha']}"
        hub.holds(commits() | {f"commits/{each['sha']}": {"parents": parents}, of_commit: {"sha": "plan"}})
    of = pull(number=shape["pull"], head={"sha": ran["head_sha"], "ref": ran["head_branch"]})
    assert is_of(github, ran, of, MERGED) is shape["accepted"]


def test_a_called_workflow_without_a_ref_is_known_by_the_merge_that_its_commit_is(
    hub: GitHubServer, github: GitHub
) -> None:
    hub.holds(merged(run(7, referenced_workflows=[called(None)])) | commits())
    assert run_of_commit(github, MERGED) == 7


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
    ids=["unknown", "no merge", "the wrong way round", "of another head", "of three", "another file", "no file"],
)
def test_a_called_workflow_of_any_other_commit_is_refused(
    hub: GitHubServer, github: GitHub, found: dict[str, Any]
) -> None:
    hub.holds(merged(run(7, referenced_workflows=[called(None)])) | found)
    refused(github, "run 7 took its workflows from elsewhere than pull request #12")


def test_a_workflow_that_github_names_with_its_ref_is_the_pull_requests_own(hub: GitHubServer, github: GitHub) -> None:
    hub.holds(merged(run(7, path=".github/workflows/pull-request.yml@refs/pull/12/merge")))
    assert run_of_commit(github, MERGED) == 7
