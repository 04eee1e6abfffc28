"""The columns of the matrix, and their virtualenvs.

columns.toml + Pipfile.lock ─► .wealist/virtualenvs/<column>/bin/python, with WEALIST_LIBRARY and aliases set

The default column is `.venv`, as `make setup` installs it.
"""

import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.virtualenvs import install, place, python_in
from wealist.library import DEFAULT, SETTING
from wealist.project import ROOT
from wealist.set_up import requirements, run

HERE: Final = Path(__file__).parent
_ALIASES: Final = "wealist_aliases"


@dataclass(frozen=True)
class Column:
    """A library with its bindings.

    Attributes:
        name: The name of the virtualenv and of the column in the TOML files.
        library: The value of WEALIST_LIBRARY.
        provider: The AWS provider version of the bindings.
        packages: Requirements that replace those of the lock.
        left_out: Packages of the lock that are not installed.
        fails: Unit tests that fail with the bindings → the reason.
    """

    name: str
    library: str
    provider: str
    packages: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    fails: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def python(self) -> Path:
        """The Python of the virtualenv."""
        return python_in(place(self.name, self.requirements())) if self.packages else Path(sys.executable)

    @property
    def archive(self) -> Path:
        """The bindings' archive for Node.js, which contains their schema."""
        program = "from wealist import library; print(library.package_folder(library.selected_library().bindings))"
        bindings = Path(self.output_of(program))
        (archive,) = (bindings / "_jsii").glob("*.jsii.tgz")
        return archive

    def output_of(self, program: str) -> str:
        """Run a program with the column's Python, and return its output."""
        done = subprocess.run([self.python, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def requirements(self) -> list[str]:
        """Return the lines of pip's requirements file."""
        lock: dict[str, Any] = json.loads((ROOT / "Pipfile.lock").read_text(encoding="utf-8"))
        replaced = {*self.left_out, *(each.partition("==")[0] for each in self.packages)}
        return [*(line for line in requirements(lock) if line.partition("==")[0] not in replaced), *self.packages]


def columns() -> list[Column]:
    """Return every column, the default first."""
    rows = tomllib.loads((HERE / "columns.toml").read_text(encoding="utf-8"))
    return [Column(name, **{key: _frozen(value) for key, value in row.items()}) for name, row in rows.items()]


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def set_up(column: Column) -> None:
    """Install a column if it is missing."""
    if column.packages:
        install(column.name, column.requirements(), lambda _: _finish(column))


def _finish(column: Column) -> None:
    """Make the column's Python select its library without a process environment, which tests do not pass on."""
    if column.library != DEFAULT:
        packages = Path(column.output_of("import sysconfig; print(sysconfig.get_path('purelib'))"))
        shutil.copy(HERE / "aliases.py", packages / f"{_ALIASES}.py")
        chosen = f"import os, {_ALIASES}; os.environ.setdefault({SETTING!r}, {column.library!r})\n"
        (packages / f"{_ALIASES}.pth").write_text(chosen, encoding="utf-8")
    run(f"{column.name}: fill the caches", [[str(column.python), "-m", "wealist.toolkit.warm_up"]])
