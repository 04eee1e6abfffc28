"""The actions that change what a principal may do: the rows of escalation.toml, whose head describes the columns.

escalation.toml ─► escalations() ─┬─ checks/iam: whether a role may have the action, and under which condition
                                  └─ review: whether a change lets somebody come to further permissions
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from wealist.model.iam.evaluate import names

PATH: Final = Path(__file__).with_suffix(".toml")
BOUNDARY_KEY: Final = "iam:PermissionsBoundary"


class Escalation(NamedTuple):
    """One row.

    Attributes:
        leads: Whether the action can lead to further permissions.
        held_to: What must limit the action where a role of the pipeline has it: a condition key, or `names`; None where
            no role may have it.
    """

    leads: bool = False
    held_to: str | None = None


@cache
def escalations() -> Mapping[str, Escalation]:
    """`service:Action` → its row."""
    return {action: Escalation(**row) for action, row in tomllib.loads(PATH.read_text(encoding="utf-8")).items()}


@cache
def leads_up(pattern: str) -> bool:
    """Whether an action of a policy, which may have wildcards, names one that leads to further permissions."""
    return any(row.leads and names(pattern, action) for action, row in escalations().items())
