"""Run Terraform in one folder, and report its failures as an operator can act on them.

`python -m wealist.operations.terraform COMMAND …` runs one command in the current folder.

apply -json ─► ApplyEvents ─┬ apply_complete ─► the step's count
                            ├ change_summary ─► the expected total; at the end, the result
                            └ diagnostic ─────► error messages
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from wealist import progress
from wealist.errors import BAD_INPUT, OperatorError, ToolFailedError, from_os_error, os_error_in
from wealist.operations.provider_mirror import CLI_CONFIG, SETTING, cli_settings
from wealist.operations.terraform_executable import Executable, find_terraform, process_environment
from wealist.progress import Step

REGISTRY_UNREACHABLE: Final = re.compile(r"Failed to query available provider packages|could not connect to registry")
OTHER_VERSION: Final = re.compile(r"locked\s+provider\s+\S+\s+\S+\s+does\s+not\s+match")
OTHER_PROVIDER: Final = re.compile(r"match any of the\s+checksums")
NO_HASHES: Final = re.compile(r"Error: Provider dependency changes detected")
BACKEND_CHANGED: Final = re.compile(r"Error: Backend configuration changed")
STATE_UNREADABLE: Final = re.compile(r"Error: (Error refreshing state|Invalid legacy provider address)")
"""`init` reads the state for the providers that it names."""
NO_CREDENTIALS: Final = re.compile(r"No valid credential sources? found")
CHECK_NOT_KNOWN: Final = re.compile(
    r"\n?Warning: Check block assertion known after apply\n.*?known\s+when\s+this\s+plan\s+is\s+applied\.\n", re.DOTALL
)
"""Terraform prints this warning at every first apply: the assertion is checked during the apply."""
LOCK: Final = ".terraform.lock.hcl"
INIT_DIGEST: Final = ".terraform/initialized"
"""Holds the digest of the files that the last `init` read."""
PROVIDERS: Final = ".terraform/providers/*/*/*/*/*"


class ApplyEvents:
    """Progress and errors of `apply -json` and `destroy -json`, one JSON object per line.

    https://developer.hashicorp.com/terraform/internals/machine-readable-ui

    Attributes:
        messages: Errors as Terraform prints them for people, and lines that are not JSON.
    """

    def __init__(self, step: Step, total: int = 0) -> None:
        """Start at zero.

        Args:
            step: Shows the count.
            total: The number of changes. `apply` of a plan file does not report it; `destroy` does.
        """
        self._step = step
        self._total = total
        self._done = 0
        self.messages = ""

    def read(self, line: str) -> None:
        """Process the next line."""
        try:
            event = json.loads(line)
            kind = event["type"]
        except (ValueError, LookupError, TypeError):
            self.messages += line
            return
        if kind == "apply_complete" and event["hook"].get("action") != "read":
            self._done += 1
            self._step.count(self._done, max(self._done, self._total), "resources")
        elif kind == "change_summary":
            self._summarize(event["changes"])
        elif kind == "diagnostic" and event["diagnostic"]["severity"] == "error":
            self.messages += _message(event["diagnostic"])

    def _summarize(self, counts: Mapping[str, Any]) -> None:
        if counts.get("operation") == "plan":
            self._total = sum(counts.get(each, 0) for each in ("add", "change", "remove"))
        else:
            self._step.add(f"({counts['add']} added, {counts['change']} changed, {counts['remove']} destroyed)")


def _message(diagnostic: Mapping[str, Any]) -> str:
    address = diagnostic.get("address")
    place = f"  with {address}\n\n" if address else ""
    return f"Error: {diagnostic['summary']}\n\n{place}{diagnostic.get('detail', '')}\n\n"


class Terraform:
    """Terraform in one work folder.

    Attributes:
        workdir: The folder.
        executable: The Terraform that runs.
        env: The process environment that it runs in.
    """

    def __init__(
        self, workdir: Path, *, env: Mapping[str, str] | None = None, executable: Executable | None = None
    ) -> None:
        """Prepare; run nothing yet.

        Args:
            workdir: The folder with the configuration.
            env: The complete process environment. Defaults to this process's own.
            executable: The Terraform to run. Defaults to `find_terraform()`.
        """
        environ = os.environ if env is None else env
        self.workdir = workdir
        self.executable = executable or find_terraform()
        self.env = process_environment(environ) | cli_settings(environ)

    def run(
        self, *args: str, capture: bool = False, check: bool = True, watch: Callable[[str], None] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one command.

        Args:
            args: The command and its arguments.
            capture: Return stdout and stderr instead of showing them.
            check: Raise `ToolFailedError` on failure. Terraform's stderr is shown in either case.
            watch: Called with each line of stdout and stderr. Nothing is shown; both are returned as stdout.
        """
        colour = () if not (capture or watch) and _shows_colours() else ("-no-color",)
        argv = [*self.executable.argv, *args, *colour]
        stdout = subprocess.PIPE if capture or watch else None
        stderr = subprocess.STDOUT if watch else stdout
        with subprocess.Popen(argv, cwd=self.workdir, env=self.env, stdout=stdout, stderr=stderr, text=True) as process:
            try:
                printed = _read_lines(process, watch) if watch else process.communicate()
            except KeyboardInterrupt:
                # The terminal interrupts Terraform, too. Wait until it has released the state's lock.
                process.communicate()
                raise
        done = subprocess.CompletedProcess(argv, process.returncode, *(text or "" for text in printed))
        if check and done.returncode:
            _raise_os_error(done.stderr)
            sys.stderr.write(done.stderr)
            raise ToolFailedError(done.returncode, done.stderr)
        return done

    def init_if_changed(self) -> None:
        """Run `init -reconfigure` if its inputs changed since the last time.

        Only for the embedded AWS. Against AWS, `init` must run each time: it reports a changed backend.
        """
        now = self._init_inputs()
        kept = self.workdir / INIT_DIGEST
        if kept.is_file() and kept.read_text() == now and _all_exist(self.workdir.glob(PROVIDERS)):
            return
        self.init("-reconfigure")
        kept.write_text(self._init_inputs())  # `init` has rewritten the lock file

    def _init_inputs(self) -> str:
        """Return a digest of what `init` depends on: requirements, backend, modules, lock file, Terraform's version."""
        document = json.loads((self.workdir / "cdk.tf.json").read_text(encoding="utf-8"))
        read = {name: document.get(name) for name in ("terraform", "module")}
        files = [*self.workdir.glob("*_override.tf.json"), self.workdir / LOCK]
        files += [*self.workdir.glob("modules/*/*.tf"), Path(self.env.get(CLI_CONFIG, ""))]
        parts = [file.read_bytes() for file in sorted(files) if file.is_file()]
        text = json.dumps([read, self.executable.argv, self.executable.version])
        return hashlib.sha256(b"\0".join([text.encode(), *parts])).hexdigest()

    def init(self, *args: str) -> None:
        """Install the provider and connect the backend. Show Terraform's output only if it fails."""
        (self.workdir / INIT_DIGEST).unlink(missing_ok=True)
        done = self.run("init", *args, capture=True, check=False)
        if done.returncode == 0:
            return
        _raise_provider_error(done.stderr, self.workdir)
        _raise_backend_error(done.stderr, self.workdir)
        _raise_os_error(done.stderr)
        sys.stderr.write(done.stdout + done.stderr)
        if STATE_UNREADABLE.search(done.stderr):
            raise unreadable_state(self.workdir.name)
        raise ToolFailedError(done.returncode, done.stderr)

    def plan(self, out: Path, *options: str) -> str:
        """Plan into a file. Return what Terraform prints, without `CHECK_NOT_KNOWN`."""
        planned = self.run("plan", f"-out={out.absolute()}", *options, capture=True)
        return CHECK_NOT_KNOWN.sub("", planned.stdout)

    def apply(self, plan_file: Path, events: ApplyEvents) -> None:
        """Apply a plan file of this folder."""
        self._run_with_events("apply", str(plan_file.absolute()), events=events)

    def destroy(self, events: ApplyEvents) -> None:
        """Destroy every resource in the state."""
        self._run_with_events("destroy", "-auto-approve", events=events)

    def _run_with_events(self, command: str, *args: str, events: ApplyEvents) -> None:
        done = self.run(command, "-json", *args, watch=events.read, check=False)
        if done.returncode:
            sys.stderr.write(events.messages)
            _raise_os_error(events.messages)
            raise ToolFailedError(done.returncode, events.messages)

    def show_json(self, plan_file: Path) -> dict[str, Any]:
        """Return a plan file as data: https://developer.hashicorp.com/terraform/internals/json-format."""
        shown = self.run("show", "-json", str(plan_file.absolute()), capture=True)
        plan: dict[str, Any] = json.loads(shown.stdout)
        return plan

    def state(self) -> dict[str, Any]:
        """Return the state, from the configured backend. A missing state has no resources."""
        pulled = self.run("state", "pull", capture=True)
        state: dict[str, Any] = {"resources": []}
        # Terraform prints nothing for a missing local state, and an empty state for a missing one in S3.
        return json.loads(pulled.stdout) if pulled.stdout.strip() else state


