"""Whether each statement says something that AWS knows: its actions, what they act on, the keys they read; and why.

A statement that AWS accepts and that never matches is the quiet kind of fault: nothing fails before the role is used.

Statement(..., why=…) in a construct ─► `//` of the policy's resource ─► every right of a role has a reason
"""

from collections.abc import Iterator
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents
from wealist.model.iam.catalog import Action, catalog
from wealist.model.iam.policy import Statement
from wealist.spec.account import BOUNDARY_NAME

ACTIONS: Final = "iam.actions"
RESOURCES: Final = "iam.resources"
CONDITIONS: Final = "iam.conditions"
WHY: Final = "iam.why"
UNATTACHED: Final = "iam.unattached"
_EXPLAIN: Final = "create it by attach_policy of wealist/constructs/role_policies.py, each Statement with its why"
_SPELL: Final = (
    "spell it as AWS's Service Authorization Reference does, or run `python -m tests.iam_actions` where its service is "
    "new here"
)


def check(documents: Documents) -> Iterator[Finding]:
    """Every statement of a stack that AWS would not read as it is meant, or that nobody needs."""
    for policy in documents.policies:
        if policy.kind == "identity" and not policy.holders and policy.name != BOUNDARY_NAME:
            remedy = "attach it to a role, or leave it out"
            yield Finding(documents.stack.name, policy.address, UNATTACHED, "is a policy that no role has", remedy)
        for statement in policy.statements:
            if policy.kind == "identity" and statement.effect == "Allow" and not policy.why(statement):
                problem = f"the statement {statement.sid} allows {', '.join(statement.actions[:3])} without a reason"
                yield Finding(documents.stack.name, policy.address, WHY, problem, _EXPLAIN)
            for control, problem, remedy in _problems(statement, is_trust=policy.kind == "trust"):
                message = f"the statement {statement.sid} {problem}"
                yield Finding(documents.stack.name, policy.address, control, message, remedy)


def _problems(statement: Statement, *, is_trust: bool) -> Iterator[tuple[str, str, str]]:
    known = {action: actions for action in statement.actions if (actions := catalog().expand(action))}
    for action in set(statement.actions) - known.keys():
        yield ACTIONS, f"names {action}, which is no action of a service that is known here", _SPELL
    if not is_trust:
        yield from _about(statement, known)
        yield from _conditional(statement, known)


def _about(statement: Statement, known: dict[str, list[Action]]) -> Iterator[tuple[str, str, str]]:
    for name, actions in known.items():
        if not any(action.takes(resource) for action in actions for resource in statement.resources):
            types = sorted({arn for action in actions for arn in action.arns})
            remedy = f"name {' or '.join(types[:3])}" if types else "name * for it, in a statement of its own"
            resources = ", ".join(statement.resources)
            yield RESOURCES, f"allows {name} on nothing: {resources} is not of a type that it acts on", remedy
    for resource in statement.resources:
        if known and not any(action.takes(resource) for actions in known.values() for action in actions):
            yield RESOURCES, f"names {resource}, which none of its actions acts on", "correct the ARN, or leave it out"


def _conditional(statement: Statement, known: dict[str, list[Action]]) -> Iterator[tuple[str, str, str]]:
    for key in sorted({key for block in statement.conditions.values() for key in block}):
        deaf = sorted({action.name for actions in known.values() for action in actions if not action.reads(key)})
        if deaf:
            remedy = "give these actions a statement of their own, without the key"
            yield CONDITIONS, f"asks {key}, which {', '.join(deaf[:3])} never has", remedy
