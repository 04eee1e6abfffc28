"""The GitHub workflows: what each job may do, and what reaches it."""

import re
import shlex
from pathlib import Path
from typing import Any, Final

import pytest
import typer
import yaml

from tests.workflows import FOLDER, jobs, runs, steps, workflows
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
JOBS: Final = dict(jobs())


def pull_request(head: str | None, *, changed: str = '["prod"]') -> dict[str, Any]:
    """The context of a pull request's run; the repository of a head that was deleted is nothing."""
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
    """Every `uses` of an action with what follows it on its line."""
    lines = [line for path in folder.glob("*.yml") for line in path.read_text(encoding="utf-8").splitlines()]
    found = [re.search(r"uses: (\S+)\s*(.*)", line) for line in lines]
    return [(each[1], each[2]) for each in found if each and not each[1].startswith("$/")]


def seconds(job: str) -> int:
    return int(JOBS[job]["timeout-minutes"]) * 60


# --- actions and scripts ----------------------------------------------------------------------------------------------


def test_actions_are_few_and_pinned_by_a_full_commit_with_their_version_beside_it() -> None:
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


def test_what_is_pinned_is_watched() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8"))["updates"]
    watched = {each["package-ecosystem"]: each.get("directories", [each.get("directory")]) for each in updates}
    assert watched == {"github-actions": ["/"], "pip": ["/"], "terraform": ["/modules/*"]}


def test_no_checkout_leaves_its_token_behind() -> None:
    checkouts = [
        step for body in JOBS.values() for step in steps(body) if step.get("uses", "").startswith("actions/checkout@")
    ]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("job", JOBS)
def test_nothing_from_outside_is_written_into_a_script(job: str) -> None:
    assert not [step["run"] for step in steps(JOBS[job]) if "${{" in step.get("run", "")]


def test_there_is_no_secret_to_steal() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.yml"))
    assert "secrets" not in text.replace("holds secrets in clear", "")


@pytest.mark.parametrize("job", [name for name, body in JOBS.items() if "steps" in body])
def test_every_job_ends_in_time_on_a_machine_that_does_not_change_by_itself(job: str) -> None:
    assert 0 < seconds(job) <= 110 * 60
    assert JOBS[job]["runs-on"] == "ubuntu-24.04"


@pytest.mark.parametrize("job", JOBS)
def test_every_command_of_ours_exists_with_its_options(job: str) -> None:
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


def test_a_workflow_starts_without_any_permission() -> None:
    assert all(workflow["permissions"] == {} for workflow in workflows().values())


def test_every_job_has_what_it_needs_and_no_more() -> None:
    assert {name: body["permissions"] for name, body in JOBS.items()} == PERMISSIONS


def test_no_workflow_runs_with_rights_on_code_that_somebody_else_wrote() -> None:
    triggers = {trigger for workflow in workflows().values() for trigger in workflow["on"]}
    assert triggers == {"merge_group", "pull_request", "push", "schedule", "workflow_call", "workflow_dispatch"}


def test_a_forks_code_is_checked_but_gets_no_role_and_writes_nothing() -> None:
    run = runs("pull-request", pull_request("contributor/wealist-infrastructure"), results={})
    assert run == {"check", "changed", "passed"}
    for job in run:
        assert set(PERMISSIONS[f"pull-request/{job}"].values()) <= {"read"}


@pytest.mark.parametrize("head", ["contributor/wealist-infrastructure", "orangescloud2/wealist-infrastructure", None])
@pytest.mark.parametrize("job", ["plan", "comment"])
def test_no_job_with_a_role_or_a_pen_runs_for_another_repository(head: str | None, job: str) -> None:
    assert job not in runs("pull-request", pull_request(head), results={})


def test_an_own_pull_request_is_planned_and_commented() -> None:
    everything = {"check", "changed", "plan", "comment", "passed"}
    assert runs("pull-request", pull_request(REPOSITORY), results={}) == everything
    # A plan that fails or that the gate stops is told too.
    assert runs("pull-request", pull_request(REPOSITORY), results={"plan": "failure"}) == everything


def test_a_pull_request_that_changes_no_stack_is_not_planned_but_its_old_comments_are_brought_up_to_date() -> None:
    assert runs("pull-request", pull_request(REPOSITORY, changed="[]"), results={}) == {
        "check", "changed", "comment", "passed"
    }  # fmt: skip


def test_a_merge_queue_gets_the_check_that_it_asks_for_and_no_role() -> None:
    queued = {"github": {"event_name": "merge_group", "repository": REPOSITORY, "event": {}}, "needs": {}}
    assert runs("pull-request", queued, results={}) == {"check", "passed"}


def test_nothing_is_said_of_stacks_when_it_is_not_known_which_changed() -> None:
    run = runs("pull-request", pull_request(REPOSITORY, changed=""), results={"changed": "failure"})
    assert run == {"check", "changed", "passed"}


def test_only_the_jobs_with_a_role_ask_github_for_a_token_for_it() -> None:
    asking = {name for name, permissions in PERMISSIONS.items() if "id-token" in permissions}
    callers = {name for name, body in JOBS.items() if str(body.get("uses", "")).endswith("-stacks.yml")}
    assert asking == callers | {"plan-stacks/plan", "apply-stacks/apply"}
    assert not [name for name in asking if PERMISSIONS[name] not in (OIDC, OIDC | {"actions": "read"})]
