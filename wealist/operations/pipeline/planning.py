"""Plan a stack for review. Terraform's files are the owner's alone; the record may be read by everybody.

terraform init ─ the state is ours ─ plan -lock=false ─→ plan.tfplan, plan.json ─→ S3, where there is something to do
                                                         record.json
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from wealist.errors import ToolFailedError
from wealist.operations.emulated_stacks import ACCOUNT, BOOTSTRAP, planned_changes
from wealist.operations.foreign_state import refuse_foreign_state
from wealist.operations.pipeline import record
from wealist.operations.pipeline.configuration import digest
from wealist.operations.pipeline.record import Record
from wealist.operations.pipeline.store import PlanStore
from wealist.operations.plan import Target, create_private_file
from wealist.operations.terraform import Terraform
from wealist.operations.terraform_executable import pinned_terraform
from wealist.progress import step

NOTHING_TO_DO: Final = 0
SOMETHING_TO_DO: Final = 2
"""Exit codes of `terraform plan -detailed-exitcode`."""


def plan_for_review(stack: str, target: Target, out: Path, store: PlanStore) -> Record:
    """Plan a stack and keep the plan for its apply.

    No lock is taken, so that the role that plans can write nothing beside a state: a state that changes meanwhile
    makes the plan stale, and Terraform refuses to apply it.

    Args:
        stack: The stack's name.
        target: Where Terraform runs, and which AWS it reaches.
        out: The folder for the plan's files and the record.
        store: Where the plan waits for its apply.
    """
    out.mkdir(parents=True, exist_ok=True)
    plan_file, plan_json = out / "plan.tfplan", out / "plan.json"
    terraform = Terraform(target.folder, env=target.environment, executable=pinned_terraform())
    with step(f"{stack}: terraform init"):
        target.initialize(terraform)
    with step(f"{stack}: terraform state pull"):
        refuse_foreign_state(stack, terraform)
    with step(f"{stack}: terraform plan"):
        create_private_file(plan_file)
        something = _plan(terraform, plan_file)
    with step(f"{stack}: terraform show -json"):
        create_private_file(plan_json)
        shown = terraform.show_json(plan_file)
        plan_json.write_text(json.dumps(shown, indent=2) + "\n", encoding="utf-8")
    made = Record(
        stack=stack,
        configuration=digest(target.folder),
        plan=store.keep(stack, plan_file, plan_json) if something else None,
        terraform=terraform.executable.version,
        by_hand=by_hand(stack, shown) if something else "",
    )
    record.write(made, out)
    return made


def by_hand(stack: str, plan: Mapping[str, Any]) -> str:
    """Why the pipeline may not apply a plan; empty where it may. Its role is denied all of this (ADR 19)."""
    if stack == BOOTSTRAP:
        return "the pipeline may not change the bucket of the states"
    if stack == ACCOUNT and any(_is_identity(address) for address in planned_changes(plan)):
        return "the pipeline may not change its own rights"
    return ""


def _is_identity(address: str) -> bool:
    return address.startswith("aws_iam_")


def _plan(terraform: Terraform, file: Path) -> bool:
    """Whether there is something to do. What Terraform prints is shown on failure only: the review says it better."""
    done = terraform.run(
        "plan", f"-out={file.absolute()}", "-lock=false", "-detailed-exitcode", capture=True, check=False
    )
    if done.returncode not in {NOTHING_TO_DO, SOMETHING_TO_DO}:
        sys.stderr.write(done.stdout + done.stderr)
        raise ToolFailedError(done.returncode)
    return done.returncode == SOMETHING_TO_DO
