"""Commands of operators on a terminal, with everything played that takes time or differs between machines.

a clock that only work moves    ┐
Terraform, by plans of tests    ├─► the command itself: its steps, its review, its errors ─► Terminal
embedded AWS, synthesis, set-up ┘
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Self
from unittest.mock import patch

from rich.console import Console

from tests import plans
from tests.syntheses import synthesis
from tests.terminal import Terminal
from wealist import cli, progress, project, set_up
from wealist.checks import accepted
from wealist.checks.accepted import Accepted
from wealist.docs import write
from wealist.operations import accept as accepting
from wealist.operations import emulated, emulated_stacks
from wealist.operations import plan as planning
from wealist.operations.terraform import ApplyEvents
from wealist.operations.terraform_executable import Executable
from wealist.spec.environment import Environment

SECONDS: Final = {
    "create the virtualenv": 3,
    "install the packages": 21,
    "fill the caches": 6,
    "synthesize": 2.9,
    "start": 0.4,
    "init": 1.1,
    "pull": 0.9,
    "plan": 6.2,
    "show": 1.4,
    "resource": 0.3,
}
"""How long it takes on a quiet machine with two cores."""
KEPT: Final = {"AWS_ENDPOINT_URL": "http://127.0.0.1:41817"}
KNOWN_AFTER_APPLY: Final = "E2QWRUHAPOMQZL"


class Scene:
    """A terminal, a clock that only work moves, and a folder, in which commands are played."""

    def __init__(self, width: int, home: Path) -> None:
        self.terminal = Terminal(width)
        self.now = 0.0
        self.home = home
        self.console = Console(
            file=self.terminal,
            width=width,
            force_terminal=True,
            soft_wrap=True,
            highlight=False,
            emoji=False,
            get_time=self.time,
        )
        self.at_work = ""
        """What was shown half-way through the last apply."""

    def time(self) -> float:
        """Seconds of work so far."""
        return self.now

    def work(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def type_in(self, line: str) -> None:
        """Show a line behind the shell's prompt."""
        self.terminal.write(f"$ {line}\n")

    def shown(self) -> str:
        """What the terminal shows, wherever the folder is."""
        return self.terminal.shown().replace(str(self.home), "~/wealist")

    def keep(self, words: str) -> None:
        """Keep what is shown as soon as these words are: a thread draws the steps at work."""
        for _ in range(3000):
            if words in self.terminal.shown():
                self.at_work = self.shown()
                return
            threading.Event().wait(0.01)
        raise AssertionError(f"not shown within half a minute: {words}")


@contextmanager
def scene(width: int) -> Iterator[Scene]:
    """Play the commands that are typed in this context."""
    with TemporaryDirectory() as folder, ExitStack() as opened:
        played = Scene(width, Path(folder).resolve())
        work = played.home / ".wealist"
        for change in (
            redirect_stderr(played.terminal),
            redirect_stdout(played.terminal),
            patch.dict("os.environ", {"TERM": "xterm"}),
            patch("time.monotonic", played.time),
            patch("time.sleep", played.work),
            patch.object(Path, "cwd", lambda: played.home),
            patch.object(progress, "stderr", played.console),
            patch("wealist.review.command.Console", lambda: played.console),
            patch.object(project, "WORK", work),
            patch.object(planning, "WORK", work),
        ):
            opened.enter_context(change)
        yield played


def typed(played: Scene, line: str) -> None:
    """Type a command of ours, and run it to its end."""
    played.type_in(line)
    _run(line)


def _run(line: str) -> None:
    with patch.object(sys, "argv", line.split()), suppress(SystemExit):
        cli.main()


def set_up_everything(played: Scene) -> None:
    """Set up as on a fresh machine; installs nothing."""

    class Program:
        returncode = 0

        def __init__(self, arguments: Sequence[str], **_: object) -> None:
            self._ends = played.now + SECONDS[_title(arguments)]
            Path(played.home, ".venv", "bin").mkdir(parents=True, exist_ok=True)

        def poll(self) -> int | None:
            return None if played.now < self._ends else self.returncode

    def _title(arguments: Sequence[str]) -> str:
        named = {"venv": "create the virtualenv", "pip": "install the packages"}
        return named.get(arguments[2], "fill the caches")

    Path(played.home, "Pipfile.lock").write_text(Path(project.ROOT, "Pipfile.lock").read_text())
    with patch.object(set_up, "ROOT", played.home), patch.object(subprocess, "Popen", Program):
        set_up.main("0")


def plan(played: Scene, name: str, *, is_kept: bool = False) -> None:
    """Plan against the embedded AWS, by a recorded plan.

    Args:
        played: Where.
        name: Of the plan, which begins with that of its stack.
        is_kept: Whether the embedded AWS is kept up by another command.
    """
    stack = name.partition("-")[0]
    with (
        patch.object(planning, "EmulatedAws", _aws(played)),
        patch.object(planning, "shared_environment", lambda: KEPT if is_kept else None),
        patch.object(planning, "prepare", lambda folder: folder),
        patch.object(planning, "refuse_foreign_state", lambda *_: played.work(SECONDS["pull"])),
        patch.object(planning, "Terraform", _terraform(played, {stack: plans.plan(name)})),
        patch.object(project, "synthesize", _synthesize(played)),
        patch.object(project, "stack_folder", lambda stack: played.home / stack),
    ):
        _run(f"wealist plan {stack} --emulated")


