"""Replay docs/moving-to-cdktn.md in a copy of the project, with the packages of cdktn's column."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.matrix.columns import Column
from tests.unit.copies import bytes_below, clean_environment
from wealist.library import SETTING
from wealist.project import ROOT

GUIDE: Final = ROOT / "docs" / "moving-to-cdktn.md"
_COMMANDS: Final = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LEFT_OUT: Final = (".git", ".venv", ".wealist", "cdktf.out", "__pycache__", ".*_cache", ".terraform")
_WITHOUT_ALIASES: Final = """
import runpy, sys
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__name__ != "Aliases"]
module, *sys.argv[1:] = sys.argv[1:]
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""
_AFTER_THE_MOVE: Final = (("main",), ("wealist", "accept"), ("wealist", "check", "--all"))


def replay(project: Path) -> None:
    """Copy the project into a new folder and run the guide's commands in it."""
    shutil.copytree(ROOT, project, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    text = GUIDE.read_text(encoding="utf-8")
    commands = "\n".join(block.removeprefix("$ ").replace("\n$ ", "\n") for block in _COMMANDS.findall(text))
    subprocess.run(["/bin/sh", "-eu", "-c", commands], cwd=project, check=True)


def problems(column: Column) -> Iterator[str]:
    """Yield problems of the moved project: a command that fails, or output that differs from the column with aliases.

    Args:
        column: The column whose packages the guide installs.
    """
    with tempfile.TemporaryDirectory() as folder:
        moved = Path(folder, "moved")
        replay(moved)
        expected = Path(folder, "expected")
        yield from _run(column, ("main.py",), ROOT, {"CDKTF_OUTDIR": str(expected)})
        for arguments in _AFTER_THE_MOVE:
            # An empty value selects the default instead of the value that the column sets.
            yield from _run(column, ("-c", _WITHOUT_ALIASES, *arguments), moved, {SETTING: ""})
        actual = bytes_below(moved / "cdktf.out")
        for path, written in bytes_below(expected).items():
            if actual.get(path) != written:
                yield f"{path} differs from what the column synthesizes with aliases"


def _run(column: Column, arguments: tuple[str, ...], place: Path, variables: dict[str, str]) -> Iterator[str]:
    environment = clean_environment(variables)
    done = subprocess.run(
        [column.python, *arguments], cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        yield f"{' '.join(arguments[2:] or arguments)} exits with {done.returncode}: {done.stdout}{done.stderr}"
