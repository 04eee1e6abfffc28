"""How GitHub names called workflows is seen in a real run, and judged; every answer here is invented."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.github_server import REPOSITORY, GitHubServer
from tests.unit.operations.pipeline.test_runs import BASE, CALLED, HEAD, MERGE, MERGED, called, pull
from tests.unit.operations.pipeline.test_runs import run as run_of
from tests.unit.operations.preflight.conftest import subject
from wealist import cli
from wealist.errors import OperatorError
from wealist.operations.pipeline.github import GitHub
from wealist.operations.preflight import command
from wealist.operations.preflight.called import record
from wealist.operations.preflight.check import Outcome, Row, run
from wealist.operations.preflight.repository import repository

RUNS = "actions/workflows/pull-request.yml/runs"
PULLS = f"commits/{HEAD}/pulls"
PLANNING = "contents/.github/workflows/plan-stacks.yml"


def holds(hub: GitHubServer, *runs: dict[str, Any], pulls: list[dict[str, Any]] | None = None) -> None:
    seen = [{"head_sha": HEAD, "event": "pull_request", "actor": {"login": "kim"}} | each for each in runs]
    hub.holds({RUNS: {"workflow_runs": seen}, PULLS: [pull()] if pulls is None else pulls})


def looked(hub: GitHubServer) -> Row:
    checks = repository(subject(github=lambda: GitHub(REPOSITORY, hub.environ)))
    (check,) = (each for each in checks if each.what == "GitHub Actions: called workflows")
    return run(check)


def test_the_shape_of_the_newest_run_is_shown_and_accepted(hub: GitHubServer) -> None:
    holds(hub, run_of(9), run_of(7, referenced_workflows=[]))
    row = looked(hub)
    merge = "refs/pull/12/merge"
    assert (row.outcome, row.found) == (
        Outcome.RIGHT,
        f"run 9 of #12 calls path {CALLED}@{merge}, sha {MERGE}, ref {merge}",
    )


@pytest.mark.parametrize(
    ("calls", "found"),
    [
        ([called("refs/heads/main")], "ref refs/heads/main"),
        ([called(None)], "ref absent"),
        ([called(), called(file=f"{REPOSITORY}/.github/workflows/other.yml")], "other.yml@refs/pull/12/merge"),
        ([], "calls nothing"),
        (None, "calls nothing"),
    ],
)
def test_a_shape_that_reviewed_would_refuse_is_wrong_and_shown(
    hub: GitHubServer, calls: list[dict[str, Any]] | None, found: str
) -> None:
    holds(hub, run_of(9, referenced_workflows=calls))
    row = looked(hub)
    assert (row.outcome, row.remedy.partition(" ")[0]) == (Outcome.WRONG, "record")
    assert row.found.endswith(found) or found in row.found


@pytest.mark.parametrize(("merged_at", "commit"), [("2026-11-01T00:50:00Z", MERGED), (None, HEAD)])
def test_a_call_without_ref_is_judged_by_its_commit_before_the_merge_and_after(
    hub: GitHubServer, merged_at: str | None, commit: str
) -> None:
    holds(hub, run_of(9, referenced_workflows=[called(None)]), pulls=[pull(merged_at=merged_at)])
    hub.holds({f"commits/{MERGE}": {"parents": [{"sha": BASE}, {"sha": HEAD}]}})
    hub.holds({f"{PLANNING}?ref={each}": {"sha": "plan"} for each in (MERGE, commit)})
    assert looked(hub).outcome == Outcome.RIGHT


@pytest.mark.parametrize("runs", [[], [run_of(9, "contributor/wealist-infrastructure")]], ids=["none", "of a fork"])
def test_before_the_first_pull_request_nothing_can_be_said(hub: GitHubServer, runs: list[dict[str, Any]]) -> None:
    holds(hub, *runs)
    row = looked(hub)
    assert row.outcome == Outcome.UNREACHABLE
    assert "there is none yet; open a pull request" in row.found


@pytest.mark.parametrize(
    "pulls",
    [[], [pull(base={"ref": "release"})], [pull(head={"sha": HEAD, "ref": "other"})]],
    ids=["none", "base", "branch"],
)
def test_a_run_of_no_pull_request_that_is_known_is_not_judged(hub: GitHubServer, pulls: list[dict[str, Any]]) -> None:
    holds(hub, run_of(9), pulls=pulls)
    row = looked(hub)
    assert row.outcome == Outcome.UNREACHABLE
    assert "none to main is known for its commit" in row.found


@pytest.mark.parametrize("path", [RUNS, PULLS])
def test_a_token_that_may_not_read_runs_is_told_so(hub: GitHubServer, path: str) -> None:
    holds(hub, run_of(9))
    hub.refuses(path)
    assert looked(hub).outcome == Outcome.DENIED


def test_what_is_recorded_can_be_replayed_and_names_nobody(hub: GitHubServer, tmp_path: Path) -> None:
    holds(hub, run_of(9))
    record(GitHub(REPOSITORY, hub.environ), tmp_path / "run.json")
    text = (tmp_path / "run.json").read_text()
    found = json.loads(text)
    assert found.keys() == {"origin", "run", "pull", "accepted"}
    assert (found["origin"], found["pull"], found["accepted"]) == ("recorded", 12, True)
    assert found["run"]["referenced_workflows"] == [called()]
    assert "kim" not in text


def test_the_command_records_after_its_table(
    hub: GitHubServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    holds(hub, run_of(9))
    monkeypatch.setattr(command, "_github", lambda: GitHub(REPOSITORY, hub.environ))
    monkeypatch.setattr(command, "synthesize_into", lambda _: tmp_path)
    monkeypatch.setattr(command, "read", lambda _: None)
    monkeypatch.setattr(command, "look", lambda *_: [])
    done = CliRunner().invoke(cli.app, ["preflight", "dev", "--record", str(tmp_path / "run.json")])
    assert done.exit_code == 0
    assert json.loads((tmp_path / "run.json").read_text())["run"]["id"] == 9


def test_the_embedded_aws_has_no_runs_to_record(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli.app, ["preflight", "dev", "--emulated", "--record", str(tmp_path / "run.json")])
    assert isinstance(done.exception, OperatorError)
    assert done.exception.exit_code == 2
    assert not (tmp_path / "run.json").exists()
