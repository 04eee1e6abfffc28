"""Apply a plan that was reviewed, and nothing else.

the stack as it is synthesized now ─ same as planned? ─┐
S3 ─ the plan ─ same digest as reviewed? ──────────────┤
S3 ─ the state ─ the stack's own? ─────────────────────┴→ terraform apply ─ same state as planned? (Terraform asks)
"""

import tempfile
from pathlib import Path
from typing import Final

from wealist.errors import OperatorError, ToolFailedError
from wealist.operations.pipeline.configuration import digest
from wealist.operations.pipeline.store import PlanStore, by_hand
from wealist.operations.plan import Target, keep_private
from wealist.operations.state import refuse_foreign_state
from wealist.operations.terraform import Terraform
from wealist.progress import step

LOCK_TIMEOUT: Final = "10m"
"""How long to wait for an operator who is at the same state."""


def apply_reviewed(stack: str, target: Target, *, plan: str, configuration: str, store: PlanStore) -> None:
    """Carry out the plan that a record names.

    Args:
        stack: The stack's name.
        target: Where Terraform runs, and which AWS it reaches.
        plan: SHA-256 of the plan file.
        configuration: SHA-256 of the synthesized stack that was planned.
        store: Where the plan lies.
    """
    check_configuration(stack, planned=configuration, now=digest(target.folder))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "plan.tfplan")
        keep_private(file)
        with step(f"{stack}: fetch the plan {plan[:12]}"):
            store.fetch(stack, plan, file)
        terraform = Terraform(target.folder, env=target.environment)
        with step(f"{stack}: terraform init"):
            target.initialize(terraform)
        with step(f"{stack}: terraform state pull"):
            refuse_foreign_state(stack, terraform)
        try:
            with step(f"{stack}: terraform apply"):
                terraform.run("apply", f"-lock-timeout={LOCK_TIMEOUT}", str(file))
        except ToolFailedError:
            raise OperatorError(
                f"the plan of {stack} was not carried out, or only in part: Terraform says above why",
                remedy=f"where a cause is named, remove it; then {by_hand(stack)}",
            ) from None


def check_configuration(stack: str, *, planned: str, now: str) -> None:
    """Refuse a plan of something else than what is synthesized now."""
    if planned != now:
        raise OperatorError(
            f"the plan of {stack} was made of another configuration ({planned[:12]}) than this commit's ({now[:12]})",
            remedy=by_hand(stack),
        )
