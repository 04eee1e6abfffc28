"""The commands `python -m wealist pipeline …` of the workflows."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.github_server import REPOSITORY, GitHubServer
from tests.unit.operations.pipeline.conftest import A, B, C, plan_record, protected
from tests.unit.operations.pipeline.test_plans import synthesis
from tests.unit.operations.pipeline.test_reporting import COMMENTS, REVIEW
from tests.unit.operations.pipeline.test_runs import HEAD, MERGED, merged, run
from wealist import cli
from wealist.checks.waivers import read
from wealist.errors import OperatorError
from wealist.operations.pipeline import jobs, reminders
from wealist.operations.pipeline.plans import configuration_digests
from wealist.review.markdown import marker

pytestmark = pytest.mark.exhaustive


@pytest.fixture
def head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The synthesis of this commit."""
    monkeypatch.setenv("CDKTF_OUTDIR", str(tmp_path / "head"))
    return synthesis(tmp_path / "head")


@pytest.fixture
def base(tmp_path: Path, head: Path) -> Path:
    """The synthesis of the previous commit: another account and another prod."""
    assert head.is_dir()
    return synthesis(tmp_path / "base", {"account/cdk.tf.json": "1", "prod/cdk.tf.json": "1", "dev/cdk.tf.json": "{}",
                                         "bootstrap/cdk.tf.json": "{}"})  # fmt: skip


JOB = {"GITHUB_REPOSITORY": REPOSITORY, "GITHUB_RUN_ID": "9", "GITHUB_SERVER_URL": "https://github.com"}


