"""Times an edit of one environment beside ever more others. Part of `make bench`.

What `make unit` takes does not depend on the environments: its tests have their own.
"""

import contextlib
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.measured import Run, Subject, measure
from tests.unit.copies import copy_project

ENVIRONMENTS = (5, 10, 20, 40)
EDITED = ("log_retention_days=30", "log_retention_days=90")
SOURCE = """
from wealist.spec.environment import Backend, Endpoint, Environment, ManagedDatabase, Network

ENVIRONMENT = Environment(
    name="env{number:02}",
    may_be_destroyed=True,
    enable_multi_az=False,
    network=Network(cidr="10.{number}.0.0/16"),
    site=Endpoint(domain="env{number:02}.wealist.co.kr"),
    api=Endpoint(domain="api.env{number:02}.wealist.co.kr"),
    backend=Backend(min_size=1, max_size=2, desired_capacity=1),
    database=ManagedDatabase(),
    log_retention_days=30,
)
"""
COMMANDS = {
    "main.py": ("main.py",),
    "accept": ("-m", "wealist", "accept"),
    "check --all": ("-m", "wealist", "check", "--all"),
}
"""What follows an edit, in order. The synthesis finds an inventory that is not current, which takes it longer."""


def growth(console: Console) -> None:
    """Measure copies of the project with more and more environments, and print them.

    Raises:
        SystemExit: a command failed.
    """
    table = Table(title="An edit of one environment: seconds of processor, for each environment, and MiB (peak)")
    for heading in ("environments", *COMMANDS):
        table.add_column(heading, justify="right")
    for count in ENVIRONMENTS:
        with console.status(f"{count} environments ..."), tempfile.TemporaryDirectory() as folder:
            runs = _edit(copy_project(Path(folder, "project")), count)
        cells = (f"{run.busy:.1f}, {run.busy / count:.2f}, {run.memory:.0f}" for run in runs)
        table.add_row(str(count), *cells)
    console.print(table)


def _edit(project: Path, count: int) -> list[Run]:
    """What each command takes after an edit of the first environment of so many."""
    folder = project / "wealist" / "spec" / "environments"
    for path in folder.glob("*.py"):
        if path.name != "__init__.py":
            path.unlink()
    for number in range(1, count + 1):
        (folder / f"env{number:02}.py").write_text(SOURCE.format(number=number))
    with contextlib.chdir(project):
        _measured("accept", project)
        first = folder / "env01.py"
        first.write_text(first.read_text().replace(*EDITED))
        return [_measured(name, project) for name in COMMANDS]


def _measured(name: str, project: Path) -> Run:
    return measure(Subject(name, {}, runs=1, arguments=COMMANDS[name]), str(project / "cdktf.out"))


if __name__ == "__main__":
    growth(Console())
