"""Every role of an environment is under the boundary, which lets through what these roles do and nothing else.

policies of every environment's roles ─► union of their actions ─► wealist-terraform-boundary ◄─ every role
"""

from collections.abc import Iterable, Iterator
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents
from wealist.model.iam.evaluate import Grant, like
from wealist.spec.account import BOUNDARY_ARN, BOUNDARY_NAME

BOUNDARY: Final = "iam.boundary"
_OF_RIGHTS: Final = ("iam:", "sts:", "organizations:")


def check_roles(documents: Documents) -> Iterator[Finding]:
    """Every role of an environment that does not carry the boundary."""
    for role in documents.roles:
        if role.boundary != BOUNDARY_ARN:
            problem = f"{role.name} has the permissions boundary {role.boundary!r}"
            remedy = f"set permissions_boundary to {BOUNDARY_ARN}"
            yield Finding(documents.stack.name, role.address, BOUNDARY, problem, remedy)


def check_policy(account: Documents, environments: Iterable[Documents]) -> Iterator[Finding]:
    """What the boundary keeps from a role, and what it lets through that no role does.

    Args:
        account: of the account's stack.
        environments: of every environment's stack.
    """
    policies = [policy for policy in account.of_kind("identity") if policy.name == BOUNDARY_NAME]
    if not policies:
        problem, remedy = f"there is no policy {BOUNDARY_NAME}", "create it: without it no role can be created"
        yield Finding(account.stack.name, account.stack.name, BOUNDARY, problem, remedy)
    used = [(role.name, each) for documents in environments for role in documents.roles for each in role.rights.allowed]
    for policy in policies:
        let_through = {grant for statement in policy.statements for grant in statement.grants}
        for problem, remedy in _differences(let_through, used):
            yield Finding(account.stack.name, policy.address, BOUNDARY, problem, remedy)


def _differences(let_through: set[Grant], used: list[tuple[str, Grant]]) -> Iterator[tuple[str, str]]:
    users = {grant.action: who for who, grant in used}
    allowed = {grant.action for grant in let_through if grant.effect == "Allow"}
    for action in sorted(allowed - users.keys()):
        yield f"it lets {action} through, which no role of an environment does", "take it out"
    for action in sorted(users.keys() - allowed):
        remedy = "add the policy to those that wealist/constructs/boundary.py counts"
        yield f"it keeps {users[action]} from {action}, which its policy allows", remedy
    for grant in sorted(let_through):
        if grant.action.startswith(_OF_RIGHTS) and not any(_is_within(grant, each) for _, each in used):
            remedy = "bound it as the policy of the role does"
            yield f"it lets {grant.action} through on {grant.resource}, wider than any role has it", remedy
        if grant.effect == "Deny":
            yield f"it refuses {grant.action}, which only hides what it lets through", "leave it out of the boundary"


def _is_within(grant: Grant, used: Grant) -> bool:
    same = (grant.action, grant.condition) == (used.action, used.condition)
    return same and like(grant.resource, used.resource)
