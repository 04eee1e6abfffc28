"""Every role of an environment is under the boundary, and the boundary lets through what they need and nothing else.

environments' needs ─ union of their actions ─► wealist-terraform-boundary ◄─ permissions_boundary ─ every role
"""

from collections.abc import Iterable, Iterator
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents, Policy
from wealist.checks.iam.needs.need import Need
from wealist.model.iam.evaluate import Grant
from wealist.spec.account import BOUNDARY_ARN, BOUNDARY_NAME

BOUNDARY: Final = "iam.boundary"


def check_roles(documents: Documents) -> Iterator[Finding]:
    """Every role of an environment that does not carry the boundary."""
    for role in documents.roles:
        if role.boundary != BOUNDARY_ARN:
            problem = f"{role.name} has the permissions boundary {role.boundary!r}"
            remedy = f"set permissions_boundary to {BOUNDARY_ARN}"
            yield Finding(documents.stack.name, role.address, BOUNDARY, problem, remedy)


def check_policy(documents: Documents, needs: Iterable[Need]) -> Iterator[Finding]:
    """What the boundary lacks, and what it lets through that no role of an environment needs.

    Args:
        documents: of the account's stack.
        needs: of the roles of every environment.
    """
    policy = _policy(documents)
    if policy is None:
        remedy = "make it: an apply could make no role of an environment"
        problem = f"there is no policy {BOUNDARY_NAME}"
        yield Finding(documents.stack.name, documents.stack.name, BOUNDARY, problem, remedy)
        return
    given = {grant for statement in policy.statements for grant in statement.grants}
    for problem, remedy in _differences(given, list(needs)):
        yield Finding(documents.stack.name, policy.address, BOUNDARY, problem, remedy)


def _policy(documents: Documents) -> Policy | None:
    named = (each for each in documents.policies if each.kind == "identity" and _name(documents, each) == BOUNDARY_NAME)
    return next(named, None)


def _name(documents: Documents, policy: Policy) -> object:
    return documents.stack.resources[policy.address].get("name")


def _differences(given: set[Grant], needs: list[Need]) -> Iterator[tuple[str, str]]:
    needed = {action: need for need in needs for action in need.actions}
    let_through = {grant.action for grant in given if grant.effect == "Allow"}
    for action in sorted(let_through - set(needed)):
        yield f"it lets {action} through, which no role of an environment needs", "take it out"
    for action in sorted(set(needed) - let_through):
        need = needed[action]
        yield f"it keeps {need.who} from {action}, which it needs: {need.why}", "let it through"
    for grant in sorted(given):
        of_iam = grant.action.startswith(("iam:", "sts:", "organizations:"))
        if of_iam and not any(need.covers(grant) for need in needs):
            yield f"it lets {grant.action} through on {grant.resource}, wider than any need", "bound it as the need is"
        if grant.effect == "Deny":
            yield f"it refuses {grant.action}, which only hides what it lets through", "leave it out of the boundary"
