"""The columns of the matrix, and their virtualenvs below `.wealist/matrix`.

columns.toml + Pipfile.lock ─► .wealist/matrix/<column>/bin/python, which has WEALIST_LIBRARY set and the aliases

The default column is `.venv`, as `make setup` installs it.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from wealist.library import DEFAULT, SETTING
from wealist.project import ROOT, WORK
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
        return self.folder / "bin" / "python" if self.packages else Path(sys.executable)

    @property
    def folder(self) -> Path:
        """Its virtualenv, whose name tells what it holds."""
        digest = hashlib.sha256("\n".join(self.requirements()).encode()).hexdigest()[:8]
        return WORK / "matrix" / f"{self.name}-{digest}"

    @property
    def archive(self) -> Path:
        """Its bindings' archive for Node, which holds their schema."""
        asked = "from wealist import library; print(library.folder(library.chosen().bindings))"
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
    """Install a column where it is not there yet, and remove what it held with another lock."""
    ready = column.folder / ".installed"
    if not column.packages or ready.exists():
        return
    for old in column.folder.parent.glob(f"{column.name}-????????"):
        shutil.rmtree(old)
    run(f"{column.name}: create the virtualenv", [[sys.executable, "-m", "venv", str(column.folder)]])
    pip = [str(column.python), "-m", "pip", "install", "--require-hashes", "--no-deps", "--no-compile"]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(column.requirements()))
        file.flush()
        run(
            f"{column.name}: install the packages",
            [[*pip, "--requirement", file.name]],
            total=len(column.requirements()),
        )
    _choose_library(column)
    run(f"{column.name}: fill the caches", [[str(column.python), "-m", "wealist.toolkit.warm_up"]])
    ready.touch()


def _choose_library(column: Column) -> None:
    """Have every Python of a column choose its library; programs that tests start get no variables of ours."""
    if column.library == DEFAULT:
        return
    packages = Path(column.ask("import sysconfig; print(sysconfig.get_path('purelib'))"))
    shutil.copy(HERE / "aliases.py", packages / f"{_ALIASES}.py")
    chosen = f"import os, {_ALIASES}; os.environ.setdefault({SETTING!r}, {column.library!r})\n"
    (packages / f"{_ALIASES}.pth").write_text(chosen, encoding="utf-8")
