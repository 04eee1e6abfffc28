"""Writes what operators see: `docs/screens/`, at two widths, and an excerpt in the README. `python -m tests.screens`.

the tests' environments ─► tables of `wealist check` ─┐
recorded plans ─► simulated commands on a terminal ────┴─► NAME-WIDTH.txt
"""

import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console

from tests import environments, simulated_commands
from tests.simulated_commands import Scene
from tests.syntheses import copy_modules, synthesis, with_modules
from tests.synthesized import environment
from tests.terminal import Terminal
from wealist.checks import drill, iam, reachability, report, waivers
from wealist.checks.check import check
from wealist.checks.finding import Synthesis
from wealist.checks.rules import controls, controls_table
from wealist.checks.tables import Table
from wealist.checks.waivers import CheckResult
from wealist.costs import report as costs
from wealist.costs.estimate import estimate

README: Final = Path(__file__).parents[1] / "README.md"
FOLDER: Final = README.parent / "docs" / "screens"
WIDTHS: Final = (80, 120)
LINES: Final = 40
"""Lines of a long table that are kept."""


@cache
def _checked() -> tuple[Synthesis, CheckResult]:
    with TemporaryDirectory() as folder:
        copy_modules(Path(folder))
        found = with_modules(Path(folder), synthesis())
        return found, check(found)


@cache
def tables() -> dict[str, Table]:
    """The tables that `wealist check prod` prints, by what they show."""
    found, judged = _checked()
    prod, trusts = found.stacks["prod"], iam.trust_rows(found)
    return {
        "matrix": reachability.matrix_table(reachability.matrix(found, "prod")),
        "claims": reachability.claims_table("prod", judged.failed),
        "roles": iam.trust_table("prod", trusts["prod"]),
        "pipeline": iam.trust_table(iam.PIPELINE_STACK, trusts[iam.PIPELINE_STACK]),
        "controls": controls_table(controls(Synthesis({"prod": prod}, found.environments), waivers.read())),
        "drill": drill.table("prod", drill.drill(found, "prod")),
        "rights": iam.rights_table(prod),
    }


def _printed(width: int, show: Callable[[Console], None]) -> list[str]:
    terminal = Terminal(width)
    show(Console(file=terminal, width=width, force_terminal=True))
    return terminal.shown().splitlines()


def _check(width: int) -> str:
    found, judged = _checked()
    lines = _printed(width, lambda console: report.show(console, found, "prod", judged, judged.failed))
    return "\n".join(["$ wealist check prod", *lines, ""])


def _costs(width: int) -> str:
    found = estimate(_checked()[0].stacks["prod"])
    lines = _printed(width, lambda console: costs.show(console, found))
    return "\n".join(["$ wealist costs prod", *lines, ""])


def _table(width: int, name: str) -> str:
    """The beginning of a table; the whole would repeat hundreds of facts."""
    lines = _printed(width, lambda console: console.print(tables()[name]))
    return "\n".join([f"$ wealist check prod --{name}", "…", *lines[:LINES], "…", ""])


def _scene(width: int, play: Callable[[Scene], object]) -> str:
    with simulated_commands.simulated_terminal(width) as scene:
        play(scene)
        return scene.shown()


def _first_plan(scene: Scene) -> None:
    scene.type_in("make plan")
    simulated_commands.set_up_everything(scene)
    simulated_commands.plan(scene, "prod-from-nothing")


def _second_plan(scene: Scene) -> None:
    scene.type_in("make plan")
    simulated_commands.plan(scene, "prod-from-nothing")


def _dangerous_plan(scene: Scene) -> None:
    scene.type_in("make plan ENV=dev")
    simulated_commands.plan(scene, "dev-database-replaced", is_kept=True)


def _apply_at_work(width: int) -> str:
    with simulated_commands.simulated_terminal(width) as scene:
        simulated_commands.apply(scene, "prod")
        return scene.at_work


def _accept(scene: Scene) -> None:
    prod = environment("prod")
    larger = prod.model_copy(update={"backend": prod.backend.model_copy(update={"max_size": 8})})
    simulated_commands.accept(scene, environment("dev"), larger)


SCREENS: Final[dict[str, Callable[[int], str]]] = {
    "accept": partial(_scene, play=_accept),
    "apply-emulated": partial(_scene, play=partial(simulated_commands.apply, stack="prod")),
    "apply-emulated-at-work": _apply_at_work,
    "check": _check,
    "check-controls": partial(_table, name="controls"),
    "check-drill": partial(_table, name="drill"),
    "check-rights": partial(_table, name="rights"),
    "costs": _costs,
    "error": partial(_scene, play=partial(simulated_commands.run_typed, line="wealist plan prdo --emulated")),
    "plan-dangerous": partial(_scene, play=_dangerous_plan),
    "plan-first": partial(_scene, play=_first_plan),
    "plan-second": partial(_scene, play=_second_plan),
}


@cache
def screen(name: str, width: int) -> str:
    """What a terminal of this width shows."""
    return SCREENS[name](width)


def files() -> Iterator[tuple[Path, str, int]]:
    """Each file, with the name and the width of its screen."""
    for name in SCREENS:
        for width in WIDTHS:
            yield FOLDER / f"{name}-{width}.txt", name, width


EXCERPT: Final = re.compile(r"(?<=shortened by `python -m tests.screens` -->\n```\n).+?(?=```\n)", re.DOTALL)
"""Where the README shows how a plan ends."""


def excerpt() -> str:
    """A plan's screen, shortened: its steps, the first finding, the first sections, the verdict."""
    lines = [line for line in screen("plan-second", 120).splitlines() if not line.startswith("warning: ")]
    (head,) = [number for number, line in enumerate(lines) if line.startswith("prod: ") and "to create" in line]
    (table,) = [number for number, line in enumerate(lines) if line.endswith(" to create")]
    parts = [lines[: head + 3], lines[table : table + 4], lines[-3:]]
    return "\n  …\n".join("\n".join(part) for part in parts) + "\n"


if __name__ == "__main__":
    environments.use_them()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, name, width in files():
        path.write_text(screen(name, width), encoding="utf-8")
    for path in set(FOLDER.iterdir()) - {path for path, _, _ in files()}:
        path.unlink()
    README.write_text(EXCERPT.sub(lambda _: excerpt(), README.read_text(encoding="utf-8"), count=1), encoding="utf-8")
