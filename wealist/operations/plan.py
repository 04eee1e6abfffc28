"""Plan a stack, against AWS or against the embedded AWS.

main.py → cdktf.out/stacks/prod ─┬─ as it is, with the operator's credentials ──────┬→ plan.tfplan, plan.json
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
from wealist.errors import writing
from wealist.operations.state import refuse_foreign_state
from wealist.operations.terraform import Terraform
from wealist.progress import note, step
from wealist.project import WORK, exclusive


@dataclass(frozen=True)
class PlanFiles:
    """Where a plan lies. The files hold sensitive values in clear, so only their owner can read them."""

    plan: Path
    """Terraform's own file, for `terraform apply`."""
    json: Path
    """The same as data, for reviews."""
    text: Path
    """The same as Terraform prints it."""


@dataclass(frozen=True)
class Target:
    """A folder Terraform can plan, and the environment that leads it to its AWS."""

    folder: Path
    environment: Mapping[str, str]
    is_emulated: bool = False
    """Whether it is an embedded AWS, for which what `terraform init` made is kept."""
    is_new: bool = False
    """Whether that AWS was started for this command: it holds no state, the stack's or another."""

    def initialize(self, terraform: Terraform) -> None:
        """Run `terraform init`, as far as it is needed; against AWS, only with a provider whose hash is committed."""
        if self.is_emulated:
            terraform.init_kept()
        else:
            terraform.init("-lockfile=readonly")


def plan(stack: str, *, emulated: bool, out: Path | None) -> PlanFiles:
    """Synthesize a stack and plan it.

    Args:
        stack: A stack's name.
        emulated: Plan against the embedded AWS, in a folder of its own.
        out: The folder for the plan's files; one below `.wealist/` by default.
    """
    project.refuse_unknown(stack)
    kind = "emulated" if emulated else "aws"
    with exclusive(f"{kind}-{stack}"):
        files = _files(out or WORK / "plans" / kind / stack)
        with emulated_target(stack) if emulated else aws_target(stack) as target:
            _plan(stack, target, files)
    return files


@contextmanager
def emulated_target(stack: str) -> Iterator[Target]:
    """A stack's work folder and an embedded AWS: the one that is kept up, else one for as long as the context lasts.

    A new one starts while the stack is synthesized.
    """
    kept = shared_environment()
    if kept:
        note(f"planning against the embedded AWS that is kept up at {kept['AWS_ENDPOINT_URL']}")
        yield Target(_prepared(stack), kept, is_emulated=True)
        return
    with EmulatedAws(log=WORK / "emulated" / f"{stack}.log") as aws:
        folder = _prepared(stack)
        with step("start the embedded AWS"):
            environment = aws.environment()
        yield Target(folder, environment, is_emulated=True, is_new=True)


@contextmanager
def aws_target(stack: str) -> Iterator[Target]:
    """The synthesized stack itself, with the operator's credentials."""
    project.refuse_unknown(stack)
    with _synthesized(stack) as source:
        pass
    yield Target(source, os.environ)


def _prepared(stack: str) -> Path:
    with _synthesized(stack) as source:
        return prepare(source)


@contextmanager
def _synthesized(stack: str) -> Iterator[Path]:
    """The freshly synthesized folder of a stack; nobody else synthesizes while it is read."""
    with exclusive("synthesis", wait=True):
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
        with writing(files.text):
            files.text.write_text(terraform.plan(files.plan), encoding="utf-8")
        planning.add(f"({project.shown(files.text)})")
    with step("terraform show -json"), writing(files.json):
        files.json.write_text(json.dumps(terraform.show_json(files.plan), indent=2) + "\n", encoding="utf-8")


def _files(out: Path) -> PlanFiles:
    """Empty files for a plan, refused before anything is planned where they cannot be written."""
    files = PlanFiles(plan=out / "plan.tfplan", json=out / "plan.json", text=out / "plan.txt")
    out.mkdir(parents=True, exist_ok=True)
    for file in (files.plan, files.json, files.text):
        keep_private(file)
    return files


def keep_private(path: Path) -> None:
    """Make an empty file that only its owner can read, before anything is written to it."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
