"""How the GitHub workflows plan and apply stacks: roles, order and conditions of jobs."""

import re
from typing import Any, Final

import pytest

from tests.synthesized import Stack, stacks
from tests.workflows import jobs, runs, seconds, steps, workflows
from wealist.operations.pipeline.runs import PLANNING, WORKFLOW

MAIN: Final = "refs/heads/main"
JOBS: Final = jobs()


def merged(*, ref: str = MAIN, event: str = "push", account: str = "[]", environments: str = "[]") -> dict[str, Any]:
    """The context of a run of apply.yml."""
    return {
        "github": {"event_name": event, "ref": ref},
        "needs": {"reviewed": {"outputs": {"account": account, "environments": environments}}},
    }


def credentials(job: str) -> dict[str, Any]:
    """The inputs of the step that assumes a role."""
    (step,) = [each for each in steps(JOBS[job]) if each.get("uses", "").startswith("aws-actions/")]
    return dict(step["with"])


# --- roles ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "name"),
    [("plan", "wealist-terraform-plan-${{ matrix.stack }}-role"), ("apply", "wealist-terraform-apply-role")],
)
def test_each_role_exists_and_is_assumed_in_one_job_only(account: Stack, what: str, name: str) -> None:
    for stack in stacks():
        assert account.only("aws_iam_role", name=name.replace("${{ matrix.stack }}", stack))
    given = credentials(f"{what}-stacks/{what}")
    assert given["role-to-assume"] == f"arn:aws:iam::290008131187:role/{name}"
    assert given["aws-region"] == "ap-northeast-2"
    holders = [job for job, body in JOBS.items() if name in str(body)]
    assert holders == [f"{what}-stacks/{what}"]


