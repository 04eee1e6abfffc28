"""Plan, apply and destroy the stacks in one embedded AWS, in the order that operators use.

    bootstrap ─ state in a local file, then migrated to the bucket that it created ─→ account ─→ dev, prod, …

All states are in the embedded S3 bucket that `bootstrap` created, with the same backend and lock as in AWS.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from wealist.emulator.workspace import left_out, prepare
from wealist.operations.aws import clients
from wealist.operations.foreign_state import refuse_foreign_state
from wealist.operations.terraform import ApplyEvents, Terraform
from wealist.operations.terraform_executable import find_terraform
from wealist.progress import Step, note, step
from wealist.spec.account import SHARED_STACKS, STATE_BUCKET, state_key

Result = TypeVar("Result")

BOOTSTRAP, ACCOUNT = SHARED_STACKS

_LOCAL_BACKEND: Final = '{"terraform": {"backend": {"local": {}}}}\n'


class EmulatedStacks:
    """The stacks in one embedded AWS, each with its work folder for Terraform."""

    def __init__(self, environ: Mapping[str, str], *, stacks: Path, base: Path) -> None:
        """Prepare; run nothing yet.

        Args:
            environ: The complete process environment that leads Terraform and boto3 to the embedded AWS.
            stacks: The folder with a synthesized folder for each stack.
            base: The folder for the work folders. Instances that run at the same time need different ones.
        """
        self._environ = dict(environ)
        self._stacks = stacks
        self._base = base
        self._executable = find_terraform()
        self._folders: dict[str, Path] = {}
        self._ready: dict[str, Terraform] = {}

    def environment(self) -> Mapping[str, str]:
        """Return the process environment that leads Terraform, boto3 and the AWS CLI to this embedded AWS."""
        return self._environ

    def client(self, service: str, region: str | None = None) -> Any:  # noqa: ANN401 -- boto3 creates its classes at run time
        """Return a boto3 client of this embedded AWS."""
        return clients(self._environ)(service, region)

    @property
    def synthesized(self) -> Path:
        """The synthesis that contains the stacks."""
        return self._stacks.parent

    def folder(self, stack: str) -> Path:
        """Return the synthesized folder of a stack."""
        return self._folders.get(stack, self._stacks / stack)

    def synthesized_as(self, stack: str, folder: Path) -> None:
        """Use another synthesized folder for a stack from now on."""
        self._folders[stack] = folder
        self._ready.pop(stack, None)

    def terraform(self, stack: str) -> Terraform:
        """Return Terraform in a stack's work folder, initialized.

        Raises:
            OperatorError: The state holds resources of another stack or system.
        """
        if stack not in self._ready:
            terraform = self._prepare(stack)
            terraform.init_if_changed()
            refuse_foreign_state(stack, terraform)
            self._ready[stack] = terraform
        return self._ready[stack]

    def has(self, stack: str) -> bool:
        """Return whether the stack's state is in the bucket, that is, whether the stack was applied."""
        s3 = self.client("s3")
        if STATE_BUCKET not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
            return False
        listed = s3.list_objects_v2(Bucket=STATE_BUCKET, Prefix=state_key(stack)).get("Contents", [])
        return any(item["Key"] == state_key(stack) for item in listed)

    def apply_required(self, stack: str) -> None:
        """Apply the stacks that a stack requires, unless they are applied already."""
        for needed in SHARED_STACKS[: SHARED_STACKS.index(stack)] if stack in SHARED_STACKS else SHARED_STACKS:
            if not self.has(needed):
                self.apply(needed)

    def apply(self, stack: str) -> dict[str, Any]:
        """Plan and apply a stack, with a step for each. Return the plan as data."""
        if stack == BOOTSTRAP and not self.has(BOOTSTRAP):
            return self._bootstrap()
        with step(f"{stack}: terraform init and plan"):
            plan = self.plan(stack)
        with step(f"{stack}: terraform apply") as applying:
            self._apply_plan(self.terraform(stack), stack, plan, applying)
        return plan

    def plan(self, stack: str, *options: str) -> dict[str, Any]:
        """Plan a stack. Return the plan as data."""
        return self._plan(self.terraform(stack), stack, options)

    def plan_file(self, stack: str) -> Path:
        """Return the path of a stack's last plan."""
        return self._base / f"{stack}.tfplan"

    def outputs(self, stack: str) -> dict[str, Any]:
        """Return the values of a stack's outputs, without sensitive ones."""
        printed = self.terraform(stack).run("output", "-json", capture=True).stdout
        return {name: each["value"] for name, each in json.loads(printed).items() if not each["sensitive"]}

    def destroy(self, stack: str) -> None:
        """Destroy the resources of a stack. Terraform refuses resources with `prevent_destroy`."""
        terraform = self.terraform(stack)
        with step(f"{stack}: terraform destroy") as destroying:
            terraform.destroy(ApplyEvents(destroying))

    def _plan(self, terraform: Terraform, stack: str, options: tuple[str, ...] = ()) -> dict[str, Any]:
        file = self.plan_file(stack)
        terraform.plan(file, *options)
        return terraform.show_json(file)

    def _apply_plan(self, terraform: Terraform, stack: str, plan: Mapping[str, Any], applying: Step) -> None:
        total = sum(map(len, planned_changes(plan).values()))  # a replacement counts as two
        terraform.apply(self.plan_file(stack), ApplyEvents(applying, total))

    def _bootstrap(self) -> dict[str, Any]:
        """Apply bootstrap with a local state, then migrate the state to the bucket, as docs/operations.md describes."""
        terraform = self._prepare(BOOTSTRAP)
        override = terraform.workdir / "backend_override.tf.json"
        with step(f"{BOOTSTRAP}: terraform apply, with its state in a local file") as applying:
            override.write_text(_LOCAL_BACKEND)
            terraform.init("-reconfigure")
            plan = self._plan(terraform, BOOTSTRAP)
            self._apply_plan(terraform, BOOTSTRAP, plan, applying)
        with step(f"{BOOTSTRAP}: terraform init -migrate-state"):
            override.unlink()
            # -force-copy confirms Terraform's question whether to copy the state.
            terraform.init("-migrate-state", "-force-copy")
            (terraform.workdir / "terraform.tfstate").unlink()  # Terraform does not delete the local state
        self._ready[BOOTSTRAP] = terraform
        return plan

    def _prepare(self, stack: str) -> Terraform:
        folder = self.folder(stack)
        for address, why in left_out(json.loads((folder / "cdk.tf.json").read_text())).items():
            note(f"{stack}: {address} is left out of the embedded AWS: {why}")
        return Terraform(prepare(folder, base=self._base), env=self._environ, executable=self._executable)


def run_concurrently(action: Callable[[str], Result], stacks: Iterable[str]) -> dict[str, Result]:
    """Run one operation on several stacks concurrently. Wait for all of them, even if one fails."""
    with ThreadPoolExecutor() as pool:
        running = {stack: pool.submit(action, stack) for stack in stacks}
    return {stack: done.result() for stack, done in running.items()}


def planned_changes(plan: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the changes to managed resources in a plan: address → actions."""
    return {
        change["address"]: tuple(change["change"]["actions"])
        for change in plan.get("resource_changes", [])
        if change["mode"] == "managed" and change["change"]["actions"] != ["no-op"]
    }
