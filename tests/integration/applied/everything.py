"""Everything applied to one embedded AWS, for as long as a test session lasts, and what tests ask of it.

    applied.client("ec2")          boto3, against the embedded AWS
    applied.terraform("dev")       Terraform in dev's work folder, ready to run: run(), plan(), apply()
    applied.plan("dev")            the plan of dev as data; options of `terraform plan` may follow
    applied.environment()          the environment variables that lead to this AWS
    applied.variant(…)             dev as it might be, for as long as the block lasts; apply it, and it is put back
    applied.with_one_more(…)       every stack as it is with one more environment, for plans
    applied.printed                everything that Terraform printed so far

A test leaves everything as it found it.
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
"""For plans whose claim is about settings: nothing changed in AWS since the last plan or apply."""


SHOWS_VALUES = (("show", "-json"), ("state", "pull"))
"""Commands whose output is a plan or a state with every value in it: asked for by programs, never left anywhere."""


class Recorded(Terraform):
    """Terraform that keeps what it prints."""

    printed: list[str]

    def run(
        self, *args: str, capture: bool = False, check: bool = True, watch: Callable[[str], None] | None = None
    ) -> subprocess.CompletedProcess[str]:
        done = super().run(*args, capture=True, check=False, watch=watch)
        stdout = "" if args[:2] in SHOWS_VALUES else done.stdout
        self.printed.append(f"terraform {' '.join(args)}\n{stdout}{done.stderr}")
        if not (capture or watch):
            sys.stdout.write(stdout)
        if check and done.returncode:
            sys.stderr.write(done.stderr)
            raise ToolFailedError(done.returncode, done.stderr)
        return done


class Applied(EmulatedStacks):
    """A life with its first plans kept, and with changes of settings that are put back."""

    def __init__(self, environ: Mapping[str, str], *, stacks: Path, base: Path) -> None:
        super().__init__(environ, stacks=stacks, base=base)
        self.base = base
        self.first: dict[str, dict[str, Any]] = {}
        """The plan that each stack was first applied by."""
        self.printed: list[str] = []
        """What every Terraform printed on stdout and stderr, but for plans and states that were asked for as data."""

    def build(self) -> None:
        """Apply every stack, as an operator would, dev and prod at the same time."""
        self.first = {stack: self.apply(stack) for stack in (BOOTSTRAP, ACCOUNT)}
        self.first |= run_concurrently(self.apply, ["prod", "dev"])

    @contextmanager
    def variant(self, **settings: Any) -> Iterator[None]:
        """Take dev with other settings. What was applied in the block is undone by applying dev as it was before."""
        before = self.folder("dev")
        out = Path(mkdtemp(prefix="variant-", dir=self.base))
        project.synthesize_variant(environment("dev", **settings).model_dump_json(), out)
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
        """Take every stack as `main.py` makes it when an environment is added. For plans: nothing is undone."""
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
        """A stack's state, from the bucket."""
        stored = self.client("s3").get_object(Bucket=STATE_BUCKET, Key=state_key(stack))
        return dict(json.loads(stored["Body"].read()))

    def _prepare(self, stack: str) -> Terraform:
        ready = super()._prepare(stack)
        recorded = Recorded(ready.workdir, env=self.environment(), executable=ready.executable)
        recorded.printed = self.printed
        return recorded

    def serial(self, stack: str) -> int:
        """The number of a stack's state: raised by every change."""
        return int(self.state(stack)["serial"])


def environment(committed: str, **changed: Any) -> Environment:
    """A committed environment, with other settings."""
    (found,) = load([committed])
    return found.model_copy(update=changed)


def synthesized_with(added: Environment, copy: Path) -> Path:
    """What `main.py` writes in a copy of the project that has one more file, that of an environment."""
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
    """The types of some resources of a stack, those of modules too."""
    return {address.split(".")[-2] for address in addresses}