def apply(played: Scene, stack: str) -> None:
    """Apply a stack to a new embedded AWS, and before it what it rests on."""
    created = {name: {"resource_changes": list(_created(name))} for name in synthesis().stacks}
    with (
        patch.object(emulated, "EmulatedAws", _aws(played)),
        patch.object(emulated, "shared_environment", lambda: None),
        patch.object(emulated_stacks, "find_terraform", lambda: Executable((), "1.11.4", "PATH")),
        patch.object(emulated_stacks, "prepare", lambda folder, **_: folder),
        patch.object(emulated_stacks, "refuse_foreign_state", lambda *_: played.work(SECONDS["pull"])),
        patch.object(emulated_stacks, "Terraform", _terraform(played, created)),
        patch.object(emulated_stacks.EmulatedStacks, "has", lambda *_: False),
        patch.object(project, "synthesize", _synthesize(played)),
    ):
        typed(played, f"wealist apply {stack} --emulated")


def accept(played: Scene, *changed: Environment) -> None:
    """Bring an inventory up to date that holds the environments of the tests, after a change of them."""
    before, now = synthesis(), synthesis(*changed)
    folder, names = played.home / "inventory", [each.name for each in changed]
    known = Accepted(before.holdings)
    accepted.accept(folder, before.holdings, names, before=known, destroyable=[])
    with (
        patch.object(write, "ROOT", played.home),
        patch.object(accepted, "FOLDER", folder),
        patch.object(accepting, "load_environments", lambda: changed),
        patch.object(accepting, "read_synthesis", lambda *_: replace(now, accepted=known)),
        patch.object(project, "synthesize_unproven", lambda _: played.work(SECONDS["synthesize"])),
    ):
        write.write(before)
        typed(played, "wealist accept")


def _created(stack: str) -> Iterator[dict[str, Any]]:
    for address, resource in synthesis().stacks[stack].resources.items():
        yield {"address": address, "mode": "managed", "type": resource.type, "change": {"actions": ["create"]}}


def _aws(played: Scene) -> Callable[..., Any]:
    class Aws:
        """An embedded AWS that nobody asks."""

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            """Nothing was started."""

        def environment(self) -> dict[str, str]:
            played.work(SECONDS["start"])
            return dict(KEPT)

    return lambda **_: Aws()


def _synthesize(played: Scene) -> Callable[..., None]:
    def synthesize(_: Path | None = None) -> None:
        played.work(SECONDS["synthesize"])
        for name, described in synthesis().environments.items():
            Path(played.home, name).mkdir(exist_ok=True)
            progress.print_output("".join(f"warning: {warning}\n" for warning in described.warnings))

    return synthesize


def _terraform(played: Scene, plans_of: Mapping[str, dict[str, Any]]) -> Callable[..., Any]:
    class Terraform:
        """Terraform with a plan for each stack."""

        executable = Executable((), "1.11.4", "PATH")

        def __init__(self, workdir: Path, **_: object) -> None:
            self.workdir = workdir
            workdir.mkdir(parents=True, exist_ok=True)

        def init_if_changed(self) -> None:
            played.work(SECONDS["init"])

        def init(self, *_: str) -> None:
            played.work(SECONDS["init"])

        def plan(self, *_: object) -> str:
            played.work(SECONDS["plan"])
            return ""

        def show_json(self, _: Path) -> dict[str, Any]:
            played.work(SECONDS["show"])
            return plans_of[self.workdir.name]

        def apply(self, _: Path, events: ApplyEvents) -> None:
            Path(self.workdir, "terraform.tfstate").touch()
            changes = plans_of[self.workdir.name]["resource_changes"]
            for done, change in enumerate(changes, start=1):
                played.work(SECONDS["resource"])
                events.read(json.dumps({"type": "apply_complete", "hook": {"action": "create", **change}}))
                if done == len(changes) // 2:
                    played.keep(f"{done} of {len(changes)} resources")
            made = {"add": len(changes), "change": 0, "remove": 0, "operation": "apply"}
            events.read(json.dumps({"type": "change_summary", "changes": made}))

        def run(self, *_: str, **__: bool) -> subprocess.CompletedProcess[str]:
            named = synthesis().stacks[self.workdir.name].document["output"]
            values = {
                name: {"value": _known(each["value"]), "sensitive": each.get("sensitive", False)}
                for name, each in named.items()
            }
            return subprocess.CompletedProcess((), 0, json.dumps(values), "")

    return Terraform


def _known(value: object) -> object:
    return KNOWN_AFTER_APPLY if isinstance(value, str) and value.startswith("${") else value
