"""Plan a stack for review, review the plan, and apply exactly that plan.

init, check the state ─► plan -lock=false ─► plan.tfplan, plan.json ─► S3; record.json, review.*

configuration as planned? Terraform version as planned? plan file's SHA-256 as reviewed? state the stack's own?
─► apply, which Terraform refuses if the state has changed since the plan

Terraform's files can be read by their owner only. The record and the reviews hold no sensitive value.
"""

import json
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from wealist.errors import OperatorError, ToolFailedError
from wealist.operations.emulated_stacks import ACCOUNT, BOOTSTRAP, planned_changes
from wealist.operations.foreign_state import refuse_foreign_state
from wealist.operations.pipeline.plans import (
    PAGE_FILE,
    RECORD_FILE,
    REVIEW_FILE,
    WHOLE_REVIEW_FILE,
    Record,
    configuration_digest,
    fetch_plan,
    replan_remedy,
    store_plan,
)
from wealist.operations.plan import Target, create_private_file
from wealist.operations.terraform import Terraform
from wealist.operations.terraform_executable import pinned_terraform
from wealist.progress import step
from wealist.review import as_json, markdown, page, terminal
from wealist.review.command import build_review
from wealist.review.options import Gate
from wealist.review.verdict import Review

LOCK_TIMEOUT: Final = "10m"
"""How long an apply waits for the lock of the state."""
_NO_CHANGES: Final = 0
_CHANGES: Final = 2
"""Exit codes of `terraform plan -detailed-exitcode`."""


def plan_for_review(stack: str, target: Target, out: Path, s3: Any) -> Record:  # noqa: ANN401  a boto3 client
    """Plan a stack, upload the plan, and write its record.

    The state is not locked, because the plan role must not write beside states. If the state changes after the plan,
    Terraform refuses to apply it.

    Args:
        stack: The stack's name.
        target: Terraform's folder and process environment.
        out: The folder for the plan's files and the record.
        s3: A client for the bucket of plans.
    """
    out.mkdir(parents=True, exist_ok=True)
    plan_file, plan_json = out / "plan.tfplan", out / "plan.json"
    terraform = _terraform(target)
    _initialize(stack, target, terraform)
    with step(f"{stack}: terraform plan"):
        create_private_file(plan_file)
        has_changes = _plan(terraform, plan_file)
    with step(f"{stack}: terraform show -json"):
        create_private_file(plan_json)
        plan = terraform.show_json(plan_file)
        plan_json.write_text(json.dumps(plan, indent=2) + "\n", encoding="utf-8")
    record = Record(
        stack=stack,
        configuration=configuration_digest(target.folder),
        plan=store_plan(s3, stack, plan_file, plan_json) if has_changes else None,
        terraform=terraform.executable.version,
        by_hand=operator_only_reason(stack, plan) if has_changes else "",
    )
    (out / RECORD_FILE).write_text(record.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return record


def operator_only_reason(stack: str, plan: Mapping[str, Any]) -> str:
    """Return why the pipeline may not apply a plan; empty if it may. IAM denies its role these changes (ADR 19)."""
    if stack == BOOTSTRAP:
        return "the pipeline may not change the bucket of the states"
    if stack == ACCOUNT and any(address.startswith("aws_iam_") for address in planned_changes(plan)):
        return "the pipeline may not change its own rights"
    return ""


def review_plan(
    stack: str, out: Path, *, gates: Iterable[Gate], acknowledgements: str, artifact_url: str
) -> Review | None:
    """Review the plan in a folder, print the review, and write it beside the plan as a comment, as JSON and as a page.

    Args:
        stack: The stack's name.
        out: The folder that holds `plan.json`.
        gates: What stops the plan unless it is acknowledged.
        acknowledgements: Text with lines `Acknowledge: ACTION ADDRESS`; other lines are ignored.
        artifact_url: Where the whole review can be downloaded.

    Returns:
        The review, or None if there is nothing to apply and no check fails. Then nothing is written.
    """
    file = out / "acknowledgements"
    file.write_text(acknowledgements, encoding="utf-8")
    review = build_review(out / "plan.json", stack=stack, gates=gates, acknowledgements=str(file), with_unchanged=True)
    if review.is_empty:
        return None
    (out / REVIEW_FILE).write_text(markdown.comment(review, artifact_url=artifact_url), encoding="utf-8")
    (out / WHOLE_REVIEW_FILE).write_text(as_json.as_json(review), encoding="utf-8")
    (out / PAGE_FILE).write_text(page.page(review), encoding="utf-8")
    terminal.show(review, Console(stderr=True))
    return review


def apply_reviewed(target: Target, record: Record, s3: Any) -> None:  # noqa: ANN401  a boto3 client
    """Apply the plan that a record identifies.

    Raises:
        OperatorError: The configuration, Terraform or plan file differs from the record, or the apply failed.
    """
    stack, plan = record.stack, record.plan or ""
    terraform = _terraform(target)
    _refuse_different(record, configuration=configuration_digest(target.folder), terraform=terraform.executable.version)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "plan.tfplan")
        create_private_file(file)
        with step(f"{stack}: fetch the plan {plan[:12]}"):
            fetch_plan(s3, stack, plan, file)
        _initialize(stack, target, terraform)
        try:
            with step(f"{stack}: terraform apply"):
                terraform.run("apply", f"-lock-timeout={LOCK_TIMEOUT}", str(file))
        except ToolFailedError:
            raise OperatorError(
                f"the plan of {stack} was not applied, or only in part: Terraform's error stands above",
                remedy=f"remove the cause that it names; then {replan_remedy(stack)}",
            ) from None


def _terraform(target: Target) -> Terraform:
    return Terraform(target.folder, env=target.environment, executable=pinned_terraform())


def _initialize(stack: str, target: Target, terraform: Terraform) -> None:
    """Run `terraform init`, and refuse a state that is not the stack's own."""
    with step(f"{stack}: terraform init"):
        target.initialize(terraform)
    with step(f"{stack}: terraform state pull"):
        refuse_foreign_state(stack, terraform)


def _plan(terraform: Terraform, file: Path) -> bool:
    """Return whether the plan has changes. Terraform's output is printed on failure only; it can hold secrets."""
    done = terraform.run(
        "plan", f"-out={file.absolute()}", "-lock=false", "-detailed-exitcode", capture=True, check=False
    )
    if done.returncode not in {_NO_CHANGES, _CHANGES}:
        sys.stderr.write(done.stdout + done.stderr)
        raise ToolFailedError(done.returncode)
    return done.returncode == _CHANGES


def _refuse_different(record: Record, *, configuration: str, terraform: str) -> None:
    """Refuse a plan of another configuration than this commit's, or of another Terraform."""
    if record.configuration != configuration:
        raise OperatorError(
            f"the plan of {record.stack} was made of another configuration ({record.configuration[:12]}) than this "
            f"commit's ({configuration[:12]})",
            remedy=replan_remedy(record.stack),
        )
    if record.terraform != terraform:
        raise OperatorError(
            f"the plan of {record.stack} was made by Terraform {record.terraform}, and this is Terraform {terraform}",
            remedy=replan_remedy(record.stack),
        )
