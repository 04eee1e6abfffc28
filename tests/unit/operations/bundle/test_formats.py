"""The files of a bundle against what reads them: shellcheck, and the Compose specification's schema."""

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


def test_shellcheck_finds_nothing_in_the_scripts(unpacked: Path) -> None:
    scripts = sorted(unpacked.glob("scripts/*.sh"))
    assert len(scripts) == 9
    assert shellcheck(*scripts) == ""


def test_shellcheck_would_find_something(tmp_path: Path) -> None:
    script = tmp_path / "bad.sh"
    script.write_text("#!/bin/bash\nrm -rf $1/*\n")
    assert "SC2086" in shellcheck(script)


def test_every_script_that_runs_by_itself_begins_with_bash_and_the_common_part(unpacked: Path) -> None:
    for script in unpacked.glob("scripts/*.sh"):
        text = script.read_text()
        if script.name != "common.sh":
            assert text.startswith("#!/bin/bash\n")
            assert '\n. "$(dirname "${BASH_SOURCE[0]}")/common.sh"\n' in text
    assert "\nset -Eeuo pipefail\n" in (unpacked / "scripts/common.sh").read_text()


def test_the_compose_file_follows_the_specification(unpacked: Path) -> None:
    assert violations(unpacked / "compose.yml", "compose-spec") == ""


def test_a_mistake_in_a_compose_file_would_be_found(unpacked: Path) -> None:
    compose = unpacked / "compose.yml"
    compose.write_text(compose.read_text().replace("restart:", "restarts:"))
    assert "restarts" in violations(compose, "compose-spec")
