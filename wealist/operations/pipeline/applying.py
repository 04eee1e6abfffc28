"""Apply a plan that was reviewed, and nothing else.

the stack as it is synthesized now ─ same as planned? ─┐
Terraform ─ the version that planned? ─────────────────┤
S3 ─ the plan ─ same digest as reviewed? ──────────────┤
S3 ─ the state ─ the stack's own? ─────────────────────┴→ terraform apply ─ same state as planned? (Terraform asks)
"""

import tempfile
from pathlib import Path
from typing import Final

from wealist.errors import OperatorError, ToolFailedError
from wealist.operations.foreign_state import refuse_foreign_state
from wealist.operations.pipeline.configuration import digest
from wealist.operations.pipeline.record import Record
from wealist.operations.pipeline.store import PlanStore, by_hand
from wealist.operations.plan import Target, create_private_file
from wealist.operations.terraform import Terraform
from wealist.operations.terraform_executable import pinned_terraform
from wealist.progress import step

LOCK_TIMEOUT: Final = "10m"
"""How long to wait for an operator who is at the same state."""


def apply_reviewed(target: Target, made: Record, *, store: PlanStore) -> None:
    """Carry out the plan that a record names.

    Args:
        target: Where Terraform runs, and which AWS it reaches.
        made: What was planned, of what, and by which Terraform.
        store: Where the plan lies.

    Raises:
        OperatorError: the plan is another one, of something else, of another Terraform, or was not carried out.
    """
    stack, plan = made.stack, made.plan or ""
    terraform = Terraform(target.folder, env=target.environment, executable=pinned_terraform())
    _check(made, configuration=digest(target.folder), terraform=terraform.executable.version)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "plan.tfplan")
        create_private_file(file)
        with step(f"{stack}: fetch the plan {plan[:12]}"):
            store.fetch(stack, plan, file)
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


def _check(made: Record, *, configuration: str, terraform: str) -> None:
    """Refuse a plan of something else than what is synthesized now, or of another Terraform."""
    planned = made.configuration
    if planned != configuration:
        raise OperatorError(
            f"the plan of {made.stack} was made of another configuration ({planned[:12]}) than this commit's "
            f"({configuration[:12]})",
            remedy=by_hand(made.stack),
        )
    if made.terraform != terraform:
        raise OperatorError(
            f"the plan of {made.stack} was made by Terraform {made.terraform}, and this is Terraform {terraform}",
            remedy=by_hand(made.stack),
        )
