"""What shellcheck says of scripts: it comes with Python's packages, so every machine has the same version of it."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

_PROGRAM: Final = Path(sys.executable).with_name("shellcheck")


def shellcheck(*files: Path, stdin: str | None = None) -> str:
    """The findings of shellcheck in some files, or in a script; empty where it finds nothing."""
    if not _PROGRAM.exists():
        pytest.fail("shellcheck is not in the virtualenv: `make setup` installs it", pytrace=False)
    # Scripts that are read by others are looked for beside them.
    argv = [str(_PROGRAM), "--shell=bash", "--external-sources", "--source-path=SCRIPTDIR"]
    argv += [str(file) for file in files] or ["-"]
    done = subprocess.run(argv, input=stdin, text=True, capture_output=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout
