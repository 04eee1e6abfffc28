import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.unit.copies import copy_project, run_python
from wealist import project


@pytest.fixture(scope="session")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the environments of the tests and a current inventory."""
    copy = copy_project(tmp_path_factory.mktemp("copied") / "project")
    done = run_python("-m", "wealist", "accept", cwd=copy)
    assert done.returncode == 0, done.stderr
    return copy


@pytest.fixture(scope="package", autouse=True)
def commands_run_in_the_copy(copied: Path) -> Iterator[None]:
    """Use the copy as the project of all tests and of all commands that run in `project.ROOT`.

    Tests then do not depend on the values that operators change in their environments.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(project, "ROOT", copied)
        yield


@pytest.fixture(scope="session")
def synthesized(copied: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every stack, synthesized by `main.py` into a temporary folder."""
    out = tmp_path_factory.mktemp("synthesized")
    subprocess.run([sys.executable, "main.py"], cwd=copied, env=os.environ | {"CDKTF_OUTDIR": str(out)}, check=True)
    return out


@pytest.fixture(scope="session")
def stacks(synthesized: Path) -> Mapping[str, Path]:
    """The folder of each stack, by name."""
    return {file.parent.name: file.parent for file in sorted(synthesized.glob("stacks/*/cdk.tf.json"))}
