"""The permissions of the jobs in the GitHub workflows, and the input that reaches them."""

import re
import shlex
from pathlib import Path
from typing import Any, Final

import pytest
import typer
import yaml

from tests.workflows import FOLDER, jobs, runs, seconds, steps, workflows
from wealist import cli
from wealist.project import ROOT

ACTIONS: Final = {
    "actions/checkout",
    "actions/setup-python",
    "actions/upload-artifact",
    "aws-actions/configure-aws-credentials",
}
READ: Final = {"contents": "read"}
OIDC: Final = READ | {"id-token": "write"}
PERMISSIONS: Final = {
    "apply/account": OIDC | {"actions": "read"},
    "apply/environments": OIDC | {"actions": "read"},
    "apply/plan": OIDC,
    "apply/reviewed": READ | {"actions": "read", "pull-requests": "read"},
    "apply-stacks/apply": OIDC | {"actions": "read"},
    "ci/test": READ,
    "drift/issues": READ | {"actions": "read", "issues": "write"},
    "drift/plan": OIDC,
    "drift/stacks": READ,
    "nightly/matrix": READ,
    "nightly/witness": READ,
    "nightly/audit": READ,
    "drift/reminders": READ | {"issues": "write"},
    "plan-stacks/plan": OIDC,
    "pull-request/changed": READ,
    "pull-request/check": READ,
    "pull-request/comment": READ | {"actions": "read", "pull-requests": "write"},
    "pull-request/passed": {},
    "pull-request/plan": OIDC,
}
REPOSITORY: Final = "OrangesCloud/wealist-infrastructure"
MAIN: Final = "refs/heads/main"
JOBS: Final = jobs()


def pull_request(head: str | None, *, changed: str = '["prod"]') -> dict[str, Any]:
    """The context of a pull request's run. The head has no repository if it was deleted."""
    repository = {"full_name": head} if head else None
    return {
        "github": {
            "event_name": "pull_request",
            "repository": REPOSITORY,
            "event": {"pull_request": {"head": {"repo": repository}}},
        },
        "needs": {"changed": {"outputs": {"stacks": changed}}},
    }


def uses(folder: Path = FOLDER) -> list[tuple[str, str]]:
    """Every `uses` of an action, with the comment on its line."""
    lines = [line for path in folder.glob("*.yml") for line in path.read_text(encoding="utf-8").splitlines()]
    found = [re.search(r"uses: (\S+)\s*(.*)", line) for line in lines]
    return [(each[1], each[2]) for each in found if each and not each[1].startswith("$/")]


# --- actions and scripts ----------------------------------------------------------------------------------------------


def test_actions_are_pinned_by_commit_with_their_version_in_a_comment() -> None:
    assert {name.partition("@")[0] for name, _ in uses()} == ACTIONS
    for name, comment in uses():
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name), name
        assert re.match(r"# v\d+\.\d+\.\d+\b", comment), (name, comment)


def test_an_action_has_the_same_pin_everywhere() -> None:
    assert len({name for name, _ in uses()}) == len(ACTIONS)


def test_the_examples_use_the_pins_of_the_workflows() -> None:
    given = uses(ROOT / "docs" / "examples")
    ours = dict(uses())
    assert given
    assert {name: comment for name, comment in given if name.partition("@")[0] in ACTIONS} == {
        name: ours.get(name) for name, _ in given if name.partition("@")[0] in ACTIONS
    }


def test_dependabot_updates_everything_that_is_pinned() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8"))["updates"]
    watched = {each["package-ecosystem"]: each.get("directories", [each.get("directory")]) for each in updates}
    assert watched == {"github-actions": ["/"], "pip": ["/"], "terraform": ["/modules/*"]}


def test_no_checkout_stores_its_token() -> None:
    checkouts = [
        step for body in JOBS.values() for step in steps(body) if step.get("uses", "").startswith("actions/checkout@")
    ]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("job", JOBS)
def test_no_script_contains_an_expression(job: str) -> None:
    assert not [step["run"] for step in steps(JOBS[job]) if "${{" in step.get("run", "")]


