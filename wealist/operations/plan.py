"""Plan a stack, against AWS or against the embedded AWS.

main.py → cdktf.out/stacks/prod ─┬─ that folder, with the operator's credentials ───┬→ plan.tfplan, plan.json
                                 └─ .wealist/emulated/prod, with the embedded AWS ──┘
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from wealist import project
from wealist.emulator.server import EmulatedAws
from wealist.emulator.shared import shared_environment
from wealist.emulator.workspace import prepare
from wealist.errors import naming_file
from wealist.operations.foreign_state import refuse_foreign_state
from wealist.operations.terraform import Terraform
from wealist.progress import note, step
from wealist.project import WORK, exclusive_lock


@dataclass(frozen=True)
class PlanFiles:
    """The files of a plan. They contain sensitive values in clear text: only their owner can read them.

    Attributes:
        plan: Terraform's binary file, for `terraform apply`.
        json: The output of `terraform show -json`, for reviews.
        text: The output of `terraform plan`.
    """

    plan: Path
    json: Path
    text: Path


@dataclass(frozen=True)
class Target:
    """A stack's folder, and the AWS to plan it against.

    Attributes:
        folder: The folder that Terraform runs in.
        environment: The process environment that selects the AWS.
        is_emulated: Whether it is an embedded AWS.
        is_new: Whether the embedded AWS was started for this command, and therefore has no state.
    """

    folder: Path
    environment: Mapping[str, str]
    is_emulated: bool = False
    is_new: bool = False

    def initialize(self, terraform: Terraform) -> None:
        """Run `terraform init`. Against AWS, it accepts only a provider whose hash is committed."""
        if self.is_emulated:
            terraform.init_if_changed()
        else:
            terraform.init("-lockfile=readonly")


def plan(stack: str, *, emulated: bool, out: Path | None) -> PlanFiles:
    """Synthesize a stack and plan it.

    Args:
        stack: The stack.
        emulated: Plan against the embedded AWS, in a separate work folder.
        out: The folder for the plan's files. Defaults to a folder in `.wealist/plans`.
    """
    project.refuse_unknown_stack(stack)
    kind = "emulated" if emulated else "aws"
    with exclusive_lock(f"{kind}-{stack}"):
        files = _files(out or WORK / "plans" / kind / stack)
        with emulated_target(stack) if emulated else aws_target(stack) as target:
            _plan(stack, target, files)
    return files


@contextmanager
def emulated_target(stack: str) -> Iterator[Target]:
    """Synthesize a stack for an embedded AWS: the kept one, or a new one that ends with the context.

    A new one starts while the stack is synthesized.
    """
    kept = shared_environment()
    if kept:
        note(f"using the embedded AWS at {kept['AWS_ENDPOINT_URL']}, which another command keeps")
        yield Target(_prepared(stack), kept, is_emulated=True)
        return
    with EmulatedAws(log=WORK / "emulated" / f"{stack}.log") as aws:
        folder = _prepared(stack)
        with step("start the embedded AWS"):
            environment = aws.environment()
        yield Target(folder, environment, is_emulated=True, is_new=True)


@contextmanager
def aws_target(stack: str) -> Iterator[Target]:
    """Synthesize a stack for AWS, with the operator's credentials."""
    project.refuse_unknown_stack(stack)
    with _synthesized(stack) as source:
        pass
    yield Target(source, os.environ)


def _prepared(stack: str) -> Path:
    with _synthesized(stack) as source:
        return prepare(source)


@contextmanager
def _synthesized(stack: str) -> Iterator[Path]:
    """Synthesize, and yield a stack's folder. Other commands wait with their synthesis until the context ends."""
    with exclusive_lock("synthesis", wait=True):
        with step("synthesize"):
            project.synthesize()
        yield project.stack_folder(stack)


def _plan(stack: str, target: Target, files: PlanFiles) -> None:
    terraform = Terraform(target.folder, env=target.environment)
    with step(f"terraform init ({terraform.executable.version} from {terraform.executable.origin})"):
        target.initialize(terraform)
    if not target.is_new:
        with step("terraform state pull"):
            refuse_foreign_state(stack, terraform)
    with step("terraform plan") as planning:
        with naming_file(files.text):
            files.text.write_text(terraform.plan(files.plan), encoding="utf-8")
        planning.add(f"({project.display_path(files.text)})")
    with step("terraform show -json"), naming_file(files.json):
        files.json.write_text(json.dumps(terraform.show_json(files.plan), indent=2) + "\n", encoding="utf-8")


def _files(out: Path) -> PlanFiles:
    """Create empty files for a plan, so that an unwritable folder is reported before planning."""
    files = PlanFiles(plan=out / "plan.tfplan", json=out / "plan.json", text=out / "plan.txt")
    out.mkdir(parents=True, exist_ok=True)
    for file in (files.plan, files.json, files.text):
        create_private_file(file)
    return files


def create_private_file(path: Path) -> None:
    """Create an empty file that only its owner can read."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
