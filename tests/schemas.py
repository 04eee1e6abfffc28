"""Validate files by the published JSON schemas that check-jsonschema contains; nothing is downloaded."""

import subprocess
import sys
from pathlib import Path
from typing import Final, Literal

import pytest

_PROGRAM: Final = Path(sys.executable).with_name("check-jsonschema")


def violations(file: Path, schema: Literal["compose-spec", "github-workflows"]) -> str:
    """Return the violations of a schema by a YAML file; empty for a valid file."""
    if not _PROGRAM.exists():
        pytest.fail("check-jsonschema is not in the virtualenv: `make setup` installs it", pytrace=False)
    argv = [str(_PROGRAM), "--builtin-schema", f"vendor.{schema}", str(file)]
    done = subprocess.run(argv, text=True, capture_output=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout + done.stderr if done.returncode else ""
