"""The cdktf CLI synthesizes the same bytes as `main.py`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from wealist import project

pytestmark = pytest.mark.integration

CLI = ("npx", "--yes", "cdktf-cli@0.21.0")
NO_REGISTRY = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH")


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the cdktf CLI without an activated virtualenv; PATH has the virtualenv's node if the machine has none."""
    tools = [folder for folder in os.environ["PATH"].split(os.pathsep) if not (Path(folder) / "activate").exists()]
    node = shutil.which("npx", path=os.pathsep.join(tools)) is None
    path = os.pathsep.join([*tools, *([str(Path(sys.executable).parent)] if node else [])])
    settings = {"PATH": path, "CHECKPOINT_DISABLE": "1", "CI": "1"}
    return subprocess.run(
        [*CLI, *arguments], cwd=project.ROOT, env=os.environ | settings, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def virtualenv() -> Iterator[None]:
    """The virtualenv, where the project's command line looks for it."""
    link = project.ROOT / ".venv"
    link.symlink_to(sys.prefix)
    yield
    link.unlink()


@pytest.fixture(scope="module")
def cli() -> None:
    version = run("--version")
    if any(code in version.stderr for code in NO_REGISTRY):
        pytest.skip("the npm registry, which has the cdktf CLI, is not reachable")
    assert version.returncode == 0, version.stderr


@pytest.mark.usefixtures("virtualenv", "cli")
def test_the_cdktf_cli_synthesizes_the_same_bytes_as_main_py(stacks: Mapping[str, Path], tmp_path: Path) -> None:
    synth = run("synth", "--output", str(tmp_path))
    assert synth.returncode == 0, synth.stdout + synth.stderr
    assert {file.parent.name: file.read_bytes() for file in tmp_path.glob("stacks/*/cdk.tf.json")} == {
        name: (folder / "cdk.tf.json").read_bytes() for name, folder in stacks.items()
    }
