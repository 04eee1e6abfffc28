"""Run operators' commands on a simulated terminal, without anything that takes time or differs between machines.

a clock that only `work` advances ┐
Terraform, by recorded plans      ├─► the command itself: its steps, its review, its errors ─► Terminal
embedded AWS, synthesis, set-up   ┘
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
"""Simulated durations: those of an idle machine with two cores."""
KEPT: Final = {"AWS_ENDPOINT_URL": "http://127.0.0.1:41817"}
KNOWN_AFTER_APPLY: Final = "E2QWRUHAPOMQZL"


class Scene:
    """A terminal, a clock that only `work` advances, and a folder for commands."""

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
        """The screen half-way through the last apply."""

    def time(self) -> float:
        """Return the simulated seconds since the start."""
        return self.now

    def work(self, seconds: float) -> None:
        """Advance the clock."""
        self.now += seconds

    def type_in(self, line: str) -> None:
        """Show a line after the shell's prompt."""
        self.terminal.write(f"$ {line}\n")

    def shown(self) -> str:
        """Return the screen, with `~/wealist` for the folder."""
        return self.terminal.shown().replace(str(self.home), "~/wealist")

    def capture(self, words: str) -> None:
        """Wait until a thread has drawn some words, and store the screen in `at_work`."""
        for _ in range(3000):
            if words in self.terminal.shown():
                self.at_work = self.shown()
                return
            threading.Event().wait(0.01)
        raise AssertionError(f"not shown within 30 seconds: {words}")


@contextmanager
def simulated_terminal(width: int) -> Iterator[Scene]:
    """Yield a scene, and simulate the commands that run in this context."""
    with TemporaryDirectory() as folder, ExitStack() as opened:
        scene = Scene(width, Path(folder).resolve())
        work = scene.home / ".wealist"
        for change in (
            redirect_stderr(scene.terminal),
            redirect_stdout(scene.terminal),
            patch.dict("os.environ", {"TERM": "xterm"}),
            patch("time.monotonic", scene.time),
            patch("time.sleep", scene.work),
            patch.object(Path, "cwd", lambda: scene.home),
            patch.object(progress, "stderr", scene.console),
            patch("wealist.review.command.Console", lambda: scene.console),
            patch.object(project, "WORK", work),
            patch.object(planning, "WORK", work),
        ):
            opened.enter_context(change)
        yield scene


def run_typed(scene: Scene, line: str) -> None:
    """Type a `wealist` command, and run it."""
    scene.type_in(line)
    _run(line)


def _run(line: str) -> None:
    with patch.object(sys, "argv", line.split()), suppress(SystemExit):
        cli.main()


def set_up_everything(scene: Scene) -> None:
    """Run the set-up of a new machine, without installing anything."""

    class Program:
        returncode = 0

        def __init__(self, arguments: Sequence[str], **_: object) -> None:
            self._ends = scene.now + SECONDS[_title(arguments)]
            Path(scene.home, ".venv", "bin").mkdir(parents=True, exist_ok=True)

        def poll(self) -> int | None:
            return None if scene.now < self._ends else self.returncode

    def _title(arguments: Sequence[str]) -> str:
        named = {"venv": "create the virtualenv", "pip": "install the packages"}
        return named.get(arguments[2], "fill the caches")

    Path(scene.home, "Pipfile.lock").write_text(Path(project.ROOT, "Pipfile.lock").read_text())
    with patch.object(set_up, "ROOT", scene.home), patch.object(subprocess, "Popen", Program):
        set_up.main("0")


def plan(scene: Scene, name: str, *, is_kept: bool = False) -> None:
    """Run `wealist plan STACK --emulated` with a recorded plan.

    Args:
        scene: The terminal.
        name: The name of the plan, which begins with that of its stack.
        is_kept: Whether another command keeps an embedded AWS running.
    """
    stack = name.partition("-")[0]
    with (
        patch.object(planning, "EmulatedAws", _aws(scene)),
        patch.object(planning, "shared_environment", lambda: KEPT if is_kept else None),
        patch.object(planning, "prepare", lambda folder: folder),
        patch.object(planning, "refuse_foreign_state", lambda *_: scene.work(SECONDS["pull"])),
        patch.object(planning, "Terraform", _terraform(scene, {stack: plans.plan(name)})),
        patch.object(project, "synthesize", _synthesize(scene)),
        patch.object(project, "stack_folder", lambda stack: scene.home / stack),
    ):
        _run(f"wealist plan {stack} --emulated")


