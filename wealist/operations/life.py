"""The life of the stacks in one embedded AWS, from nothing, in the order that an operator goes.

    bootstrap ─ state in a local file, then moved into the bucket it made ─→ account ─→ dev, prod, …

Every state lies in the embedded S3 bucket that `bootstrap` made, behind the same backend and lock as against AWS.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from wealist.emulator.workspace import left_out, prepare
from wealist.operations.aws import clients
from wealist.operations.state import refuse_foreign_state
from wealist.operations.terraform import Terraform, find_terraform
from wealist.operations.terraform_events import Events
from wealist.progress import Step, note, step
from wealist.spec.account import SHARED_STACKS, STATE_BUCKET, state_key

Result = TypeVar("Result")

BOOTSTRAP, ACCOUNT = SHARED_STACKS

_LOCAL_BACKEND: Final = '{"terraform": {"backend": {"local": {}}}}\n'


class Life:
    """Runs Terraform for each stack against one embedded AWS."""

    def __init__(self, environ: Mapping[str, str], *, stacks: Path, base: Path) -> None:
        """Prepare, run nothing yet.

        Args:
            environ: The whole environment in which Terraform and boto3 reach the embedded AWS.
            stacks: The folder that holds a synthesized folder for each stack.
            base: Where the work folders go; two lives at the same time need two.
        """
        self._environ = dict(environ)
        self._stacks = stacks
        self._base = base
        self._executable = find_terraform()
        self._folders: dict[str, Path] = {}
        self._ready: dict[str, Terraform] = {}

    def environment(self) -> Mapping[str, str]:
        """The environment in which Terraform, boto3 and the AWS CLI reach this AWS."""
        return self._environ

    def client(self, service: str, region: str | None = None) -> Any:  # noqa: ANN401 -- boto3 builds its clients at run time
        """A boto3 client of this AWS."""
        return clients(self._environ)(service, region)

    @property
    def synthesized(self) -> Path:
        """The folder of the synthesis that the stacks are taken from."""
        return self._stacks.parent

    def folder(self, stack: str) -> Path:
        """The synthesized folder that a stack is taken from."""
        return self._folders.get(stack, self._stacks / stack)

    def synthesized_as(self, stack: str, folder: Path) -> None:
        """Take another synthesis of a stack from now on."""
        self._folders[stack] = folder
        self._ready.pop(stack, None)

    def terraform(self, stack: str) -> Terraform:
        """Terraform in a stack's work folder, with the provider installed and the backend connected to its own state.

        Raises:
            OperatorError: the state is not the stack's own.
        """
        if stack not in self._ready:
            terraform = self._prepare(stack)
            terraform.init_kept()
            refuse_foreign_state(stack, terraform)
            self._ready[stack] = terraform
        return self._ready[stack]

    def has(self, stack: str) -> bool:
        """Whether a stack was applied: its state is in the bucket."""
        s3 = self.client("s3")
        if STATE_BUCKET not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
            return False
        listed = s3.list_objects_v2(Bucket=STATE_BUCKET, Prefix=state_key(stack)).get("Contents", [])
        return any(item["Key"] == state_key(stack) for item in listed)

    def reach(self, stack: str) -> None:
        """Apply what a stack rests on, as far as it is not there yet."""
        for needed in SHARED_STACKS[: SHARED_STACKS.index(stack)] if stack in SHARED_STACKS else SHARED_STACKS:
            if not self.has(needed):
                self.apply(needed)

    def apply(self, stack: str) -> dict[str, Any]:
        """Plan a stack and carry the plan out, with a line for each step.

        Returns:
            The plan that was carried out.
        """
        if stack == BOOTSTRAP and not self.has(BOOTSTRAP):
            return self._bootstrap()
        with step(f"{stack}: terraform init and plan"):
            plan = self.plan(stack)
        with step(f"{stack}: terraform apply") as applying:
            self._carry_out(self.terraform(stack), stack, plan, applying)
        return plan

    def plan(self, stack: str, *options: str) -> dict[str, Any]:
        """Plan a stack as it is synthesized now, and return the plan as data."""
        return self._plan(self.terraform(stack), stack, options)

    def plan_file(self, stack: str) -> Path:
        """Where a stack's last plan lies."""
        return self._base / f"{stack}.tfplan"

    def outputs(self, stack: str) -> dict[str, Any]:
        """The outputs of a stack that are not sensitive, by name."""
        printed = self.terraform(stack).run("output", "-json", capture=True).stdout
        return {name: each["value"] for name, each in json.loads(printed).items() if not each["sensitive"]}

    def destroy(self, stack: str) -> None:
        """Destroy what a stack holds; Terraform refuses where something must not be destroyed."""
        terraform = self.terraform(stack)
        with step(f"{stack}: terraform destroy") as destroying:
            terraform.destroy(Events(destroying))

    def _plan(self, terraform: Terraform, stack: str, options: tuple[str, ...] = ()) -> dict[str, Any]:
        file = self.plan_file(stack)
        terraform.plan(file, *options)
        return terraform.show_json(file)

    def _carry_out(self, terraform: Terraform, stack: str, plan: Mapping[str, Any], applying: Step) -> None:
        total = sum(map(len, changes(plan).values()))  # a replacement is two
        terraform.apply(self.plan_file(stack), Events(applying, total))

    def _bootstrap(self) -> dict[str, Any]:
        """The README's first step: a local state, which then moves into the bucket that it describes."""
        terraform = self._prepare(BOOTSTRAP)
        override = terraform.workdir / "backend_override.tf.json"
        with step(f"{BOOTSTRAP}: terraform apply, with its state in a local file") as applying:
            override.write_text(_LOCAL_BACKEND)
            terraform.init("-reconfigure")
            plan = self._plan(terraform, BOOTSTRAP)
            self._carry_out(terraform, BOOTSTRAP, plan, applying)
        with step(f"{BOOTSTRAP}: terraform init -migrate-state"):
            override.unlink()
            # -force-copy answers the question that Terraform asks an operator: whether to copy the state.
            terraform.init("-migrate-state", "-force-copy")
            (terraform.workdir / "terraform.tfstate").unlink()  # Terraform copies, and leaves the local state behind
        self._ready[BOOTSTRAP] = terraform
        return plan

    def _prepare(self, stack: str) -> Terraform:
        folder = self.folder(stack)
        for address, why in left_out(json.loads((folder / "cdk.tf.json").read_text())).items():
            note(f"{stack}: {address} is left out of the embedded AWS: {why}")
        return Terraform(prepare(folder, base=self._base), env=self._environ, executable=self._executable)


def together(action: Callable[[str], Result], stacks: Iterable[str]) -> dict[str, Result]:
    """Do the same with several stacks at the same time, and wait for all of them, even when one fails."""
    with ThreadPoolExecutor() as pool:
        running = {stack: pool.submit(action, stack) for stack in stacks}
    return {stack: done.result() for stack, done in running.items()}


def changes(plan: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What a plan would change: address → actions. Reading is no change."""
    return {
        change["address"]: tuple(change["change"]["actions"])
        for change in plan.get("resource_changes", [])
        if change["mode"] == "managed" and change["change"]["actions"] != ["no-op"]
    }
