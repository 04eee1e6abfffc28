"""The files of a bundle pass shellcheck and the schema of the Compose specification."""

from pathlib import Path

import pytest

from tests.schemas import violations
from tests.tools import shellcheck
from tests.unit.operations.bundle.conftest import Case

pytestmark = pytest.mark.integration


@pytest.fixture
def unpacked(case: Case, tmp_path: Path) -> Path:
    """A bundle as CodeDeploy unpacks it."""
    for path, file in case.files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(file.content)
    return tmp_path


def test_the_scripts_pass_shellcheck(unpacked: Path) -> None:
    scripts = sorted(unpacked.glob("scripts/*.sh"))
    assert len(scripts) == 9
    assert shellcheck(*scripts) == ""


def test_shellcheck_reports_a_mistake(tmp_path: Path) -> None:
    script = tmp_path / "bad.sh"
    script.write_text("#!/bin/bash\nrm -rf $1/*\n")
    assert "SC2086" in shellcheck(script)


def test_scripts_start_with_bash_and_source_common_sh(unpacked: Path) -> None:
    for script in unpacked.glob("scripts/*.sh"):
        text = script.read_text()
        if script.name != "common.sh":
            assert text.startswith("#!/bin/bash\n")
            assert '\n. "$(dirname "${BASH_SOURCE[0]}")/common.sh"\n' in text
    assert "\nset -Eeuo pipefail\n" in (unpacked / "scripts/common.sh").read_text()


def test_the_compose_file_is_valid(unpacked: Path) -> None:
    assert violations(unpacked / "compose.yml", "compose-spec") == ""


def test_the_schema_reports_a_mistake(unpacked: Path) -> None:
    compose = unpacked / "compose.yml"
    compose.write_text(compose.read_text().replace("restart:", "restarts:"))
    assert "restarts" in violations(compose, "compose-spec")
