"""Who may become each role of a stack, what each may do, and why: printed by `wealist check`."""

from collections.abc import Sequence

from wealist.checks.finding import Synthesis
from wealist.checks.iam import trust
from wealist.checks.iam.documents import Role, read
from wealist.checks.tables import Table
from wealist.model.iam.evaluate import asked
from wealist.model.stack import StackJson
from wealist.spec.account import OIDC_HOST

ANY_WORKFLOW = "nothing: any branch, tag, pull request"
"""What a role says that asks for no claim but subject and audience."""


def trusts_of(synthesis: Synthesis) -> dict[str, list[tuple[str, ...]]]:
    """Every stack's roles, by name: whom each trusts, what workflows are held to, roles that the same ones may take."""
    roles = {name: read(stack).roles for name, stack in synthesis.stacks.items()}
    described = [(name, role) for name in roles if name in synthesis.environments for role in roles[name]]
    return {
        name: sorted(
            _trust(role, [other for owner, other in described if owner != name and name in synthesis.environments])
            for role in several
        )
        for name, several in roles.items()
    }


def rights_of(stack: StackJson) -> list[tuple[str, ...]]:
    """The rights of every role of a stack: the effect, statement, role, actions, resources, condition, and why."""
    return [
        (
            statement.effect.lower(),
            statement.sid,
            role,
            ", ".join(statement.actions),
            ", ".join(statement.resources),
            str(statement.condition or ""),
            policy.why(statement),
        )
        for policy in sorted(read(stack).of_kind("identity"), key=lambda each: (each.holders, each.address))
        for role in policy.holders or ("every role at most",)
        for statement in policy.statements
    ]


def trust_table(stack: str, trusts: Sequence[tuple[str, ...]]) -> Table:
    """Who may become each role of a stack, to be printed."""
    headings = ("role", "trusts", "workflows are held to", "shared with")
    styles = {ANY_WORKFLOW: "bold yellow"}
    return Table(f"{stack}: who may become which role", headings, trusts, styles)


def rights_table(stack: StackJson) -> Table:
    """What each role of a stack may do, and why, to be printed."""
    headings = ("effect", "statement", "role", "actions", "on", "if", "why")
    styles = {"deny": "red", "allow": "green"}
    return Table(f"{stack.name}: who may do what, and why", headings, rights_of(stack), styles)


def _trust(role: Role, others: list[Role]) -> tuple[str, ...]:
    workflows = trust.by_github(role)
    principals = {each for statement in role.trust for each in statement.principals}
    services = sorted(who for each, who in principals if (each, who) != trust.GITHUB)
    subjects = (subject for each in workflows for subject in asked(each.conditions, f"{OIDC_HOST}:sub"))
    claims = [(each, claim) for each in workflows for claim in sorted(trust.claims_of(each) - {"aud", "sub"})]
    held_to = [f"{claim} {' or '.join(asked(each.conditions, f'{OIDC_HOST}:{claim}'))}" for each, claim in claims]
    held_to += [ANY_WORKFLOW for each in workflows if not trust.claims_of(each) - {"aud", "sub"}]
    shared = sorted(other.name for other in others if trust.shares(role, other))
    return role.name, ", ".join((*services, *subjects)), ", ".join(held_to), ", ".join(shared)