def pipeline(*arguments: str) -> str:
    """Run a command and return its stdout. Raises the command's OperatorError."""
    done = CliRunner(env=JOB).invoke(cli.app, ["pipeline", *arguments])
    if isinstance(done.exception, OperatorError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize(("setting", "value"), [("GITHUB_REPOSITORY", None), ("GITHUB_RUN_ID", "x")])
def test_outside_of_a_workflow_the_missing_or_invalid_variable_is_reported(setting: str, value: str | None) -> None:
    refused = CliRunner(env=JOB | {setting: value}).invoke(cli.app, ["pipeline", "drift"]).exception
    assert isinstance(refused, OperatorError)
    assert (value or setting) in refused.message
    assert refused.exit_code == 2


@pytest.mark.usefixtures("head")
def test_stacks_prints_every_stack() -> None:
    assert pipeline("stacks") == 'stacks=["bootstrap", "account", "dev", "prod"]\n'


def test_changed_prints_the_changed_stacks_and_only_them(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    synthesis(base, {"old/cdk.tf.json": "{}"})
    assert pipeline("changed", "--base", str(base)) == 'stacks=["account", "prod"]\n'
    assert "old is no longer a stack" not in capsys.readouterr().out


def test_a_merge_gets_the_plans_of_its_pull_request_with_the_accounts_separate(
    hub: GitHubServer, head: Path, base: Path, summary: Path
) -> None:
    now = configuration_digests(head)
    hub.holds(merged(run(7)) | protected("account", "prod"))
    hub.plan(7, plan_record("account", configuration=now["account"], plan=A))
    hub.plan(7, plan_record("prod", configuration=now["prod"], plan=B))
    lines = pipeline("reviewed", "--base", str(base), "--commit", MERGED).splitlines()
    assert [line.partition("=")[0] for line in lines] == ["account", "environments"]
    assert [json.loads(line.partition("=")[2]) for line in lines] == [
        [{"stack": "account", "configuration": now["account"], "plan": A, "terraform": "1.15.5"}],
        [{"stack": "prod", "configuration": now["prod"], "plan": B, "terraform": "1.15.5"}],
    ]
    shown = summary.read_text()
    for part in (A, B, "review of account", "review of prod", f"https://github.com/{REPOSITORY}/actions/runs/7"):
        assert part in shown


def test_a_refused_plan_writes_no_summary(hub: GitHubServer, base: Path, summary: Path) -> None:
    hub.holds(merged(run(7)))
    hub.plan(7, plan_record("account", configuration=C))
    with pytest.raises(OperatorError, match="nothing is applied"):
        pipeline("reviewed", "--base", str(base), "--commit", MERGED)
    assert not summary.exists()


@pytest.mark.usefixtures("head")
def test_a_plan_for_an_unprotected_environment_is_refused_without_a_summary(
    hub: GitHubServer, head: Path, summary: Path
) -> None:
    hub.holds(protected("prod"))
    hub.plan(9, plan_record("dev", configuration=configuration_digests(head)["dev"]))
    with pytest.raises(OperatorError, match="dev: GitHub has no environment of that name"):
        pipeline("reviewed", "--stack", "dev")
    assert not summary.exists()


def test_a_merge_without_changed_stacks_needs_no_plans(hub: GitHubServer, head: Path) -> None:
    assert pipeline("reviewed", "--base", str(head), "--commit", HEAD) == "account=[]\nenvironments=[]\n"
    assert not hub.asked


def test_a_single_stack_gets_the_plan_of_this_run(hub: GitHubServer, head: Path, summary: Path) -> None:
    now = configuration_digests(head)["dev"]
    hub.holds(protected("dev"))
    hub.plan(9, plan_record("dev", configuration=now))
    lines = pipeline("reviewed", "--stack", "dev").splitlines()
    entry = {"stack": "dev", "configuration": now, "plan": B, "terraform": "1.15.5"}
    assert lines == ["account=[]", f"environments={json.dumps([entry])}"]
    assert f"| dev | `{B}` |" in summary.read_text()


@pytest.mark.usefixtures("hub", "head")
def test_an_unknown_stack_is_refused_with_the_known_ones() -> None:
    with pytest.raises(OperatorError, match="there is no stack 'prdo'") as error:
        pipeline("reviewed", "--stack", "prdo")
    assert "'prod'" in error.value.remedy


@pytest.mark.usefixtures("hub", "head")
@pytest.mark.parametrize("arguments", [[], ["--commit", MERGED], ["--base", "somewhere"]])
def test_reviewed_needs_either_a_stack_or_a_base_and_a_commit(arguments: list[str]) -> None:
    with pytest.raises(OperatorError, match="select neither the plan of a stack nor the plans of a commit") as error:
        pipeline("reviewed", *arguments)
    assert error.value.exit_code == 2


@pytest.mark.usefixtures("head")
def test_comment_posts_the_runs_reviews_and_reports_unplanned_stacks(hub: GitHubServer) -> None:
    hub.holds({COMMENTS: []})
    hub.plan(9, plan_record("prod"))
    assert pipeline("comment", "--pull-request", "12", "--changed", '["dev", "prod"]') == ""
    (_, _, missing), (_, path, review) = hub.sent()
    assert "https://github.com/OrangesCloud/wealist-infrastructure/actions/runs/9" in missing["body"]
    assert missing["body"].startswith(marker("dev"))
    assert (path, review) == (COMMENTS, {"body": f"{marker('prod')}\nreview of prod"})


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize("text", ["", "prod", '{"prod": 1}', "[1]"])
def test_an_invalid_list_of_stacks_is_refused(text: str) -> None:
    with pytest.raises(OperatorError, match="is not a JSON list of strings") as error:
        pipeline("comment", "--pull-request", "12", "--changed", text)
    assert error.value.exit_code == 2


def test_drift_opens_an_issue_for_a_failed_check_even_without_changes(hub: GitHubServer) -> None:
    hub.plan(9, plan_record("prod", plan=None), REVIEW)
    hub.holds({"issues": []})
    pipeline("drift")
    assert hub.sent() == [("POST", "issues", {"title": "Drift: prod is not as described", "body": REVIEW})]


def test_reminders_use_the_current_day(hub: GitHubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.holds({"issues": []})
    last = max(waiver.expires for waiver in read())
    monkeypatch.setattr(jobs, "today", lambda: last)
    monkeypatch.setattr(reminders, "certificates", lambda _domains, today: [f"a.test: its certificate ends on {today}"])
    pipeline("reminders")
    sent = {body["title"]: body["body"] for method, path, body in hub.sent() if (method, path) == ("POST", "issues")}
    assert f"ended on {last}" in sent["Waivers that end"]
    assert f"- a.test: its certificate ends on {last}" in sent["Certificates that end"]
