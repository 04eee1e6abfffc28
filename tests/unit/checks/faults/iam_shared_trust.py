"""A workflow that one environment trusts, trusted by another one: found by both environments together."""

from collections.abc import Callable
from functools import partial
from typing import Final

from tests.guarded import Fault
from tests.unit.checks.faults.iam_edits import GITHUB, Statement, trust

_REF: Final = f"{GITHUB}:ref"
_shared: Final = partial(Fault, control="iam.shared-trust")


def _asks(operator: str, *refs: str) -> Callable[[Statement], None]:
    def edit(statement: Statement) -> None:
        del statement["Condition"]["StringEquals"][_REF]
        statement["Condition"][operator][_REF] = list(refs)

    return edit


def _by_environment(statement: Statement) -> None:
    del statement["Condition"]["StringEquals"][_REF]
    statement["Condition"]["StringEquals"][f"{GITHUB}:environment"] = "prod"


_ROLE: Final = "pipeline_identity_github_actions_role"
FAULTS: Final = [
    _shared("prod takes dev's branch", stack="prod", edit=trust(_ROLE, _asks("StringEquals", "refs/heads/deploy-dev"))),
    _shared("dev takes prod's branch", stack="dev", edit=trust(_ROLE, _asks("StringEquals", "refs/heads/deploy-prod"))),
    _shared("dev takes every branch", stack="dev", edit=trust(_ROLE, _asks("StringLike", "refs/heads/*"))),
    _shared(
        "dev takes any ref",
        stack="dev",
        edit=trust(_ROLE, lambda each: each["Condition"]["StringEquals"].pop(_REF)),
    ),
    _shared("prod takes a GitHub environment from dev's branch", stack="prod", edit=trust(_ROLE, _by_environment)),
]
