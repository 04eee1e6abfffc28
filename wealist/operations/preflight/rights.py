"""Whether the pipeline's roles may do what a plan and an apply of the stack call, as IAM itself answers.

    types of the stack ─ iam.pipeline_roles.requests ─► (action, ARN, context) ─ SimulatePrincipalPolicy ─► allowed?

The simulation counts the policies that the real role has, its boundary, and the organisation's control policies.
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
    """Each of the two roles may do what Terraform calls for the types in the stack."""
    of_stack = documents.read_documents(subject.stack)
    for role in documents.read_documents(subject.stacks[ACCOUNT]).roles:
        if role.name in {plan_role(subject.environment.name), APPLY_ROLE}:
            may_write = role.name == APPLY_ROLE
            wanted = {*requests(role, of_stack, may_write=may_write), *_of_state(subject, may_write=may_write)}
            yield Check(
                f"rights of {role.name}",
                f"{len(wanted)} requests allowed",
                "apply the account stack; where a control policy of the organisation refuses it, have that changed",
                partial(_simulated, subject.client("iam"), role.name, wanted),
            )


def _of_state(subject: Subject, *, may_write: bool) -> Iterator[Request]:
    """What Terraform asks of the state itself."""
    state = f"arn:aws:s3:::{STATE_BUCKET}/{state_key(subject.environment.name)}"
    yield Request("s3:GetObject", state)
    if may_write:
        yield Request("s3:PutObject", state)
        yield Request("s3:PutObject", f"{state}{STATE_LOCK_SUFFIX}")
        yield Request("s3:DeleteObject", f"{state}{STATE_LOCK_SUFFIX}")


def _simulated(iam: Any, role: str, wanted: Iterable[Request]) -> Answer:  # noqa: ANN401  a boto3 client
    try:
        refused = [each for group in _grouped(wanted) for each in _refused(iam, role, group)]
    except iam.exceptions.NoSuchEntityException:
        return wrong("there is no such role")
    if not refused:
        return right("all allowed")
    more = f" and {len(refused) - _MOST_SHOWN} more" if len(refused) > _MOST_SHOWN else ""
    return wrong(f"refused: {', '.join(sorted(refused)[:_MOST_SHOWN])}{more}")


def _grouped(wanted: Iterable[Request]) -> list[list[Request]]:
    """Requests that one call can ask: those of a service in the same context, on anything or on ARNs."""
    found: dict[tuple[object, ...], list[Request]] = defaultdict(list)
    for each in sorted(wanted):
        found[each.action.partition(":")[0], each.context, each.arn == "*"].append(each)
    return list(found.values())


def _refused(iam: Any, role: str, group: list[Request]) -> Iterator[str]:  # noqa: ANN401  a boto3 client
    """The requests of a group that IAM would refuse, with its decision."""
    decisions: dict[tuple[str, str], str] = {}
    results = items(
        iam,
        "simulate_principal_policy",
        "EvaluationResults",
        PolicySourceArn=f"arn:aws:iam::{ACCOUNT_ID}:role/{role}",
        ActionNames=sorted({each.action for each in group}),
        ResourceArns=sorted({each.arn for each in group}),
        ContextEntries=[_entry(key, value) for key, value in group[0].context],
    )
    for result in results:
        decisions |= _decisions(result)
    for each in group:
        decision = decisions.get((each.action, each.arn), "not answered")
        if decision != _ALLOWED:
            yield f"{each.action} on {each.arn} ({decision})"


def _decisions(result: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """What IAM decides of one action: as a whole, or on each resource."""
    action = result["EvalActionName"]
    each = {
        (action, one["EvalResourceName"]): one["EvalResourceDecision"]
        for one in result.get("ResourceSpecificResults", [])
    }
    return each or {(action, result.get("EvalResourceName", "*")): result["EvalDecision"]}


def _entry(key: str, value: str) -> dict[str, object]:
    kind = "boolean" if value in _BOOLEANS else "string"
    return {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": kind}
