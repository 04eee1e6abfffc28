import json
import os
import subprocess
from pathlib import Path

import pytest

from wealist.operations.terraform import OLDEST, WHEEL
from wealist.project import ROOT

pytestmark = pytest.mark.integration  # whole programs


def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"PYTHONPATH": str(ROOT), "CHECKPOINT_DISABLE": "1"}
    environment.pop("TF_CLI_CONFIG_FILE", None)
    return subprocess.run(
        [*WHEEL, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_the_wheel_answers_like_the_program_and_is_new_enough(tmp_path: Path) -> None:
    version = json.loads(run(tmp_path, "version", "-json").stdout)["terraform_version"]
    assert tuple(map(int, version.split(".")[:2])) >= OLDEST


def test_the_wheel_works_in_the_folder_it_is_run_in(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('output "answer" {\n  value = 1\n}\n')
    assert run(tmp_path, "fmt", "-check").returncode == 0
    (tmp_path / "main.tf").write_text('output "answer" {\n      value = 1\n}\n')
    assert run(tmp_path, "fmt", "-check").returncode != 0


def test_what_terraform_says_on_stderr_comes_on_stderr_with_its_exit_code(tmp_path: Path) -> None:
    done = run(tmp_path, "validate", "-no-such-flag")
    assert done.returncode == 1
    assert "no-such-flag" in done.stderr
