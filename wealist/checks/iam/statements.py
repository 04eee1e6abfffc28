"""Check each statement by itself: it matches requests that AWS knows, has a reason, and allows only own principals.

A statement that AWS accepts and that matches no request causes no error until the role is used.

Actions, resources and condition keys are compared with AWS's Service Authorization Reference. The reason is the
argument `why` of a `Statement` in a construct, which is written to `//` of the resource that contains the policy.

The policy of a resource may allow these principals:
    AWS       this account, or a role of it
    Service   limited by aws:SourceArn, aws:SourceAccount or kms:EncryptionContext:… to own sources
    *         limited to principals of this account; in a VPC endpoint's policy also without that limit, to read only,
              because such a policy grants no rights of its own
"""

import re
from collections.abc import Iterator
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents, Policy
from wealist.checks.iam.least_privilege import Owner, is_listed
from wealist.model.iam.catalog import READ_LEVELS, Action, catalog
from wealist.model.iam.evaluate import Grant, condition_values
from wealist.model.iam.policy import Statement
from wealist.spec.account import ACCOUNT_ID, BOUNDARY_NAME

ACTIONS: Final = "iam.actions"
RESOURCES: Final = "iam.resources"
CONDITIONS: Final = "iam.conditions"
WHY: Final = "iam.why"
UNATTACHED: Final = "iam.unattached"
PRINCIPAL: Final = "iam.principal"
_EXPLAIN: Final = "create it by attach_policy of wealist/constructs/identity.py, with `why` for each Statement"
_SPELL: Final = (
    "spell it as AWS's Service Authorization Reference does; if no policy has used its service yet, run "
    "`python -m tests.iam_actions`"
)
_ENDPOINT: Final = "aws_vpc_endpoint"
_OWN_PRINCIPAL: Final = re.compile(rf"{ACCOUNT_ID}|arn:aws:iam::{ACCOUNT_ID}:(root|role/[^*?]+)")
_PRINCIPAL_ACCOUNT_KEYS: Final = ("aws:PrincipalAccount", "kms:CallerAccount")
_SOURCE_ACCOUNT: Final = "aws:SourceAccount"
_SOURCE_ARN: Final = re.compile(r"aws:sourcearn|kms:encryptioncontext:.+:(topic)?arn")

_Problems = Iterator[tuple[str, str, str]]
"""Control, problem and remedy of each."""


def check(documents: Documents, owner: Owner) -> Iterator[Finding]:
    """Report statements that match no request, lack a reason or allow other principals, and unattached policies.

    Args:
        documents: The policies of a stack.
        owner: The resources that its roles may use; services may act for these only.
    """
    for policy in documents.policies:
        if policy.kind == "identity" and not policy.roles and policy.name != BOUNDARY_NAME:
            problem, remedy = "is attached to no role", "attach it to a role, or remove it"
            yield Finding(documents.stack.name, policy.address, UNATTACHED, problem, remedy)
        for statement in policy.statements:
            for control, problem, remedy in _problems(policy, statement, owner):
                message = f"the statement {statement.sid} {problem}"
                yield Finding(documents.stack.name, policy.address, control, message, remedy)


def _problems(policy: Policy, statement: Statement, owner: Owner) -> _Problems:
    if policy.kind == "identity" and statement.effect == "Allow" and not policy.why(statement):
        yield WHY, f"allows {', '.join(statement.actions[:3])} without a reason", _EXPLAIN
    known = {action: actions for action in statement.actions if (actions := catalog().expand(action))}
    for action in set(statement.actions) - known.keys():
        yield ACTIONS, f"names {action}, which is not an action of a known service", _SPELL
    if policy.kind != "trust":
        yield from _resource_problems(statement, known)
        yield from _condition_problems(statement, known)
    if policy.kind == "resource" and statement.effect == "Allow":
        yield from _principal_problems(statement, owner, is_endpoint=policy.resource.type == _ENDPOINT)


def _resource_problems(statement: Statement, known: dict[str, list[Action]]) -> _Problems:
    for name, actions in known.items():
        if not any(action.takes(resource) for action in actions for resource in statement.resources):
            arns = sorted({arn for action in actions for arn in action.arns})
            remedy = f"name {' or '.join(arns[:3])}" if arns else "give it a statement of its own, with the resource *"
            resources = ", ".join(statement.resources)
            yield RESOURCES, f"allows {name} on {resources}, which is not a resource type of that action", remedy
    for resource in statement.resources:
        if known and not any(action.takes(resource) for actions in known.values() for action in actions):
            yield RESOURCES, f"names {resource}, on which none of its actions can act", "correct or remove the ARN"


def _condition_problems(statement: Statement, known: dict[str, list[Action]]) -> _Problems:
    for key in sorted({key for block in statement.conditions.values() for key in block}):
        without_key = sorted({action.name for actions in known.values() for action in actions if not action.reads(key)})
        if without_key:
            remedy = "move these actions to a statement of their own, without the key"
            yield CONDITIONS, f"compares {key}, which is never set for {', '.join(without_key[:3])}", remedy


def _principal_problems(statement: Statement, owner: Owner, *, is_endpoint: bool) -> _Problems:
    for kind, principal in statement.principals:
        if remedy := _principal_remedy(statement, kind, principal, owner, is_endpoint=is_endpoint):
            under = f" under {statement.condition}" if statement.condition else ""
            yield PRINCIPAL, f"allows {kind} {principal} {', '.join(statement.actions)}{under}", remedy


def _principal_remedy(
    statement: Statement, kind: str, principal: str, owner: Owner, *, is_endpoint: bool
) -> str | None:
    """Return how to limit a principal; None if it may be allowed."""
    if principal == "*":
        limited = any(condition_values(statement.conditions, key) == [ACCOUNT_ID] for key in _PRINCIPAL_ACCOUNT_KEYS)
        actions = (each for pattern in statement.actions for each in catalog().expand(pattern))
        only_reads = all(each.level in READ_LEVELS for each in actions)
        remedy = f"name the principals, or require StringEquals aws:PrincipalAccount {ACCOUNT_ID}"
        return None if limited or (is_endpoint and only_reads) else remedy
    if kind == "Service":
        return _service_remedy(statement, owner)
    own = kind == "AWS" and _OWN_PRINCIPAL.fullmatch(principal)
    return None if own else f"name the account {ACCOUNT_ID} or a role of it"


def _service_remedy(statement: Statement, owner: Owner) -> str | None:
    keys = {key for block in statement.conditions.values() for key in block if _SOURCE_ARN.fullmatch(key.lower())}
    sources = [arn for key in sorted(keys) for arn in condition_values(statement.conditions, key)]
    if foreign := [arn for arn in sources if not owner.owns(arn) and not _is_listed_source(statement, arn)]:
        return f"replace {', '.join(foreign)} with sources of this stack"
    if sources or condition_values(statement.conditions, _SOURCE_ACCOUNT) == [ACCOUNT_ID]:
        return None
    return "require ArnLike aws:SourceArn with the resource of this stack that the service acts for"


def _is_listed_source(statement: Statement, arn: str) -> bool:
    return all(is_listed(Grant(action, arn), "principal") for action in statement.actions)
