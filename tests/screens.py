"""Writes `docs/screens/`, what operators see in terminals of two widths: `python -m tests.screens`.

the tests' environments, recorded plans ─► tables of `wealist check`, reviews, an error ─► NAME-WIDTH.txt
"""

from collections.abc import Callable, Iterator
from functools import cache, partial
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console

from tests import environments, plans
from tests.guarded import copied_modules, synthesis, with_modules_of
from wealist import progress
from wealist.checks import drill, iam, reachability, report, waivers
from wealist.checks.check import check
from wealist.checks.finding import Synthesis
from wealist.checks.rules import controls
from wealist.checks.tables import Table
from wealist.checks.waivers import Judged
from wealist.errors import unknown
from wealist.review import terminal
from wealist.review.command import reviewed
from wealist.review.options import Gate

FOLDER: Final = Path(__file__).parents[1] / "docs" / "screens"
WIDTHS: Final = (80, 120)
LINES: Final = 40
"""Lines of a long table that are kept."""


@cache
def _checked() -> tuple[Synthesis, Judged]:
    with TemporaryDirectory() as folder:
        copied_modules(Path(folder))
        found = with_modules_of(Path(folder), synthesis())
        return found, check(found)


def _check(console: Console) -> None:
    found, judged = _checked()
    report.show(console, found, "prod", judged, judged.failed)


@cache
def tables() -> dict[str, Table]:
    """The tables that `wealist check prod` prints, by what they show."""
    found, judged = _checked()
    prod, trusts = found.stacks["prod"], iam.trusts_of(found)
    return {
        "matrix": reachability.table(reachability.matrix(found, "prod")),
        "claims": reachability.claims_table("prod", judged.failed),
        "roles": iam.trust_table("prod", trusts["prod"]),
        "pipeline": iam.trust_table(iam.PIPELINE_STACK, trusts[iam.PIPELINE_STACK]),
        "controls": controls.table(controls.controls(Synthesis({"prod": prod}, found.environments), waivers.read())),
        "drill": drill.table("prod", drill.drill(found, "prod")),
        "rights": iam.rights_table(prod),
    }


def _table(console: Console, name: str) -> None:
    """The beginning of a table; the whole would repeat hundreds of facts."""
    with console.capture() as captured:
        console.print(tables()[name])
    lines = captured.get().splitlines()[:LINES]
    console.print("\n".join([*lines, "…"]), markup=False, highlight=False, soft_wrap=True)


def _review(console: Console, plan: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "plan.json")
        path.write_bytes(plans.text(plan))
        terminal.show(reviewed(path, gates=[Gate.STATEFUL]), console)


def _error(console: Console) -> None:
    progress.failure(unknown("environment", "prdo", environments.NAMES), console)


SCREENS: Final[dict[str, Callable[[Console], None]]] = {
    "check": _check,
    "check-controls": partial(_table, name="controls"),
    "check-drill": partial(_table, name="drill"),
    "check-rights": partial(_table, name="rights"),
    "plan-from-nothing": partial(_review, plan="prod-from-nothing"),
    "plan-dangerous": partial(_review, plan="dev-database-replaced"),
    "error": _error,
}


def screen(name: str, width: int) -> str:
    """What a terminal of this width shows."""
    shown = StringIO()
    SCREENS[name](Console(file=shown, width=width, force_terminal=False, color_system=None))
    return shown.getvalue()


def files() -> Iterator[tuple[Path, str, int]]:
    """Each file, with the name and the width of its screen."""
    for name in SCREENS:
        for width in WIDTHS:
            yield FOLDER / f"{name}-{width}.txt", name, width


if __name__ == "__main__":
    environments.use_them()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, name, width in files():
        path.write_text(screen(name, width), encoding="utf-8")
