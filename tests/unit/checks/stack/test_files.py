"""Files in a stack's folder that Terraform loads and no guard reads are reported."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.syntheses import synthesis
from tests.unit.checks.test_check import small_stacks, write
from wealist.checks.check import refuse_unproven
from wealist.checks.finding import Finding
from wealist.checks.stack.files import unexpected
from wealist.errors import OperatorError
from wealist.spec.environments import load

LOCAL: dict[str, Any] = {"terraform": {"backend": {"local": {}}}}
IMPORTS = {"import": [{"to": "aws_vpc.network_vpc", "id": "vpc-0123456789abcdef0"}]}
FILES = "aws_s3_object.monitoring_files_file"


def found(folder: Path, stack: str, name: str, content: object) -> list[Finding]:
    """Return the findings of a stack with a file in its folder."""
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text)
    return list(unexpected(synthesis().stacks[stack], folder))


@pytest.mark.parametrize(
    ("stack", "name", "content"),
    [
        ("prod", "cdk.tf.json", "{}"),
        ("prod", ".terraform.lock.hcl", ""),
        ("prod", "terraform.tfstate", "{}"),
        ("prod", "plan", ""),
        ("bootstrap", "backend_override.tf.json", LOCAL),
        ("prod", "imports.tf.json", IMPORTS),
        ("prod", "imports.tf.json", {"import": [{"to": f'{FILES}["rules.yml"]', "id": "wealist-deploy-scripts/x"}]}),
    ],
)
def test_terraforms_own_files_and_those_of_the_guides_are_accepted(
    tmp_path: Path, stack: str, name: str, content: object
) -> None:
    assert found(tmp_path, stack, name, content) == []


@pytest.mark.parametrize(
    ("stack", "name", "content"),
    [
        ("prod", "more.tf", 'resource "aws_vpc" "x" {}'),
        ("prod", "more.tf.json", {"resource": {}}),
        ("prod", "override.tf", ""),
        ("prod", "cdk_override.tf.json", {}),
        ("prod", "backend_override.tf.json", LOCAL),
        ("bootstrap", "backend_override.tf.json", {"terraform": {"backend": {"local": {"path": "x.tfstate"}}}}),
        ("bootstrap", "backend_override.tf.json", LOCAL | {"resource": {}}),
        ("bootstrap", "backend_override.tf.json", "{"),
        ("prod", "imports.tf.json", IMPORTS | {"resource": {"aws_vpc": {"x": {}}}}),
        ("prod", "imports.tf.json", {"import": [{"to": "aws_vpc.elsewhere", "id": "x"}]}),
        ("prod", "imports.tf.json", {"import": [{"to": "aws_vpc.network_vpc", "id": "x", "provider": "aws.cdn"}]}),
        ("prod", "imports.tf.json", {"import": [{"to": 5, "id": "x"}]}),
        ("prod", "imports.tf.json", []),
    ],
)
def test_other_files_that_terraform_loads_are_reported(tmp_path: Path, stack: str, name: str, content: object) -> None:
    (finding,) = found(tmp_path, stack, name, content)
    assert (finding.stack, finding.address, finding.control) == (stack, name, "stack.file")
    assert str(tmp_path / name) in finding.remedy


def test_a_foreign_file_in_the_output_folder_stops_the_synthesis(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wealist.checks.check.GUARDS", {})
    fresh, output = write(tmp_path / "fresh", small_stacks()), tmp_path / "out"
    (output / "stacks" / "prod").mkdir(parents=True)
    assert all("stack.file" not in warning for warning in refuse_unproven(fresh, load(), output))
    (output / "stacks" / "prod" / "more.tf").write_text("")
    with pytest.raises(OperatorError, match=r"prod: more\.tf \[stack\.file\]"):
        refuse_unproven(fresh, load(), output)