def test_workflows_use_no_secrets() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.yml"))
    assert not re.search(r"\$\{\{[^}]*\bsecrets\b|^\s*secrets:", text, re.MULTILINE)


@pytest.mark.parametrize("job", [name for name, body in JOBS.items() if "steps" in body])
def test_every_job_has_a_time_out_and_a_pinned_runner(job: str) -> None:
    assert 0 < seconds(job) <= 110 * 60
    assert JOBS[job]["runs-on"] == "ubuntu-24.04"


@pytest.mark.parametrize("job", JOBS)
def test_every_wealist_command_exists_with_its_options(job: str) -> None:
    root = typer.main.get_command(cli.app)
    for step in steps(JOBS[job]):
        script = step.get("run", "").replace("\\\n", " ")
        for line in re.findall(r"-m wealist (.*)", script):
            words = shlex.split(re.split(r"\s>{1,2}\s", line)[0])
            command: Any = root
            while words and words[0] in getattr(command, "commands", {}):
                command = command.commands[words.pop(0)]
            assert not hasattr(command, "commands"), line
            options = {name for parameter in command.params for name in parameter.opts}
            assert {word for word in words if word.startswith("--")} <= options, line


# --- permissions ------------------------------------------------------------------------------------------------------


def test_workflows_grant_no_permissions() -> None:
    assert all(workflow["permissions"] == {} for workflow in workflows().values())


def test_every_job_has_exactly_the_permissions_it_needs() -> None:
    assert {name: body["permissions"] for name, body in JOBS.items()} == PERMISSIONS


def test_no_trigger_runs_foreign_code_with_rights() -> None:
    triggers = {trigger for workflow in workflows().values() for trigger in workflow["on"]}
    assert triggers == {"merge_group", "pull_request", "push", "schedule", "workflow_call", "workflow_dispatch"}


def test_a_forks_code_is_checked_without_role_and_write_access() -> None:
    run = runs("pull-request", pull_request("contributor/wealist-infrastructure"), results={})
    assert run == {"check", "changed", "passed"}
    for job in run:
        assert set(PERMISSIONS[f"pull-request/{job}"].values()) <= {"read"}


@pytest.mark.parametrize("head", ["contributor/wealist-infrastructure", "orangescloud2/wealist-infrastructure", None])
@pytest.mark.parametrize("job", ["plan", "comment"])
def test_no_job_with_role_or_write_access_runs_for_another_repository(head: str | None, job: str) -> None:
    assert job not in runs("pull-request", pull_request(head), results={})


def test_a_pull_request_of_the_repository_is_planned_and_commented() -> None:
    everything = {"check", "changed", "plan", "comment", "passed"}
    assert runs("pull-request", pull_request(REPOSITORY), results={}) == everything
    # A failed or stopped plan is also commented.
    assert runs("pull-request", pull_request(REPOSITORY), results={"plan": "failure"}) == everything


def test_a_pull_request_without_changed_stacks_updates_its_comments_without_a_plan() -> None:
    assert runs("pull-request", pull_request(REPOSITORY, changed="[]"), results={}) == {
        "check", "changed", "comment", "passed"
    }  # fmt: skip


def test_a_merge_queue_runs_the_checks_without_a_role() -> None:
    queued = {"github": {"event_name": "merge_group", "repository": REPOSITORY, "event": {}}, "needs": {}}
    assert runs("pull-request", queued, results={}) == {"check", "passed"}


def test_if_changed_stacks_are_unknown_nothing_is_planned_or_commented() -> None:
    run = runs("pull-request", pull_request(REPOSITORY, changed=""), results={"changed": "failure"})
    assert run == {"check", "changed", "passed"}


def test_only_jobs_with_a_role_can_request_an_identity_token() -> None:
    asking = {name for name, permissions in PERMISSIONS.items() if "id-token" in permissions}
    callers = {name for name, body in JOBS.items() if str(body.get("uses", "")).endswith("-stacks.yml")}
    assert asking == callers | {"plan-stacks/plan", "apply-stacks/apply"}
    assert not [name for name in asking if PERMISSIONS[name] not in (OIDC, OIDC | {"actions": "read"})]
