"""`wealist apply account --emulated` as a subprocess."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.synthesized import Stack
from wealist import project
from wealist.emulator.workspace import left_out

pytestmark = pytest.mark.integration


def test_one_command_applies_the_account_and_prints_its_steps_and_outputs(account: Stack, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "wealist", "apply", "account", "--emulated"],
        cwd=project.ROOT,
        env=os.environ | {"WEALIST_WORK": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"^(\S) (.+) \d+\.\d s(?: \(.*\))?$", done.stderr, flags=re.MULTILINE) == [
        ("✓", "synthesize"),
        ("✓", "bootstrap: terraform apply, with its state in a local file"),
        ("✓", "bootstrap: terraform init -migrate-state"),
        ("✓", "account: terraform init and plan"),
        ("✓", "account: terraform apply"),
    ]
    for address in left_out(account.document):
        assert f"account: {address} is left out of the embedded AWS: " in done.stderr
    added = len(account.resources) - len(left_out(account.document))
    assert f"({added} added, 0 changed, 0 destroyed)" in done.stderr
    assert "name_servers = " in done.stdout
    assert not (tmp_path / "emulated" / "aws.json").exists()