def apply(scene: Scene, stack: str) -> None:
    """Run `wealist apply STACK --emulated` with a new embedded AWS, shared stacks first."""
    created = {name: {"resource_changes": list(_created(name))} for name in synthesis().stacks}
    with (
        patch.object(emulated, "EmulatedAws", _aws(scene)),
        patch.object(emulated, "shared_environment", lambda: None),
        patch.object(emulated_stacks, "find_terraform", lambda: Executable((), "1.11.4", "PATH")),
        patch.object(emulated_stacks, "prepare", lambda folder, **_: folder),
        patch.object(emulated_stacks, "refuse_foreign_state", lambda *_: scene.work(SECONDS["pull"])),
        patch.object(emulated_stacks, "Terraform", _terraform(scene, created)),
        patch.object(emulated_stacks.EmulatedStacks, "has", lambda *_: False),
        patch.object(project, "synthesize", _synthesize(scene)),
    ):
        run_typed(scene, f"wealist apply {stack} --emulated")


def accept(scene: Scene, *changed: Environment) -> None:
    """Run `wealist accept` after a change of the tests' environments."""
    before, now = synthesis(), synthesis(*changed)
    folder, names = scene.home / "inventory", [each.name for each in changed]
    known = Accepted(before.holdings)
    accepted.accept(folder, before.holdings, names, before=known, destroyable=[])
    with (
        patch.object(write, "ROOT", scene.home),
        patch.object(accepted, "FOLDER", folder),
        patch.object(accepting, "load_environments", lambda: changed),
        patch.object(accepting, "read_synthesis", lambda *_: replace(now, accepted=known)),
        patch.object(project, "synthesize_unproven", lambda _: scene.work(SECONDS["synthesize"])),
    ):
        write.write(before)
        run_typed(scene, "wealist accept")


def _created(stack: str) -> Iterator[dict[str, Any]]:
    for address, resource in synthesis().stacks[stack].resources.items():
        yield {"address": address, "mode": "managed", "type": resource.type, "change": {"actions": ["create"]}}


def _aws(scene: Scene) -> Callable[..., Any]:
    class Aws:
        """An embedded AWS that receives no requests."""

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            """Nothing was started."""

        def environment(self) -> dict[str, str]:
            scene.work(SECONDS["start"])
            return dict(KEPT)

    return lambda **_: Aws()


def _synthesize(scene: Scene) -> Callable[..., None]:
    def synthesize(_: Path | None = None) -> None:
        scene.work(SECONDS["synthesize"])
        for name, described in synthesis().environments.items():
            Path(scene.home, name).mkdir(exist_ok=True)
            progress.print_output("".join(f"warning: {warning}\n" for warning in described.warnings))

    return synthesize


def _terraform(scene: Scene, plans_of: Mapping[str, dict[str, Any]]) -> Callable[..., Any]:
    class Terraform:
        """A Terraform with a recorded plan for each stack."""

        executable = Executable((), "1.11.4", "PATH")

        def __init__(self, workdir: Path, **_: object) -> None:
            self.workdir = workdir
            workdir.mkdir(parents=True, exist_ok=True)

        def init_if_changed(self) -> None:
            scene.work(SECONDS["init"])

        def init(self, *_: str) -> None:
            scene.work(SECONDS["init"])

        def plan(self, *_: object) -> str:
            scene.work(SECONDS["plan"])
            return ""

        def show_json(self, _: Path) -> dict[str, Any]:
            scene.work(SECONDS["show"])
            return plans_of[self.workdir.name]

        def apply(self, _: Path, events: ApplyEvents) -> None:
            Path(self.workdir, "terraform.tfstate").touch()
            changes = plans_of[self.workdir.name]["resource_changes"]
            for done, change in enumerate(changes, start=1):
                scene.work(SECONDS["resource"])
                events.read(json.dumps({"type": "apply_complete", "hook": {"action": "create", **change}}))
                if done == len(changes) // 2:
                    scene.capture(f"{done} of {len(changes)} resources")
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
