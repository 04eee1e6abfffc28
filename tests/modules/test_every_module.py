"""Every HCL module describes its variables, has no provider of its own, and passes its own tests."""

import functools
import re
import shutil
from pathlib import Path
from typing import Any, Final

import hcl2
import pytest

from wealist.operations.terraform import Terraform

MODULES: Final = Path(__file__).parents[2] / "modules"
PLAIN: Final = hcl2.SerializationOptions(with_comments=False, strip_string_quotes=True)
every_module = pytest.mark.parametrize(
    "module", sorted(folder for folder in MODULES.iterdir() if folder.is_dir()), ids=lambda folder: folder.name
)


@functools.cache
def parsed(file: Path) -> Any:
    return hcl2.loads(file.read_text(), serialization_options=PLAIN)


def blocks(module: Path, kind: str) -> dict[str, dict[str, Any]]:
    """Return the blocks of one kind in a module, by name."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(module.glob("*.tf")):
        for block in parsed(file).get(kind, []):
            found |= block
    return found


@every_module
def test_every_variable_is_typed_and_described(module: Path) -> None:
    variables = blocks(module, "variable")
    assert variables
    assert [name for name, body in variables.items() if not body.get("type") or not body.get("description")] == []


@every_module
def test_no_variable_has_the_type_any(module: Path) -> None:
    assert [
        name for name, body in blocks(module, "variable").items() if "any" in re.findall(r"\w+", body["type"])
    ] == []


@every_module
def test_no_variable_is_nullable(module: Path) -> None:
    assert [name for name, body in blocks(module, "variable").items() if body.get("nullable") is not False] == []


@every_module
def test_every_output_is_described(module: Path) -> None:
    outputs = blocks(module, "output")
    assert outputs
    assert [name for name, body in outputs.items() if not body.get("description")] == []


@every_module
def test_the_terraform_version_is_bounded_from_below(module: Path) -> None:
    (settings,) = hcl2.loads((module / "versions.tf").read_text(), serialization_options=PLAIN)["terraform"]
    assert settings["required_version"] == ">= 1.11"


@every_module
def test_provider_and_backend_are_left_to_the_caller(module: Path) -> None:
    (settings,) = hcl2.loads((module / "versions.tf").read_text(), serialization_options=PLAIN)["terraform"]
    assert "backend" not in settings
    assert blocks(module, "provider") == {}


@every_module
def test_every_module_has_a_readme(module: Path) -> None:
    assert (module / "README.md").read_text().startswith(f"# {module.name}\n")


@pytest.mark.integration
def test_the_modules_are_formatted() -> None:
    done = Terraform(MODULES).run("fmt", "-check", "-recursive", capture=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.integration
@every_module
def test_a_module_is_valid_and_passes_its_own_tests(module: Path, tmp_path: Path) -> None:
    # Terraform writes a lock file and a provider folder, so it runs in a copy.
    copy = shutil.copytree(module, tmp_path / module.name, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
    claims = sum(len(re.findall(r"^run ", file.read_text(), re.MULTILINE)) for file in copy.glob("tests/*.tftest.hcl"))
    assert claims
    terraform = Terraform(copy)
    terraform.init()
    terraform.run("validate", capture=True)
    done = terraform.run("test", capture=True, check=False)
    assert f"Success! {claims} passed, 0 failed." in done.stdout, done.stdout + done.stderr


def test_versions_of_states_expire_only_after_versioning_is_on() -> None:
    """S3 ignores rules about replaced versions until versioning is on."""
    resources = parsed(MODULES / "state_backend/main.tf")["resource"]
    (lifecycle,) = (block for block in resources if "aws_s3_bucket_lifecycle_configuration" in block)
    assert "aws_s3_bucket_versioning.state" in str(lifecycle["aws_s3_bucket_lifecycle_configuration"]["state"])