def _raise_provider_error(printed: str, workdir: Path) -> None:
    if OTHER_VERSION.search(printed):
        raise OperatorError(
            f"{workdir / LOCK} locks another version of the AWS provider than the stack requires",
            remedy="delete it, and synthesize again",
        )
    if REGISTRY_UNREACHABLE.search(printed):
        raise OperatorError(
            "Terraform can install the AWS provider neither from a mirror nor from its registry",
            remedy=f"allow access to registry.terraform.io, or set {SETTING} to a mirror of it",
        )
    if OTHER_PROVIDER.search(printed):
        raise OperatorError(
            "the AWS provider that Terraform found matches none of the committed hashes, and was not run",
            remedy=f"find out who changed it, or set {SETTING} to a mirror of the registry; an unpacked provider "
            "for another platform than linux_amd64 needs a hash of its own (docs/pipeline.md)",
        )
    if NO_HASHES.search(printed):
        raise OperatorError(
            f"no hashes are committed for the version of the AWS provider that {workdir.name} requires",
            remedy="write wealist/toolkit/provider.lock.hcl as docs/pipeline.md says, and commit it",
            exit_code=BAD_INPUT,
        )


def _raise_backend_error(printed: str, workdir: Path) -> None:
    if BACKEND_CHANGED.search(printed):
        raise OperatorError(
            f"{workdir} is still connected to another state than its configuration names",
            remedy="move the state first (README, Recovery); `-reconfigure` would start with another state",
        )
    if NO_CREDENTIALS.search(printed):
        raise OperatorError(
            "there are no AWS credentials: Terraform cannot read the state",
            remedy=f"log in (aws sso login) or export the credentials of the account; `wealist plan {workdir.name} "
            "--emulated` needs none",
        )


