"""The columns of the matrix, and their virtualenvs.

columns.toml + Pipfile.lock ─► .wealist/virtualenvs/<column>/bin/python, which has WEALIST_LIBRARY set and the aliases

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
    """One column.

    Attributes:
        name: Names its virtualenv and its differences.
        library: The value of WEALIST_LIBRARY.
        provider: The version of the AWS provider that its bindings were made for.
        packages: Requirements in place of the lock's.
        left_out: Packages of the lock that it has not.
        fails: Unit tests that fail with its bindings → why.
    """

    name: str
    library: str
    provider: str
    packages: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    fails: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def python(self) -> Path:
        """Its Python."""
        return python_in(place(self.name, self.requirements())) if self.packages else Path(sys.executable)

    @property
    def archive(self) -> Path:
        """Its bindings' archive for Node, which holds their schema."""
        asked = "from wealist import library; print(library.package_folder(library.selected_library().bindings))"
        bindings = Path(self.ask(asked))
        (archive,) = (bindings / "_jsii").glob("*.jsii.tgz")
        return archive

    def ask(self, program: str) -> str:
        """Run a program with its Python. Returns what it prints."""
        done = subprocess.run([self.python, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def requirements(self) -> list[str]:
        """What pip installs, a line each."""
        lock: dict[str, Any] = json.loads((ROOT / "Pipfile.lock").read_text(encoding="utf-8"))
        without = {*self.left_out, *(each.partition("==")[0] for each in self.packages)}
        return [*(line for line in requirements(lock) if line.partition("==")[0] not in without), *self.packages]


def columns() -> list[Column]:
    """Return every column, the default first."""
    rows = tomllib.loads((HERE / "columns.toml").read_text(encoding="utf-8"))
    return [Column(name, **{key: _frozen(value) for key, value in row.items()}) for name, row in rows.items()]


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def set_up(column: Column) -> None:
    """Install a column where it is not there yet."""
    if column.packages:
        install(column.name, column.requirements(), lambda _: _finish(column))


def _finish(column: Column) -> None:
    """Have every Python of a column choose its library, without variables, which tests take from what they start."""
    if column.library != DEFAULT:
        packages = Path(column.ask("import sysconfig; print(sysconfig.get_path('purelib'))"))
        shutil.copy(HERE / "aliases.py", packages / f"{_ALIASES}.py")
        chosen = f"import os, {_ALIASES}; os.environ.setdefault({SETTING!r}, {column.library!r})\n"
        (packages / f"{_ALIASES}.pth").write_text(chosen, encoding="utf-8")
    run(f"{column.name}: fill the caches", [[str(column.python), "-m", "wealist.toolkit.warm_up"]])
