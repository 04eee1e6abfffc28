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
from wealist.emulator.kept import kept_environment
from wealist.emulator.server import EmulatedAws
from wealist.emulator.workspace import prepare
from wealist.operations.state import refuse_foreign_state
from wealist.operations.terraform import Terraform
from wealist.progress import note, step
from wealist.project import WORK, exclusive


@dataclass(frozen=True)
class PlanFiles:
    """Where a plan lies. Both files hold sensitive values in clear, so only their owner can read them."""

    plan: Path
    """Terraform's own file, for `terraform apply`."""
    json: Path
    """The same as data, for reviews."""


@dataclass(frozen=True)
class Target:
    """A folder Terraform can plan, and the environment that leads it to its AWS."""

    folder: Path
    environment: Mapping[str, str]
    init: tuple[str, ...] = ()
    """Arguments of `terraform init`."""


def plan(stack: str, *, emulated: bool, out: Path | None) -> PlanFiles:
    """Synthesize a stack and plan it.

    Args:
        stack: A stack's name.
        emulated: Plan against the embedded AWS, in a folder of its own.
        out: The folder for the plan's files; one below `.wealist/` by default.
    """
    kind = "emulated" if emulated else "aws"
    with exclusive(f"{kind}-{stack}"):
        opened = emulated_target(stack) if emulated else aws_target(stack)
        with opened as target:
            return _plan(stack, target, out or WORK / "plans" / kind / stack)


@contextmanager
def emulated_target(stack: str) -> Iterator[Target]:
    """A stack's work folder and an embedded AWS: the one that is kept up, else one for as long as the context lasts."""
    with _synthesized(stack) as source:
        folder = prepare(source)
    kept = kept_environment()
    if kept:
        note(f"planning against the embedded AWS that is kept up at {kept['AWS_ENDPOINT_URL']}")
        yield Target(folder, kept, init=("-reconfigure",))
        return
    with EmulatedAws(log=WORK / "emulated" / f"{stack}.log") as aws:
        # Every embedded AWS is a new one: what init remembers of the last one's backend means nothing.
        yield Target(folder, aws.environment(), init=("-reconfigure",))


@contextmanager
def aws_target(stack: str) -> Iterator[Target]:
    """The synthesized stack itself, with the operator's credentials."""
    with _synthesized(stack) as source:
        pass
    yield Target(source, os.environ)


@contextmanager
def _synthesized(stack: str) -> Iterator[Path]:
    """The freshly synthesized folder of a stack; nobody else synthesizes while it is read."""
    project.refuse_unknown(stack)
    with exclusive("synthesis", wait=True):
        with step("synthesize"):
            project.synthesize()
        yield project.stack_folder(stack)


def _plan(stack: str, target: Target, out: Path) -> PlanFiles:
    out.mkdir(parents=True, exist_ok=True)
    files = PlanFiles(plan=out / "plan.tfplan", json=out / "plan.json")
    terraform = Terraform(target.folder, env=target.environment)
    with step(f"terraform init ({terraform.executable.version} from {terraform.executable.origin})"):
        terraform.init(*target.init)
    with step("terraform state pull"):
        refuse_foreign_state(stack, terraform)
    with step("terraform plan", streams=True):
        keep_private(files.plan)
        terraform.plan(files.plan)
    with step("terraform show -json"):
        keep_private(files.json)
        files.json.write_text(json.dumps(terraform.show_json(files.plan), indent=2) + "\n")
    return files


def keep_private(path: Path) -> None:
    """Make an empty file that only its owner can read, before anything is written to it."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
