"""Separate virtualenvs for packages that conflict with those of the project."""

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from wealist.project import WORK
from wealist.set_up import run


def place(name: str, requirements: Sequence[str]) -> Path:
    """Return the folder of a virtualenv. Its name contains a digest of the requirements."""
    digest = hashlib.sha256("\n".join(requirements).encode()).hexdigest()[:8]
    return WORK / "virtualenvs" / f"{name}-{digest}"


def python_in(folder: Path) -> Path:
    """Return the Python of a virtualenv."""
    return folder / "bin" / "python"


def install(name: str, requirements: Sequence[str], finish: Callable[[Path], Any] = lambda _: None) -> Path:
    """Install a virtualenv unless it exists, and delete those of the same name with other requirements.

    Args:
        name: The virtualenv's name.
        requirements: Lines of a requirements file, with hashes.
        finish: Called with the virtualenv's Python after the installation.

    Returns:
        The virtualenv's Python.
    """
    folder = place(name, requirements)
    ready, python = folder / ".installed", python_in(folder)
    if ready.exists():
        return python
    for old in folder.parent.glob(f"{name}-????????"):
        shutil.rmtree(old)
    run(f"{name}: create the virtualenv", [[sys.executable, "-m", "venv", str(folder)]])
    pip = [str(python), "-m", "pip", "install", "--require-hashes", "--no-deps", "--no-compile"]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(requirements))
        file.flush()
        run(f"{name}: install the packages", [[*pip, "--requirement", file.name]], total=len(requirements))
    finish(python)
    ready.touch()
    return python
