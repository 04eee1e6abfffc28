"""The checks of the pipeline's roles by IAM's policy simulator."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.recorded_aws import DENIED, refusal
from tests.unit.operations.preflight.conftest import cached_checks, outcomes, results
from wealist.operations.preflight.check import Outcome
from wealist.operations.preflight.rights import role_rights

SIMULATE = "iam.simulate_principal_policy"
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


@pytest.mark.parametrize("by_resource", [False, True])
def test_roles_with_every_right_are_right(by_resource: bool) -> None:  # noqa: FBT001
    found = results(role_rights, deciding(lambda *_: "allowed", by_resource=by_resource))
    assert set(found) == {APPLIES, PLANS}
    assert outcomes(found) == {Outcome.RIGHT}


@pytest.mark.parametrize("by_resource", [False, True])
@pytest.mark.parametrize(
    ("action", "arn"),
    [
        ("rds:CreateDBInstance", "arn:aws:rds:ap-northeast-2:290008131187:db:wealist-dev-rds"),
        ("iam:PassRole", "arn:aws:iam::290008131187:role/wealist-dev-ec2-role"),
        ("s3:PutObject", "arn:aws:s3:::wealist-tfstate-bucket/wealist/dev.tfstate"),
        ("ec2:CreateVpc", "*"),
    ],
)
def test_a_denied_request_is_reported_with_iams_decision(action: str, arn: str, by_resource: bool) -> None:  # noqa: FBT001
    decide = lambda *asked: "explicitDeny" if asked == (action, arn) else "allowed"  # noqa: E731
    found = results(role_rights, deciding(decide, by_resource=by_resource))
    assert found[APPLIES].found == f"refused: {action} on {arn} (explicitDeny)"
    assert found[PLANS].outcome == Outcome.RIGHT


def test_only_the_first_five_denied_requests_are_listed() -> None:
    found = results(role_rights, deciding(lambda *_: "implicitDeny"))
    assert outcomes(found) == {Outcome.WRONG}
    assert found[PLANS].found.startswith("refused: ")
    total = int(found[PLANS].expected.split()[0])
    assert found[PLANS].found.endswith(f" and {total - 5} more")


def test_a_request_without_a_decision_is_not_allowed() -> None:
    found = results(role_rights, {SIMULATE: {"EvaluationResults": []}})
    assert outcomes(found) == {Outcome.WRONG}
    assert "(not answered)" in found[APPLIES].found


@pytest.mark.parametrize(
    ("answer", "outcome"), [(refusal("NoSuchEntity", 404), Outcome.WRONG), (DENIED, Outcome.DENIED)]
)
def test_a_missing_role_is_wrong_and_a_refused_simulation_is_denied(answer: Any, outcome: Outcome) -> None:
    assert outcomes(results(role_rights, {SIMULATE: answer})) == {outcome}


def calls(name: str = "dev") -> list[Mapping[str, Any]]:
    results(role_rights, deciding(lambda *_: "allowed"), name)
    client, _ = cached_checks(role_rights, name)
    return [call for _, call in client.asked]


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
    made = calls("prod")
    of = {call["PolicySourceArn"].rpartition("/")[2] for call in made}
    assert of == {"wealist-terraform-apply-role", "wealist-terraform-plan-prod-role"}
    assert len(made) < 80


def test_the_plan_role_is_simulated_for_reads_only() -> None:
    planned = [call for call in calls() if call["PolicySourceArn"].endswith("plan-dev-role")]
    actions = {action for call in planned for action in call["ActionNames"]}
    assert "ec2:DescribeVpcs" in actions
    assert not [each for each in actions if each.partition(":")[2].startswith(("Create", "Delete", "Put", "Modify"))]
