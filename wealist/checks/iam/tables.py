"""Tables of roles and rights, which `wealist check` prints."""

from collections.abc import Sequence

from wealist.checks.finding import Synthesis
from wealist.checks.iam import trust
from wealist.checks.iam.documents import Role, read_documents
from wealist.checks.tables import Table
from wealist.model.iam.evaluate import condition_values
from wealist.model.stack import StackJson
from wealist.spec.account import OIDC_HOST

ANY_WORKFLOW = "nothing: any branch, tag, pull request"
"""Text for a role that requires only the claims `aud` and `sub`."""


def trust_rows(synthesis: Synthesis) -> dict[str, list[tuple[str, ...]]]:
    """Return rows for each stack: role, principals, required claims, roles of other environments for one workflow."""
    roles = {name: read_documents(stack).roles for name, stack in synthesis.stacks.items()}
    of_environments = [(name, role) for name in roles if name in synthesis.environments for role in roles[name]]
    rows = {}
    for name, several in roles.items():
        is_environment = name in synthesis.environments
        others = [role for owner, role in of_environments if owner != name and is_environment]
        rows[name] = sorted(_trust_row(role, others) for role in several)
    return rows


def rights_rows(stack: StackJson) -> list[tuple[str, ...]]:
    """Return a row for each statement and role: effect, statement, role, actions, resources, condition, reason."""
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
        for policy in sorted(read_documents(stack).of_kind("identity"), key=lambda each: (each.roles, each.address))
        for role in policy.roles or ("every role at most",)
        for statement in policy.statements
    ]


def trust_table(stack: str, rows: Sequence[tuple[str, ...]]) -> Table:
    """Return the table of who can assume each role of a stack."""
    headings = ("role", "trusts", "workflows are held to", "shared with")
    styles = {ANY_WORKFLOW: "bold yellow"}
    return Table(f"{stack}: who may become which role", headings, rows, styles)


def rights_table(stack: StackJson) -> Table:
    """Return the table of what each role of a stack can do, with the reasons."""
    headings = ("effect", "statement", "role", "actions", "on", "if", "why")
    styles = {"deny": "red", "allow": "green"}
    return Table(f"{stack.name}: who may do what, and why", headings, rights_rows(stack), styles)


def _trust_row(role: Role, others: list[Role]) -> tuple[str, ...]:
    statements = trust.github_statements(role)
    principals = {each for statement in role.trust for each in statement.principals}
    services = sorted(name for kind, name in principals if (kind, name) != trust.GITHUB)
    subjects = (subject for each in statements for subject in condition_values(each.conditions, f"{OIDC_HOST}:sub"))
    claims = [(each, claim) for each in statements for claim in sorted(trust.claims_of(each) - {"aud", "sub"})]
    required = [
        f"{claim} {' or '.join(condition_values(each.conditions, f'{OIDC_HOST}:{claim}'))}" for each, claim in claims
    ]
    required += [ANY_WORKFLOW for each in statements if not trust.claims_of(each) - {"aud", "sub"}]
    shared = sorted(other.name for other in others if trust.is_shared(role, other))
    return role.name, ", ".join((*services, *subjects)), ", ".join(required), ", ".join(shared)
