"""All stacks, applied to one embedded AWS for a test session.

    applied.client("ec2")          a boto3 client of the embedded AWS
    applied.terraform("dev")       Terraform in dev's work folder, initialized
    applied.plan("dev")            a plan of dev as data; options of `terraform plan` may follow
    applied.environment()          the process environment for this AWS
    applied.variant(…)             dev with other settings within the block; an apply is reverted
    applied.with_one_more(…)       all stacks with one more environment within the block, for plans
    applied.printed                Terraform's output so far

Tests leave all stacks unchanged.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from wealist import project
from wealist.errors import ToolFailedError
from wealist.operations.emulated_stacks import ACCOUNT, BOOTSTRAP, EmulatedStacks, run_concurrently
from wealist.operations.terraform import Terraform
from wealist.spec.account import STATE_BUCKET, state_key
from wealist.spec.environment import Environment
from wealist.spec.environments import load

UNREFRESHED = "-refresh=false"
"""For plans about settings: AWS has not changed since the last plan or apply."""


DATA_COMMANDS = (("show", "-json"), ("state", "pull"))
"""Commands that print a plan or state with all values, which are not recorded."""


class Recorded(Terraform):
    """Terraform that records its output."""

    printed: list[str]

    def run(
        self, *args: str, capture: bool = False, check: bool = True, watch: Callable[[str], None] | None = None
    ) -> subprocess.CompletedProcess[str]:
        done = super().run(*args, capture=True, check=False, watch=watch)
        stdout = "" if args[:2] in DATA_COMMANDS else done.stdout
        self.printed.append(f"terraform {' '.join(args)}\n{stdout}{done.stderr}")
        if not (capture or watch):
            sys.stdout.write(stdout)
        if check and done.returncode:
            sys.stderr.write(done.stderr)
            raise ToolFailedError(done.returncode, done.stderr)
        return done


class Applied(EmulatedStacks):
    """The applied stacks, with their first plans, and with temporary changes of settings."""

    def __init__(self, environ: Mapping[str, str], *, stacks: Path, base: Path) -> None:
        super().__init__(environ, stacks=stacks, base=base)
        self.base = base
        self.first: dict[str, dict[str, Any]] = {}
        """Stack → the plan of its first apply."""
        self.printed: list[str] = []
        """Terraform's stdout and stderr, without plans and states printed as data."""

    def build(self) -> None:
        """Apply every stack, dev and prod concurrently."""
        self.first = {stack: self.apply(stack) for stack in (BOOTSTRAP, ACCOUNT)}
        self.first |= run_concurrently(self.apply, ["prod", "dev"])

    @contextmanager
    def variant(self, **settings: Any) -> Iterator[None]:
        """Use dev with other settings. If it was applied in the block, apply the previous settings afterwards."""
        before = self.folder("dev")
        out = Path(mkdtemp(prefix="variant-", dir=self.base))
        project.synthesize_variants([environment("dev", **settings).model_dump_json()], [out])
        self.synthesized_as("dev", project.stack_folder("dev", out))
        serial = self.serial("dev")
        try:
            yield
        finally:
            self.synthesized_as("dev", before)
            if self.serial("dev") != serial:
                self.terraform("dev").run("apply", "-auto-approve", UNREFRESHED, capture=True)

    @contextmanager
    def with_one_more(self, added: Environment) -> Iterator[None]:
        """Use all stacks as synthesized with one more environment. For plans only: nothing is reverted."""
        out = synthesized_with(added, Path(mkdtemp(prefix="project-", dir=self.base)))
        before = {stack: self.folder(stack) for stack in project.stack_names(out)}
        for stack in before:
            self.synthesized_as(stack, project.stack_folder(stack, out))
        try:
            yield
        finally:
            for stack, folder in before.items():
                self.synthesized_as(stack, folder)

    def state(self, stack: str) -> dict[str, Any]:
        """Return a stack's state from the bucket."""
        stored = self.client("s3").get_object(Bucket=STATE_BUCKET, Key=state_key(stack))
        return dict(json.loads(stored["Body"].read()))

    def _prepare(self, stack: str) -> Terraform:
        ready = super()._prepare(stack)
        recorded = Recorded(ready.workdir, env=self.environment(), executable=ready.executable)
        recorded.printed = self.printed
        return recorded

    def serial(self, stack: str) -> int:
        """Return the serial of a stack's state, which each change increments."""
        return int(self.state(stack)["serial"])


def environment(committed: str, **changed: Any) -> Environment:
    """Return a committed environment with other settings."""
    (found,) = load([committed])
    return found.model_copy(update=changed)


def synthesized_with(added: Environment, copy: Path) -> Path:
    """Run `main.py` in a copy of the project with one more environment. Return its output folder."""
    for part in ("wealist", "modules"):
        shutil.copytree(project.ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__", ".terraform"))
    shutil.copy(project.ROOT / "main.py", copy)
    values = f"Environment.model_validate_json({added.model_dump_json()!r})"
    source = f"from wealist.spec.environment import Environment\n\nENVIRONMENT = {values}\n"
    (copy / "wealist" / "spec" / "environments" / f"{added.name}.py").write_text(source)
    out = copy / "cdktf.out"
    subprocess.run([sys.executable, "main.py"], cwd=copy, env=os.environ | {"CDKTF_OUTDIR": str(out)}, check=True)
    return out


def types_of(addresses: Iterable[str]) -> set[str]:
    """Return the types of resources, also of those in modules."""
    return {address.split(".")[-2] for address in addresses}
