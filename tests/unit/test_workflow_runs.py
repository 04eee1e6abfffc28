"""What the GitHub workflows do with stacks: roles, plans, applies, and what runs when."""

import re
from typing import Any, Final

import pytest

from tests.synthesized import Stack, stacks
from tests.workflows import jobs, runs, steps, workflows
from wealist.operations.pipeline.runs import PLANNING, WORKFLOW

MAIN: Final = "refs/heads/main"
JOBS: Final = dict(jobs())


def merged(*, ref: str = MAIN, event: str = "push", account: str = "[]", environments: str = "[]") -> dict[str, Any]:
    """The context of an apply's run."""
    return {
        "github": {"event_name": event, "ref": ref},
        "needs": {"reviewed": {"outputs": {"account": account, "environments": environments}}},
    }


def credentials(job: str) -> dict[str, Any]:
    """What the step that assumes a role is given."""
    (step,) = [each for each in steps(JOBS[job]) if each.get("uses", "").startswith("aws-actions/")]
    return dict(step["with"])


def seconds(job: str) -> int:
    return int(JOBS[job]["timeout-minutes"]) * 60


# --- roles ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "name"),
    [("plan", "wealist-terraform-plan-${{ matrix.stack }}-role"), ("apply", "wealist-terraform-apply-role")],
)
def test_the_roles_are_those_of_the_account_each_in_one_place(account: Stack, what: str, name: str) -> None:
    for stack in stacks():
        assert account.only("aws_iam_role", name=name.replace("${{ matrix.stack }}", stack))
    given = credentials(f"{what}-stacks/{what}")
    assert given["role-to-assume"] == f"arn:aws:iam::290008131187:role/{name}"
    assert given["aws-region"] == "ap-northeast-2"
    holders = [job for job, body in JOBS.items() if name in str(body)]
    assert holders == [f"{what}-stacks/{what}"]


def test_a_pull_request_is_planned_in_a_github_environment_that_may_be_protected_and_main_in_none(
    account: Stack,
) -> None:
    environment = JOBS["plan-stacks/plan"]["environment"]["name"]
    named = "${{ github.event_name == 'pull_request' && format('plan-{0}', matrix.stack) || '' }}"
    assert environment == named
    for stack in stacks():
        role = account.only("aws_iam_role", name=f"wealist-terraform-plan-{stack}-role")
        (statement,) = role.statements("assume_role_policy").values()
        subjects = statement["Condition"]["StringLike"]["token.actions.githubusercontent.com:sub"]
        assert {subject.partition("wealist-infrastructure")[2].lstrip("@*:") for subject in subjects} == {
            f"environment:plan-{stack}", "ref:refs/heads/main"
        }  # fmt: skip


@pytest.mark.parametrize("job", ["plan-stacks/plan", "apply-stacks/apply"])
def test_what_is_installed_runs_before_there_is_a_role(job: str) -> None:
    order = [step.get("uses", step.get("run", "")).split("@")[0] for step in steps(JOBS[job])]
    assert order.index("make setup") < order.index("aws-actions/configure-aws-credentials")


def test_an_apply_ends_before_its_session_so_that_it_can_write_the_state(account: Stack) -> None:
    asked = credentials("apply-stacks/apply")["role-duration-seconds"]
    assert seconds("apply-stacks/apply") + 300 <= asked
    assert asked <= account.only("aws_iam_role", name="wealist-terraform-apply-role")["max_session_duration"]


def test_a_plan_ends_before_its_session() -> None:
    assert seconds("plan-stacks/plan") < credentials("plan-stacks/plan").get("role-duration-seconds", 3600)


def test_every_stack_is_applied_in_the_environment_of_its_name_which_the_role_trusts(account: Stack) -> None:
    role = account.only("aws_iam_role", name="wealist-terraform-apply-role")
    (statement,) = role.statements("assume_role_policy").values()
    subjects = statement["Condition"]["StringLike"]["token.actions.githubusercontent.com:sub"]
    assert JOBS["apply-stacks/apply"]["environment"]["name"] == "${{ matrix.stack }}"
    # The bucket of the states is an operator's.
    assert {subject.rpartition(":")[2] for subject in subjects} == set(stacks()) - {"bootstrap"}


@pytest.mark.parametrize(
    ("job", "key"), [("plan-stacks/plan", "stack"), ("apply-stacks/apply", "include")]
)  # fmt: skip
def test_stacks_are_taken_from_what_is_synthesized_so_that_a_new_one_is_covered(job: str, key: str) -> None:
    assert re.fullmatch(r"\$\{\{ fromJSON\(inputs\.\w+\) \}\}", JOBS[job]["strategy"]["matrix"][key])
    given = [body["with"] for body in JOBS.values() if "with" in body]
    names = {name for name in stacks() if any(f'"{name}"' in str(each) or f"'{name}'" in str(each) for each in given)}
    assert names == set()


# --- plans and applies ------------------------------------------------------------------------------------------------


def test_of_a_plan_everybody_may_read_the_review_and_the_record_alone() -> None:
    uploads = [
        step["with"] for body in JOBS.values() for step in steps(body) if "upload-artifact" in step.get("uses", "")
    ]
    (upload,) = uploads
    assert upload["path"].split() == ["plan/record.json", "plan/review.html", "plan/review.json", "plan/review.md"]
    assert upload["name"] == "plan-${{ matrix.stack }}"


def test_the_gate_comes_after_what_a_reviewer_needs_to_see() -> None:
    order = [step.get("name", step.get("uses", "").split("@")[0]) for step in steps(JOBS["plan-stacks/plan"])]
    assert order[-3:] == ["actions/upload-artifact", "Show the review", "Gate"]
    assert steps(JOBS["plan-stacks/plan"])[-1]["if"] == "steps.plan.outputs.stopped == 'true'"


