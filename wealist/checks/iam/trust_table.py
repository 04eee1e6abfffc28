"""Who may become each role of a stack, printed: whom it trusts, what workflows are held to, and who shares them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from wealist.checks.finding import Synthesis
from wealist.checks.iam import trust
from wealist.checks.iam.claims import demands
from wealist.checks.iam.documents import Policy, read

if TYPE_CHECKING:
    from rich.table import Table

ANY_WORKFLOW = "nothing: any branch, tag, pull request"
"""What a role says that asks for no claim but subject and audience."""
_TOLD_APART = frozenset({"aud", "sub"})


class Row(NamedTuple):
    """One role.

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


def rows_of(synthesis: Synthesis, stack: str) -> list[Row]:
    """The roles of a stack, by name."""
    others = [
        policy
        for name in sorted(synthesis.environments.keys() - {stack})
        if stack in synthesis.environments
        for policy in trust.trusts(read(synthesis.stacks[name]))
    ]
    return sorted(_row(policy, others) for policy in trust.trusts(read(synthesis.stacks[stack])))


def table_of(synthesis: Synthesis, stack: str) -> "Table":
    """The roles of a stack, to be printed."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415  a synthesis proves without printing
    from rich.markup import escape  # noqa: PLC0415  the same
    from rich.table import Table  # noqa: PLC0415  the same

    shown = Table(title=f"{stack}: who may become which role", box=SIMPLE_HEAD, padding=(0, 1), show_edge=False)
    for heading in ("role", "trusts", "workflows are held to", "shared with"):
        shown.add_column(heading, overflow="fold")
    for row in rows_of(synthesis, stack):
        held = "\n".join(map(escape, row.held_to))
        shown.add_row(
            escape(row.role),
            "\n".join(map(escape, row.trusts)),
            f"[bold yellow]{held}[/]" if row.held_to == (ANY_WORKFLOW,) else held,
            f"[bold red]{escape(', '.join(row.shared_with))}[/]" if row.shared_with else "-",
        )
    return shown


def _row(policy: Policy, others: list[Policy]) -> Row:
    workflows = trust.by_github(policy)
    services = {
        who
        for each in policy.statements
        for kind, who in each.principals
        if (kind, who) != ("Federated", trust.PROVIDER)
    }
    subjects = [
        value for each in workflows for demand in demands(each) if demand.claim == "sub" for value in demand.values
    ]
    return Row(
        policy.holders[0],
        (*sorted(services), *subjects),
        tuple(_held_to(policy)),
        tuple(sorted(other.holders[0] for other in others if trust.shares(policy, other))),
    )


def _held_to(policy: Policy) -> Iterator[str]:
    """One line for each claim of each statement that lets workflows in."""
    for statement in trust.by_github(policy):
        asked = [demand for demand in demands(statement) if demand.claim not in _TOLD_APART]
        yield from (f"{each.claim} {' or '.join(each.values)}" for each in asked)
        if not asked:
            yield ANY_WORKFLOW