def test_only_pull_requests_are_planned_in_a_github_environment(
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
def test_the_set_up_runs_before_the_role_is_assumed(job: str) -> None:
    order = [step.get("uses", step.get("run", "")).split("@")[0] for step in steps(JOBS[job])]
    assert order.index("make setup") < order.index("aws-actions/configure-aws-credentials")


def test_an_apply_ends_before_its_session_expires(account: Stack) -> None:
    asked = credentials("apply-stacks/apply")["role-duration-seconds"]
    assert seconds("apply-stacks/apply") + 300 <= asked
    assert asked <= account.only("aws_iam_role", name="wealist-terraform-apply-role")["max_session_duration"]


def test_a_plan_ends_before_its_session_expires() -> None:
    assert seconds("plan-stacks/plan") < credentials("plan-stacks/plan").get("role-duration-seconds", 3600)


def test_the_apply_role_trusts_the_github_environment_of_each_stack(account: Stack) -> None:
    role = account.only("aws_iam_role", name="wealist-terraform-apply-role")
    (statement,) = role.statements("assume_role_policy").values()
    subjects = statement["Condition"]["StringLike"]["token.actions.githubusercontent.com:sub"]
    assert JOBS["apply-stacks/apply"]["environment"]["name"] == "${{ matrix.stack }}"
    # Only operators apply the stack of the state bucket.
    assert {subject.rpartition(":")[2] for subject in subjects} == set(stacks()) - {"bootstrap"}


@pytest.mark.parametrize(
    ("job", "key"), [("plan-stacks/plan", "stack"), ("apply-stacks/apply", "include")]
)  # fmt: skip
def test_workflows_name_no_stack_so_that_new_ones_are_included(job: str, key: str) -> None:
    assert re.fullmatch(r"\$\{\{ fromJSON\(inputs\.\w+\) \}\}", JOBS[job]["strategy"]["matrix"][key])
    given = [body["with"] for body in JOBS.values() if "with" in body]
    names = {name for name in stacks() if any(f'"{name}"' in str(each) or f"'{name}'" in str(each) for each in given)}
    assert names == set()


# --- plans and applies ------------------------------------------------------------------------------------------------


def test_the_artifact_of_a_plan_contains_only_the_review_and_the_record() -> None:
    uploads = [
        step["with"] for body in JOBS.values() for step in steps(body) if "upload-artifact" in step.get("uses", "")
    ]
    (upload,) = uploads
    assert upload["path"].split() == ["plan/record.json", "plan/review.html", "plan/review.json", "plan/review.md"]
    assert upload["name"] == "plan-${{ matrix.stack }}"


def test_the_gate_is_the_last_step() -> None:
    order = [step.get("name", step.get("uses", "").split("@")[0]) for step in steps(JOBS["plan-stacks/plan"])]
    assert order[-3:] == ["actions/upload-artifact", "Show the review", "Gate"]
    assert steps(JOBS["plan-stacks/plan"])[-1]["if"] == "steps.plan.outputs.stopped == 'true'"


def test_pull_requests_call_the_workflow_that_an_apply_requires() -> None:
    workflow = workflows()[WORKFLOW.removesuffix(".yml")]
    called = {body["uses"] for body in workflow["jobs"].values() if "uses" in body}
    assert called == {f"$/.github/workflows/{PLANNING}"}
    assert workflow["on"]["pull_request"]["branches"] == ["main"]


def test_the_plans_are_shown_before_the_reviewers_are_asked() -> None:
    assert "environment" not in JOBS["apply/reviewed"]
    appliers = {name: body for name, body in JOBS.items() if str(body.get("uses", "")).endswith("/apply-stacks.yml")}
    assert set(appliers) == {"apply/account", "apply/environments"}
    assert all("reviewed" in ([body["needs"]] if isinstance(body["needs"], str) else body["needs"])
               for body in appliers.values())  # fmt: skip


def test_the_description_and_labels_of_a_pull_request_acknowledge_gates() -> None:
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
    # A change of either plans again.
    assert {"edited", "labeled", "unlabeled", "synchronize", "opened"} <= set(
        workflows()["pull-request"]["on"]["pull_request"]["types"]
    )


def test_the_account_is_applied_before_the_environments() -> None:
    both = merged(account='[{"stack": "account"}]', environments='[{"stack": "prod"}]')
    assert runs("apply", both, results={}) == {"reviewed", "account", "environments"}
    assert "environments" not in runs("apply", both, results={"account": "failure"})
    assert runs("apply", merged(environments='[{"stack": "prod"}]'), results={}) == {"reviewed", "environments"}
    assert runs("apply", merged(account='[{"stack": "account"}]'), results={}) == {"reviewed", "account"}
    assert runs("apply", merged(), results={}) == {"reviewed"}


def test_nothing_is_applied_if_a_plan_is_refused() -> None:
    refused = merged(account="", environments="")
    assert runs("apply", refused, results={"reviewed": "failure"}) == {"reviewed"}


def test_a_run_by_hand_plans_first_and_works_on_main_only() -> None:
    chosen = merged(event="workflow_dispatch", environments='[{"stack": "prod"}]')
    assert runs("apply", chosen, results={}) == {"plan", "reviewed", "environments"}
    assert runs("apply", chosen, results={"plan": "failure"}) == {"plan"}
    assert runs("apply", merged(event="workflow_dispatch", ref="refs/heads/another"), results={}) == set()


def test_a_waiting_rejected_or_failed_stack_does_not_delay_others() -> None:
    strategy = JOBS["apply-stacks/apply"]["strategy"]
    assert (strategy.get("max-parallel"), strategy["fail-fast"]) == (None, False)
    # One group for all runs would be blocked by a job that waits for a reviewer, for up to 30 days.
    assert "github.run_id" in workflows()["apply"]["concurrency"]["group"]
    assert "concurrency" not in workflows()["apply-stacks"]


def test_every_apply_of_a_stack_runs_and_none_is_cancelled() -> None:
    concurrency = JOBS["apply-stacks/apply"]["concurrency"]
    assert concurrency == {"group": "apply-${{ matrix.stack }}", "cancel-in-progress": False, "queue": "max"}


def test_a_push_cancels_the_plans_of_the_previous_push() -> None:
    concurrency = workflows()["pull-request"]["concurrency"]
    assert concurrency["cancel-in-progress"] is True
    assert "pull_request.number" in concurrency["group"]


def test_drift_is_checked_every_night_in_every_stack_of_main() -> None:
    drift = workflows()["drift"]
    assert len(drift["on"]["schedule"]) == 1
    found = {"github": {"ref": MAIN}}
    assert runs("drift", found, results={}) == {"stacks", "plan", "issues", "reminders"}
    # A stack that cannot be planned does not hide the drift of others.
    assert runs("drift", found, results={"plan": "failure"}) == {"stacks", "plan", "issues", "reminders"}
    # A failed synthesis does not hide reminders.
    assert runs("drift", found, results={"stacks": "failure"}) == {"stacks", "reminders"}
    assert runs("drift", {"github": {"ref": "refs/heads/another"}}, results={}) == set()


def test_workflows_run_the_make_targets_of_developers() -> None:
    assert workflows()["ci"]["on"]["push"]["branches"] == ["main"]
    assert steps(JOBS["ci/test"])[-1]["run"] == ".ci/run"
    assert [step["run"] for step in steps(JOBS["pull-request/check"]) if "run" in step] == ["make lint", "make unit"]


def test_one_check_summarizes_all_jobs_of_a_pull_request() -> None:
    passed = JOBS["pull-request/passed"]
    assert set(passed["needs"]) == set(workflows()["pull-request"]["jobs"]) - {"passed"}
    (step,) = steps(passed)
    assert "failure" in step["env"]["STOPPED"]
    assert "cancelled" in step["env"]["STOPPED"]
