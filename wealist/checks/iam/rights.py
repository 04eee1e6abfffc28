"""What each role may do, and why: that every right has a reason, and the table of them all.

Statement(..., why=…) in a construct ─► `//` of the policy's resource ─► one row: role, statement, actions, on what, why
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents, read
from wealist.model.stack import StackJson
from wealist.spec.account import BOUNDARY_NAME

if TYPE_CHECKING:
    from rich.table import Table

WHY: Final = "iam.why"
UNATTACHED: Final = "iam.unattached"
_EXPLAIN: Final = "create it by attach_policy of wealist/constructs/role_policies.py, each Statement with its why"


class Row(NamedTuple):
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


def check(documents: Documents) -> Iterator[Finding]:
    """Every right of a role that nobody has given a reason for, and every policy that no role has."""
    for policy in documents.of_kind("identity"):
        is_boundary = documents.stack.resources[policy.address].get("name") == BOUNDARY_NAME
        if not policy.holders and not is_boundary:
            remedy = "attach it to a role, or leave it out"
            yield Finding(documents.stack.name, policy.address, UNATTACHED, "is a policy that no role has", remedy)
        for statement in policy.statements:
            if statement.effect == "Allow" and not statement.why:
                problem = f"the statement {statement.sid} allows {', '.join(statement.actions[:3])} without a reason"
                yield Finding(documents.stack.name, policy.address, WHY, problem, _EXPLAIN)


def rows_of(stack: StackJson) -> list[Row]:
    """The rights of every role of a stack, by role and policy."""
    return [
        Row(
            role,
            f"Deny {statement.sid}" if statement.effect == "Deny" else statement.sid,
            statement.actions,
            (*statement.resources, *([f"if {statement.condition}"] if statement.condition else [])),
            statement.why,
        )
        for policy in sorted(read(stack).of_kind("identity"), key=lambda each: (each.holders, each.address))
        for role in policy.holders or ("every role at most",)
        for statement in policy.statements
    ]


def table_of(stack: StackJson) -> "Table":
    """The same, to be printed."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415  a synthesis proves without printing
    from rich.markup import escape  # noqa: PLC0415  the same
    from rich.table import Table  # noqa: PLC0415  the same

    shown = Table(title=f"{stack.name}: who may do what, and why", box=SIMPLE_HEAD, padding=(0, 1), show_edge=False)
    for heading in ("role", "statement", "actions", "on", "why"):
        shown.add_column(heading, overflow="fold")
    for row in rows_of(stack):
        shown.add_row(
            escape(row.role),
            escape(row.statement),
            escape("\n".join(row.actions)),
            escape("\n".join(row.resources)),
            escape(row.why),
        )
    return shown
