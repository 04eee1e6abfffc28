"""Which plans a commit on main is applied by."""

from typing import Any

import pytest

from tests.unit.operations.pipeline.conftest import REPOSITORY, A, B, C, Hub, made
from wealist.operations.errors import OperatorError
from wealist.operations.pipeline.github import GitHub
from wealist.operations.pipeline.reviewed import records_of_run, run_of_commit, to_apply

MERGED = "1" * 40
HEAD = "2" * 40
RUNS = "?".join(
    ["actions/workflows/pull-request.yml/runs", f"head_sha={HEAD}", "event=pull_request", "status=success",
     "per_page=100"]
)  # fmt: skip


def pull(**changes: Any) -> dict[str, Any]:
    return {
        "number": 12, "merged_at": "2026-11-01T00:00:00Z", "merge_commit_sha": MERGED, "head": {"sha": HEAD}
    } | changes  # fmt: skip


def run(number: int, repository: str = REPOSITORY) -> dict[str, Any]:
    return {"id": number, "head_repository": {"full_name": repository}}


def test_the_run_is_the_newest_that_succeeded_for_the_last_commit_of_the_merged_pull_request(
    hub: Hub, github: GitHub
) -> None:
    hub.holds({f"commits/{MERGED}/pulls": [pull()], RUNS: {"workflow_runs": [run(7), run(9), run(8)]}})
    assert run_of_commit(github, MERGED) == 9


@pytest.mark.parametrize("pulls", [[], [pull(merged_at=None)], [pull(merge_commit_sha="3" * 40)]])
def test_a_commit_that_no_pull_request_brought_is_not_applied(
    hub: Hub, github: GitHub, pulls: list[dict[str, Any]]
) -> None:
    hub.holds({f"commits/{MERGED}/pulls": pulls})
    with pytest.raises(OperatorError, match="came to main without a pull request") as error:
        run_of_commit(github, MERGED)
    assert "gh workflow run apply.yml" in error.value.remedy


@pytest.mark.parametrize("runs", [[], [run(7, "contributor/wealist-infrastructure")]])
def test_a_pull_request_whose_run_failed_or_was_a_forks_is_not_applied(
    hub: Hub, github: GitHub, runs: list[dict[str, Any]]
) -> None:
    hub.holds({f"commits/{MERGED}/pulls": [pull()], RUNS: {"workflow_runs": runs}})
    with pytest.raises(OperatorError, match=f"in this repository succeeded for {HEAD[:12]}, .* #12"):
        run_of_commit(github, MERGED)


def test_the_records_are_the_artifacts_of_the_run(hub: Hub, github: GitHub) -> None:
    hub.artifact(9, made("prod"))
    hub.artifact(9, made("dev", plan=None))
    hub.holds({"actions/runs/8/artifacts": {"artifacts": [{"name": "plan-prod", "expired": True}, {"name": "logs",
               "expired": False}]}})  # fmt: skip
    assert records_of_run(github, 9) == {"prod": made("prod"), "dev": made("dev", plan=None)}
    assert records_of_run(github, 8) == {}


def test_what_changes_is_applied_in_order_and_what_needs_nothing_is_left() -> None:
    records = {"prod": made("prod"), "dev": made("dev", plan=None), "account": made("account", plan=C)}
    changed = {"account": A, "dev": A, "prod": A}
    assert to_apply(changed, records) == [made("account", plan=C), made("prod")]


def test_a_plan_of_a_stack_that_the_commit_does_not_change_is_not_applied() -> None:
    assert to_apply({"dev": A}, {"dev": made("dev"), "prod": made("prod")}) == [made("dev")]


def test_nothing_is_applied_when_one_plan_is_missing_old_or_not_the_pipelines_and_all_are_named() -> None:
    records = {
        "bootstrap": made("bootstrap", by_hand="not ours"),
        "prod": made("prod", configuration=B),
        "staging": made("staging"),
    }
    with pytest.raises(OperatorError, match="nothing is applied") as error:
        to_apply({"bootstrap": A, "dev": A, "prod": A, "staging": A}, records)
    assert error.value.message.splitlines()[1:] == [
        "  bootstrap: not ours; an operator applies it (README), then the others can go on",
        "  dev: it was not planned in the pull request",
        "  prod: its plan is of another configuration; main has moved since the pull request was planned",
    ]
    assert error.value.exit_code == 1
