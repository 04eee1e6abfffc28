import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from wealist import project


@pytest.fixture(scope="session")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every stack, freshly synthesized by `main.py` into a folder of the tests' own."""
    out = tmp_path_factory.mktemp("synthesized")
    subprocess.run(
        [sys.executable, "main.py"], cwd=project.ROOT, env=os.environ | {"CDKTF_OUTDIR": str(out)}, check=True
    )
    return out


@pytest.fixture(scope="session")
def stacks(synthesized: Path) -> Mapping[str, Path]:
    """The folder of each stack, by name."""
    return {file.parent.name: file.parent for file in sorted(synthesized.glob("stacks/*/cdk.tf.json"))}
