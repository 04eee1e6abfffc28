"""The checks of the pipeline's roles by IAM's policy simulator."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.recorded_aws import DENIED, RecordedAws, Recording, refusal
from tests.unit.operations.preflight.conftest import outcomes, rows, subject
from wealist.checks.iam.pipeline_roles import Request
from wealist.operations.preflight import rights
from wealist.operations.preflight.check import Outcome, Row, run
from wealist.operations.preflight.rights import role_rights

SIMULATE = "iam.simulate_principal_policy"
Simulate = Callable[[Mapping[str, Recording]], dict[str, Row]]
APPLIES, PLANS = "rights of wealist-terraform-apply-role", "rights of wealist-terraform-plan-dev-role"


def deciding(decide: Callable[[str, str], str], *, by_resource: bool = False) -> dict[str, Any]:
    """IAM's answer in either of its forms: a result for each action and resource, or one for each action."""

    def answer(call: Mapping[str, Any]) -> Any:
        results = []
        for action in call["ActionNames"]:
            each = {arn: decide(action, arn) for arn in call["ResourceArns"]}
            if by_resource:
                specific = [{"EvalResourceName": arn, "EvalResourceDecision": made} for arn, made in each.items()]
                whole = "allowed" if set(each.values()) == {"allowed"} else "implicitDeny"
                results.append({"EvalActionName": action, "EvalDecision": whole, "ResourceSpecificResults": specific})
            else:
                results += [
                    {"EvalActionName": action, "EvalResourceName": arn, "EvalDecision": made}
                    for arn, made in each.items()
                ]
        return {"EvaluationResults": results}

    return {SIMULATE: answer}


PASSED_ROLE = "arn:aws:iam::290008131187:role/wealist-dev-ec2-role"
FEW = [
    Request("ec2:CreateVpc", "*"),
    Request("ec2:DescribeVpcs", "*"),
    Request("iam:PassRole", PASSED_ROLE, (("iam:PassedToService", "ec2.amazonaws.com"),)),
]


@pytest.fixture(scope="module")
def simulate() -> Simulate:
    """Return the rows of both roles for an answer of IAM, where the stack needs few requests."""
    client = RecordedAws({})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rights, "requests", lambda *_, **__: FEW)
        checks = list(role_rights(subject(client=client)))

    def rows(answers: Mapping[str, Recording]) -> dict[str, Row]:
        client.answers = answers
        return {check.what: run(check) for check in checks}

    return rows


@pytest.mark.parametrize("by_resource", [False, True])
def test_roles_with_every_right_are_right(simulate: Simulate, by_resource: bool) -> None:  # noqa: FBT001
    found = simulate(deciding(lambda *_: "allowed", by_resource=by_resource))
    assert set(found) == {APPLIES, PLANS}
    assert outcomes(found) == {Outcome.RIGHT}


@pytest.mark.parametrize("by_resource", [False, True])
@pytest.mark.parametrize(
    ("action", "arn"),
    [
        ("iam:PassRole", PASSED_ROLE),
        ("s3:PutObject", "arn:aws:s3:::wealist-tfstate-bucket/wealist/dev.tfstate"),
        ("ec2:CreateVpc", "*"),
    ],
)
def test_a_denied_request_is_reported_with_iams_decision(
    simulate: Simulate,
    action: str,
    arn: str,
    by_resource: bool,  # noqa: FBT001
) -> None:
    decide = lambda *asked: "explicitDeny" if asked == (action, arn) else "allowed"  # noqa: E731
    assert simulate(deciding(decide, by_resource=by_resource))[APPLIES].found == (
        f"refused: {action} on {arn} (explicitDeny)"
    )


def test_only_the_first_five_denied_requests_are_listed(simulate: Simulate) -> None:
    found = simulate(deciding(lambda *_: "implicitDeny"))
    assert outcomes(found) == {Outcome.WRONG}
    assert found[APPLIES].expected == "7 requests allowed"
    assert found[APPLIES].found.startswith("refused: ")
    assert found[APPLIES].found.endswith(" and 2 more")


def test_a_request_without_a_decision_is_not_allowed(simulate: Simulate) -> None:
    found = simulate({SIMULATE: {"EvaluationResults": []}})
    assert outcomes(found) == {Outcome.WRONG}
    assert "(not answered)" in found[APPLIES].found


@pytest.mark.parametrize(
    ("answer", "outcome"), [(refusal("NoSuchEntity", 404), Outcome.WRONG), (DENIED, Outcome.DENIED)]
)
def test_a_missing_role_is_wrong_and_a_refused_simulation_is_denied(
    simulate: Simulate, answer: Any, outcome: Outcome
) -> None:
    assert outcomes(simulate({SIMULATE: answer})) == {outcome}


# --- the requests of a whole stack ------------------------------------------------------------------------------------


@functools.cache
def calls() -> list[Mapping[str, Any]]:
    recorded = RecordedAws(deciding(lambda *_: "allowed"))
    rows(role_rights, subject(client=recorded))
    return [call for _, call in recorded.asked]


def entries(call: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    return {
        each["ContextKeyName"]: (each["ContextKeyType"], each["ContextKeyValues"][0]) for each in call["ContextEntries"]
    }


def test_requests_contain_the_context_keys_of_terraforms_calls() -> None:
    by_action = {(action, arn): entries(call) for call in calls()
                 for action in call["ActionNames"] for arn in call["ResourceArns"]}  # fmt: skip
    role = "arn:aws:iam::290008131187:role/wealist-dev-ec2-role"
    boundary = ("string", "arn:aws:iam::290008131187:policy/wealist-terraform-boundary")
    assert by_action["iam:CreateRole", role] == {"iam:PermissionsBoundary": boundary}
    assert ("boolean", "true") in [entries(call).get("kms:GrantIsForAWSResource") for call in calls()]
    passed = {
        value for call in calls() if call["ActionNames"] == ["iam:PassRole"] for _, value in entries(call).values()
    }
    assert passed == {"ec2.amazonaws.com", "codedeploy.amazonaws.com", "vpc-flow-logs.amazonaws.com"}


def test_both_roles_are_simulated_in_few_calls() -> None:
    roles = {call["PolicySourceArn"].rpartition("/")[2] for call in calls()}
    assert roles == {"wealist-terraform-apply-role", "wealist-terraform-plan-dev-role"}
    assert len(calls()) < 80


def test_the_plan_role_is_simulated_for_reads_only() -> None:
    planned = [call for call in calls() if call["PolicySourceArn"].endswith("plan-dev-role")]
    actions = {action for call in planned for action in call["ActionNames"]}
    assert "ec2:DescribeVpcs" in actions
    assert not [each for each in actions if each.partition(":")[2].startswith(("Create", "Delete", "Put", "Modify"))]
