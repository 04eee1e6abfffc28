"""Checks that the pipeline's roles may do what a plan and an apply of the stack call, by IAM's policy simulator.

    types of the stack ─ iam.pipeline_roles.requests ─► (action, ARN, context) ─ SimulatePrincipalPolicy ─► allowed?

The simulation evaluates the policies of the real role, its permissions boundary, and the organisation's control
policies.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from wealist.checks.iam import documents
from wealist.checks.iam.pipeline_roles import APPLY_ROLE, Request, plan_role, requests
from wealist.operations.aws import items
from wealist.operations.emulated_stacks import ACCOUNT
from wealist.operations.preflight.check import Answer, Check, Subject, right, wrong
from wealist.spec.account import ACCOUNT_ID, STATE_BUCKET, STATE_LOCK_SUFFIX, state_key

_ALLOWED: Final = "allowed"
_MOST_SHOWN: Final = 5
_BOOLEANS: Final = frozenset({"true", "false"})


def role_rights(subject: Subject) -> Iterator[Check]:
    """Check that the plan role and the apply role may make every call of Terraform for the types in the stack."""
    stack = documents.read_documents(subject.stack)
    for role in documents.read_documents(subject.stacks[ACCOUNT]).roles:
        if role.name in {plan_role(subject.environment.name), APPLY_ROLE}:
            may_write = role.name == APPLY_ROLE
            expected = {*requests(role, stack, may_write=may_write), *_state_requests(subject, may_write=may_write)}
            yield Check(
                f"rights of {role.name}",
                f"{len(expected)} requests allowed",
                "apply the account stack; if a control policy of the organisation denies them, have it changed",
                partial(_simulate, subject.client("iam"), role.name, expected),
            )


def _state_requests(subject: Subject, *, may_write: bool) -> Iterator[Request]:
    """Return what Terraform calls for the state itself."""
    state = f"arn:aws:s3:::{STATE_BUCKET}/{state_key(subject.environment.name)}"
    yield Request("s3:GetObject", state)
    if may_write:
        yield Request("s3:PutObject", state)
        yield Request("s3:PutObject", f"{state}{STATE_LOCK_SUFFIX}")
        yield Request("s3:DeleteObject", f"{state}{STATE_LOCK_SUFFIX}")


def _simulate(iam: Any, role: str, expected: Iterable[Request]) -> Answer:  # noqa: ANN401  a boto3 client
    try:
        denied = sorted(each for batch in _batches(expected) for each in _denied(iam, role, batch))
    except iam.exceptions.NoSuchEntityException:
        return wrong("the role is missing")
    if not denied:
        return right("all allowed")
    more = f" and {len(denied) - _MOST_SHOWN} more" if len(denied) > _MOST_SHOWN else ""
    return wrong(f"refused: {', '.join(denied[:_MOST_SHOWN])}{more}")


def _batches(expected: Iterable[Request]) -> list[list[Request]]:
    """Group requests for one call each: of the same service and context, and either all or none on `*`."""
    batches: dict[tuple[object, ...], list[Request]] = defaultdict(list)
    for each in sorted(expected):
        batches[each.action.partition(":")[0], each.context, each.arn == "*"].append(each)
    return list(batches.values())


def _denied(iam: Any, role: str, batch: list[Request]) -> Iterator[str]:  # noqa: ANN401  a boto3 client
    """Return the requests of a batch that IAM does not allow, each with its decision."""
    decisions: dict[tuple[str, str], str] = {}
    results = items(
        iam,
        "simulate_principal_policy",
        "EvaluationResults",
        PolicySourceArn=f"arn:aws:iam::{ACCOUNT_ID}:role/{role}",
        ActionNames=sorted({each.action for each in batch}),
        ResourceArns=sorted({each.arn for each in batch}),
        ContextEntries=[_context_entry(key, value) for key, value in batch[0].context],
    )
    for result in results:
        decisions |= _decisions(result)
    for each in batch:
        decision = decisions.get((each.action, each.arn), "not answered")
        if decision != _ALLOWED:
            yield f"{each.action} on {each.arn} ({decision})"


def _decisions(result: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """Return the decisions on one action, by resource. IAM returns one for each resource, or one for all."""
    action = result["EvalActionName"]
    specific = {
        (action, each["EvalResourceName"]): each["EvalResourceDecision"]
        for each in result.get("ResourceSpecificResults", [])
    }
    return specific or {(action, result.get("EvalResourceName", "*")): result["EvalDecision"]}


def _context_entry(key: str, value: str) -> dict[str, object]:
    kind = "boolean" if value in _BOOLEANS else "string"
    return {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": kind}
