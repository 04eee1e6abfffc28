"""Who may become each role of a stack, what each may do, and why: printed by `wealist check`."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from wealist.checks.finding import Synthesis
from wealist.checks.iam import trust
from wealist.checks.iam.documents import Role, read
from wealist.model.iam.evaluate import asked
from wealist.model.stack import StackJson
from wealist.spec.account import OIDC_HOST

if TYPE_CHECKING:
    from rich.table import Table

ANY_WORKFLOW = "nothing: any branch, tag, pull request"
"""What a role says that asks for no claim but subject and audience."""


class Trust(NamedTuple):
    """Who may become a role.

    Attributes:
        role: its name.
        trusts: services, or patterns of subjects.
        held_to: the claims that a workflow needs beside subject and audience; empty for a service.
        shared_with: roles of other environments that the same workflow may take.
    """

    role: str
    trusts: tuple[str, ...]
    held_to: tuple[str, ...]
    shared_with: tuple[str, ...]


class Right(NamedTuple):
    """One statement that a role has.

    Attributes:
        role: the name of the role; `every role at most` for the boundary.
        statement: its Sid, with `Deny` before a refusal.
        actions: as written.
        resources: ARNs; with the condition, where it has one.
        why: the reason.
    """

    role: str
    statement: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    why: str


def trusts_of(synthesis: Synthesis, stack: str) -> list[Trust]:
    """The roles of a stack, by name."""
    environments = sorted(synthesis.environments.keys() - {stack}) if stack in synthesis.environments else []
    others = [role for name in environments for role in read(synthesis.stacks[name]).roles]
    return sorted(_trust(role, others) for role in read(synthesis.stacks[stack]).roles)


def rights_of(stack: StackJson) -> list[Right]:
    """The rights of every role of a stack, by role and policy."""
    return [
        Right(
            role,
            f"Deny {statement.sid}" if statement.effect == "Deny" else statement.sid,
            statement.actions,
            (*statement.resources, *([f"if {statement.condition}"] if statement.condition else [])),
            policy.why(statement),
        )
        for policy in sorted(read(stack).of_kind("identity"), key=lambda each: (each.holders, each.address))
        for role in policy.holders or ("every role at most",)
        for statement in policy.statements
    ]


def trust_table(synthesis: Synthesis, stack: str) -> "Table":
    """Who may become each role of a stack, to be printed."""
    cells = (
        (row.role, "\n".join(row.trusts), "\n".join(row.held_to), ", ".join(row.shared_with) or "-")
        for row in trusts_of(synthesis, stack)
    )
    headings = ("role", "trusts", "workflows are held to", "shared with")
    return _table(f"{stack}: who may become which role", headings, cells)


def rights_table(stack: StackJson) -> "Table":
    """What each role of a stack may do, and why, to be printed."""
    cells = (
        (row.role, row.statement, "\n".join(row.actions), "\n".join(row.resources), row.why) for row in rights_of(stack)
    )
    return _table(f"{stack.name}: who may do what, and why", ("role", "statement", "actions", "on", "why"), cells)


def _table(title: str, headings: Iterable[str], rows: Iterable[tuple[str, ...]]) -> "Table":
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415  a synthesis proves without printing
    from rich.table import Table  # noqa: PLC0415  the same
    from rich.text import Text  # noqa: PLC0415  the same

    shown = Table(title=title, box=SIMPLE_HEAD, padding=(0, 1), show_edge=False)
    for heading in headings:
        shown.add_column(heading, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(cell, "bold yellow" if ANY_WORKFLOW in cell else "") for cell in row))
    return shown


def _trust(role: Role, others: list[Role]) -> Trust:
    principals = {each for statement in role.trust for each in statement.principals}
    services = sorted(who for each, who in principals if (each, who) != trust.GITHUB)
    subjects = (subject for each in trust.by_github(role) for subject in asked(each.conditions, f"{OIDC_HOST}:sub"))
    shared = sorted(other.name for other in others if trust.shares(role, other))
    return Trust(role.name, (*services, *subjects), tuple(_held_to(role)), tuple(shared))


def _held_to(role: Role) -> Iterator[str]:
    """One line for each claim of each statement that lets workflows in."""
    for statement in trust.by_github(role):
        claims = sorted(trust.claims_of(statement) - {"aud", "sub"})
        for claim in claims:
            yield f"{claim} {' or '.join(asked(statement.conditions, f'{OIDC_HOST}:{claim}'))}"
        if not claims:
            yield ANY_WORKFLOW