def test_the_run_that_an_apply_looks_for_calls_the_workflows_that_it_must_have_called() -> None:
    workflow = workflows()[WORKFLOW.removesuffix(".yml")]
    called = {body["uses"] for body in workflow["jobs"].values() if "uses" in body}
    assert called == {f"$/.github/workflows/{PLANNING}"}
    assert workflow["on"]["pull_request"]["branches"] == ["main"]


def test_what_will_be_applied_is_shown_before_the_reviewers_of_an_environment_are_asked() -> None:
    assert "environment" not in JOBS["apply/reviewed"]
    appliers = {name: body for name, body in JOBS.items() if str(body.get("uses", "")).endswith("/apply-stacks.yml")}
    assert set(appliers) == {"apply/account", "apply/environments"}
    assert all("reviewed" in ([body["needs"]] if isinstance(body["needs"], str) else body["needs"])
               for body in appliers.values())  # fmt: skip


def test_a_pull_request_is_gated_and_its_description_and_labels_acknowledge() -> None:
    given = JOBS["pull-request/plan"]["with"]
    assert given["gates"].split() == ["destroy", "stateful"]
    assert given["acknowledgements"] == "${{ github.event.pull_request.body }}"
    assert given["labels"] == "${{ toJSON(github.event.pull_request.labels.*.name) }}"
    (step,) = [each for each in steps(JOBS["plan-stacks/plan"]) if each.get("id") == "plan"]
    assert step["env"] == {
        "GATES": "${{ inputs.gates }}",
        "ACKNOWLEDGEMENTS": "${{ inputs.acknowledgements }}",
        "LABELS": "${{ inputs.labels }}",
    }
    # Whoever writes either has the plan made and stopped anew.
    assert {"edited", "labeled", "unlabeled", "synchronize", "opened"} <= set(
        workflows()["pull-request"]["on"]["pull_request"]["types"]
    )


def test_the_account_comes_before_the_environments() -> None:
    both = merged(account='[{"stack": "account"}]', environments='[{"stack": "prod"}]')
    assert runs("apply", both, results={}) == {"reviewed", "account", "environments"}
    assert "environments" not in runs("apply", both, results={"account": "failure"})
    assert runs("apply", merged(environments='[{"stack": "prod"}]'), results={}) == {"reviewed", "environments"}
    assert runs("apply", merged(account='[{"stack": "account"}]'), results={}) == {"reviewed", "account"}
    assert runs("apply", merged(), results={}) == {"reviewed"}


def test_nothing_is_applied_when_a_plan_may_not_be() -> None:
    refused = merged(account="", environments="")
    assert runs("apply", refused, results={"reviewed": "failure"}) == {"reviewed"}


def test_by_hand_a_stack_is_planned_first_and_only_from_main() -> None:
    chosen = merged(event="workflow_dispatch", environments='[{"stack": "prod"}]')
    assert runs("apply", chosen, results={}) == {"plan", "reviewed", "environments"}
    assert runs("apply", chosen, results={"plan": "failure"}) == {"plan"}
    assert runs("apply", merged(event="workflow_dispatch", ref="refs/heads/another"), results={}) == set()


def test_a_stack_that_waits_or_is_rejected_or_fails_holds_up_no_other() -> None:
    strategy = JOBS["apply-stacks/apply"]["strategy"]
    assert (strategy.get("max-parallel"), strategy["fail-fast"]) == (None, False)
    # A group of the whole workflow would be held by whatever waits for a reviewer, for up to 30 days.
    assert "github.run_id" in workflows()["apply"]["concurrency"]["group"]
    assert "concurrency" not in workflows()["apply-stacks"]


def test_no_apply_of_a_stack_is_left_out_and_none_is_stopped_halfway() -> None:
    concurrency = JOBS["apply-stacks/apply"]["concurrency"]
    assert concurrency == {"group": "apply-${{ matrix.stack }}", "cancel-in-progress": False, "queue": "max"}


def test_a_push_ends_the_plans_of_the_push_before() -> None:
    concurrency = workflows()["pull-request"]["concurrency"]
    assert concurrency["cancel-in-progress"] is True
    assert "pull_request.number" in concurrency["group"]


def test_drift_is_looked_for_every_night_in_every_stack_of_main() -> None:
    drift = workflows()["drift"]
    assert len(drift["on"]["schedule"]) == 1
    found = {"github": {"ref": MAIN}}
    assert runs("drift", found, results={}) == {"stacks", "plan", "issues", "reminders"}
    # One stack that cannot be planned does not hide the others' drift.
    assert runs("drift", found, results={"plan": "failure"}) == {"stacks", "plan", "issues", "reminders"}
    # What cannot be synthesized does not hide what ends.
    assert runs("drift", found, results={"stacks": "failure"}) == {"stacks", "reminders"}
    assert runs("drift", {"github": {"ref": "refs/heads/another"}}, results={}) == set()


def test_main_runs_the_gate_that_people_run() -> None:
    assert workflows()["ci"]["on"]["push"]["branches"] == ["main"]
    assert steps(JOBS["ci/test"])[-1]["run"] == ".ci/run"
    assert [step["run"] for step in steps(JOBS["pull-request/check"]) if "run" in step] == ["make lint", "make unit"]


def test_one_check_stands_for_all_of_a_pull_request() -> None:
    passed = JOBS["pull-request/passed"]
    assert set(passed["needs"]) == set(workflows()["pull-request"]["jobs"]) - {"passed"}
    (step,) = steps(passed)
    assert "failure" in step["env"]["STOPPED"]
    assert "cancelled" in step["env"]["STOPPED"]
