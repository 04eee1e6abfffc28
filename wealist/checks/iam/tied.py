"""Every right is tied to a declared need, and every need to a right.

A resource policy's principal is looked up as
    logs.ap-northeast-2.amazonaws.com   a service
    the account                         the account's root: whoever IAM lets
    s3 endpoint                         everybody who comes through a VPC endpoint
    anyone                              everybody
"""

from collections.abc import Iterator, Sequence
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents, Policy, Statement
from wealist.checks.iam.needs.need import Need
from wealist.model.iam.evaluate import Grant
from wealist.spec.account import ACCOUNT_ID

NEED: Final = "iam.need"
_ROOT: Final = f"arn:aws:iam::{ACCOUNT_ID}:root"
_DECLARE: Final = "narrow it, or declare the need with its reason in wealist/checks/iam/needs/"


def check(documents: Documents, needs: Sequence[Need], *, boundary: str) -> Iterator[Finding]:
    """What is allowed without a need, and what is needed and not allowed.

    Args:
        documents: of one stack.
        needs: of the stack's principals.
        boundary: name of the policy that bounds roles, and gives nobody anything.
    """
    by_who: dict[str, list[Need]] = {}
    for need in needs:
        by_who.setdefault(need.who, []).append(need)
    given: dict[str, set[Grant]] = {}
    for policy in documents.policies:
        if policy.kind == "trust" or documents.stack.resources[policy.address].get("name") == boundary:
            continue
        if policy.kind == "identity" and not policy.holders:
            remedy = "attach it to a role, or leave it out"
            yield Finding(documents.stack.name, policy.address, NEED, "is a policy that no role has", remedy)
        for statement in policy.statements:
            for who in principals(policy, statement) if statement.effect == "Allow" else ():
                given.setdefault(who, set()).update(statement.grants)
                yield from _unneeded(documents, policy, statement, who, by_who.get(who, []))
    for need in needs:
        yield from _unmet(documents, need, given.get(need.who, set()))


def principals(policy: Policy, statement: Statement) -> Sequence[str]:
    """Who gets what a statement allows, as needs name them."""
    if policy.kind == "identity":
        return policy.holders
    return [_principal(policy, who) for _, who in statement.principals]


def _principal(policy: Policy, who: str) -> str:
    if who == "*":
        return f"{policy.holders[0]} endpoint" if policy.holders else "anyone"
    return "the account" if who in {_ROOT, ACCOUNT_ID} else who


def _unneeded(
    documents: Documents, policy: Policy, statement: Statement, who: str, needs: Sequence[Need]
) -> Iterator[Finding]:
    beyond = [grant for grant in statement.grants if not any(need.covers(grant) for need in needs)]
    for action in sorted({grant.action for grant in beyond}):
        resources = ", ".join(sorted(grant.resource for grant in beyond if grant.action == action))
        under = f" under {statement.condition}" if statement.condition else ""
        problem = f"the statement {statement.sid} allows {who} {action} on {resources}{under}, which no need covers"
        yield Finding(documents.stack.name, policy.address, NEED, problem, _DECLARE)


def _unmet(documents: Documents, need: Need, given: set[Grant]) -> Iterator[Finding]:
    tied = [grant for grant in given if need.covers(grant)]
    address = next((role.address for role in documents.roles if role.name == need.who), documents.stack.name)
    for action in need.actions:
        if not any(need.meets(grant, action) for grant in tied):
            problem = f"{need.who} is not allowed {action} on {', '.join(need.on)}, which it needs: {need.why}"
            remedy = "allow it, or take the need out of wealist/checks/iam/needs/"
            yield Finding(documents.stack.name, address, NEED, problem, remedy)
