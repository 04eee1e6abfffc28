"""Measure an edit of one environment in projects with an increasing number of environments. Part of `make bench`.

The time of `make unit` does not depend on the environments, because its tests have their own.
"""

import contextlib
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.environments import without
from tests.measured import Run, Subject, measure
from tests.unit.copies import copy_project
from tests.unit.spec.builders import QA

ENVIRONMENTS = (5, 10, 20, 40)
EDITED = ("max_size=2", "max_size=3")
COMMANDS = {
    "main.py": ("main.py",),
    "accept": ("-m", "wealist", "accept"),
    "check --all": ("-m", "wealist", "check", "--all"),
}
"""Commands after an edit, in order. The synthesis takes longer because the inventory is outdated."""


def growth(console: Console) -> None:
    """Measure copies of the project and print a table.

    Raises:
        SystemExit: A command failed.
    """
    table = Table(title="Edit of one environment: CPU seconds in total and per environment, peak MiB")
    for heading in ("environments", *COMMANDS):
        table.add_column(heading, justify="right")
    for count in ENVIRONMENTS:
        with console.status(f"{count} environments ..."), tempfile.TemporaryDirectory() as folder:
            runs = _edit(copy_project(Path(folder, "project")), count)
        cells = (f"{run.busy:.1f}, {run.busy / count:.2f}, {run.memory:.0f}" for run in runs)
        table.add_row(str(count), *cells)
    console.print(table)


def _edit(project: Path, count: int) -> list[Run]:
    """Measure each command after an edit of the first of `count` environments."""
    folder = without(project)
    for number in range(1, count + 1):
        source = QA.replace("qa", f"env{number:02}").replace("10.7.0.0/16", f"10.{number}.0.0/16")
        (folder / f"env{number:02}.py").write_text(source)
    with contextlib.chdir(project):
        _measured("accept", project)
        first = folder / "env01.py"
        first.write_text(first.read_text().replace(*EDITED))
        return [_measured(name, project) for name in COMMANDS]


def _measured(name: str, project: Path) -> Run:
    return measure(Subject(name, {}, runs=1, arguments=COMMANDS[name]), str(project / "cdktf.out"))


if __name__ == "__main__":
    growth(Console())
