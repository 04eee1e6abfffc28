"""Copies of the project, in which a test may change files and run programs as an operator would."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import wealist
from tests.environments import put_into

ROOT = Path(wealist.__file__).parents[1]
_OUTPUT = "cdktf.out"


def clean_environment(changes: Mapping[str, str]) -> dict[str, str]:
    """This process' environment without what loading cdktf in it and `make` have set, and with changes."""
    ours = ("JSII_", "NODE_OPTIONS", "CDKTF_", "WEALIST_", "PYTHONHASHSEED", "MAKE", "MFLAGS")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | dict(changes)


def run_python(
    *arguments: str, cwd: Path = ROOT, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs this Python in a folder, with a clean environment and changes. Never raises for an exit code."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=clean_environment(environment or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def copy_project(folder: Path) -> Path:
    """Copy what a synthesis reads into a folder, which must not exist, with the environments of the tests."""
    folder.mkdir(parents=True)
    for file in ("main.py", "cdktf.json", ".terraform-version"):
        shutil.copy2(ROOT / file, folder)
    for part in ("wealist", "modules"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns(".terraform"))
    shutil.copy2(ROOT / "README.md", folder)
    shutil.copytree(ROOT / "docs", folder / "docs", ignore=shutil.ignore_patterns("architecture", "screens"))
    put_into(folder)
    return folder


def synthesized_in(project: Path, **environment: str) -> dict[str, bytes]:
    """Runs a copy's `main.py`. Returns the bytes of every file it wrote, by path below the output."""
    done = run_python("main.py", cwd=project, environment=environment)
    assert done.returncode == 0, done.stderr
    return bytes_below(project / _OUTPUT)


def bytes_below(folder: Path) -> dict[str, bytes]:
    """The bytes of every file below a folder, by path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
