"""Whether each statement says something that AWS knows: its actions, what they act on, the keys they read.

A statement that AWS accepts and that never matches is the quiet kind of fault: nothing fails before the role is used.
"""

from collections.abc import Iterator
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents, Policy, Statement
from wealist.model.iam.catalog import Action, catalog

ADMINISTRATOR: Final = "IAM.1"
WHOLE_SERVICE: Final = "IAM.21"
ACTIONS: Final = "iam.actions"
RESOURCES: Final = "iam.resources"
CONDITIONS: Final = "iam.conditions"


def check(documents: Documents) -> Iterator[Finding]:
    """Every statement of a stack that AWS would not read as it is meant."""
    for policy in documents.policies:
        for statement in policy.statements:
            for control, problem, remedy in _problems(policy, statement):
                message = f"the statement {statement.sid} {problem}"
                yield Finding(documents.stack.name, policy.address, control, message, remedy)


def _problems(policy: Policy, statement: Statement) -> Iterator[tuple[str, str, str]]:
    known: dict[str, list[Action]] = {}
    for action in statement.actions:
        service, _, verb = action.partition(":")
        if "*" in service or not verb:
            yield ADMINISTRATOR, f"names {action}, every action there is", "name each service's actions"
            continue
        if verb == "*" and statement.effect == "Allow" and policy.kind == "identity":
            yield WHOLE_SERVICE, f"allows {action}, all of a service", "name the actions that are needed"
        if actions := catalog().expand(action):
            known[action] = actions
        elif catalog().knows(service):
            yield (
                ACTIONS,
                f"names {action}, which AWS does not have",
                "spell it as AWS's Service Authorization Reference does",
            )
        else:
            remedy = "correct it, or run `python -m tests.iam_actions` where the service is new here"
            yield ACTIONS, f"names {action} of a service that actions.json does not hold", remedy
    if policy.kind != "trust":
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
