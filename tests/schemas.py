"""Published JSON schemas, as the package check-jsonschema brings them: nothing is downloaded."""

import subprocess
import sys
from pathlib import Path
from typing import Final, Literal

import pytest

_PROGRAM: Final = Path(sys.executable).with_name("check-jsonschema")


def violations(file: Path, schema: Literal["compose-spec", "github-workflows"]) -> str:
    """What a YAML file has against a schema; empty where it follows it."""
    if not _PROGRAM.exists():
        pytest.fail("check-jsonschema is not in the virtualenv: `make setup` installs it", pytrace=False)
    argv = [str(_PROGRAM), "--builtin-schema", f"vendor.{schema}", str(file)]
    done = subprocess.run(argv, text=True, capture_output=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout + done.stderr if done.returncode else ""