def _raise_os_error(printed: str) -> None:
    """Raise an `OperatorError` if Terraform reports a full disk, or a folder that is not writable."""
    if error := os_error_in(printed):
        raise from_os_error(error)


def _shows_colours() -> bool:
    """Return whether stdout is a terminal with colours, and neither `NO_COLOR` nor `TERM=dumb` is set."""
    console = Console()
    return console.color_system is not None and not console.no_color


def _read_lines(process: "subprocess.Popen[str]", watch: Callable[[str], None]) -> tuple[str, str]:
    lines = []
    for line in process.stdout or ():
        lines.append(line)
        watch(line)
    process.wait()
    return "".join(lines), ""


def _all_exist(programs: Iterable[Path]) -> bool:
    """Return whether there is at least one, and none is a link to a missing file, such as in a deleted mirror."""
    found = [program.exists() for program in programs]
    return bool(found) and all(found)


def unreadable_state(stack: str) -> OperatorError:
    """Return the error for a state that Terraform cannot read. Terraform's own message has been shown."""
    return OperatorError(
        f"the state of {stack} cannot be read, and nothing was planned or applied; see Terraform's message above",
        remedy="where it was damaged, restore its last good version (README, Recovery); where another system wrote it, "
        "move it to a key of its own; else remove the cause that Terraform names",
        exit_code=BAD_INPUT,
    )


if __name__ == "__main__":
    # For the Makefile: any command, with this project's settings.
    progress.run_program(lambda: Terraform(Path.cwd()).run(*sys.argv[1:], check=False).returncode)
