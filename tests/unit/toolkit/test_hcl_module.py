"""Which calls of an HCL module are accepted and rejected, and the messages of the errors."""

import textwrap
from pathlib import Path

import pytest

from wealist.errors import OperatorError
from wealist.model import provider
from wealist.toolkit.hcl_module import (
    ModuleContractError,
    check_module_call,
    check_module_output,
    module_outputs,
)

VARIABLES = """
    variable "bucket_name" {
      description = "With \\"quotes\\" and a ${"template"}."
      type        = string
    }
    variable "days" {
      type    = number
      default = 90
    }
    variable "services" {
      type = list(object({
        # A comment, with an open bracket: (
        name = string
        port = optional(number, tonumber("80"))
      }))
      default = null
    }
    variable anything {}
"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    (folder / "variables.tf").write_text(textwrap.dedent(VARIABLES))
    (folder / "outputs.tf").write_text('output "bucket_arn" {\n  value = "arn"\n}\n')
    return folder


def problems(module: Path, **inputs: object) -> tuple[str, ...]:
    """Return the problems of a call that is complete except for `inputs`."""
    complete = {"bucket_name": "b", "anything": 1}
    try:
        check_module_call(module, {**complete, **inputs})
    except ModuleContractError as error:
        return error.problems
    return ()


def test_a_call_with_every_required_input_is_accepted(module: Path) -> None:
    check_module_call(module, {"bucket_name": "b", "anything": [1, "two"]})


def test_an_unknown_input_is_rejected_with_the_nearest_names(module: Path) -> None:
    assert problems(module, bucketname="b") == ("bucketname: unknown variable; did you mean bucket_name?",)


def test_an_unknown_input_without_similar_names_is_rejected_with_all_names(module: Path) -> None:
    (problem,) = problems(module, zzz=1)
    assert problem.endswith("known are: anything, bucket_name, days, services")


def test_an_input_without_a_default_is_required(module: Path) -> None:
    assert problems(module, bucket_name=None) == ("bucket_name: required, but not passed; pass a value",)


def test_none_leaves_an_optional_input_at_its_default(module: Path) -> None:
    assert problems(module, days=None, services=None) == ()


def test_all_problems_are_reported_at_once(module: Path) -> None:
    with pytest.raises(ModuleContractError) as caught:
        check_module_call(module, {"dayz": 1})
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["dayz", "bucket_name", "anything"]
    assert str(module) in str(caught.value)
    assert all(problem in str(caught.value) for problem in caught.value.problems)
    assert caught.value.remedy


def test_the_outputs_of_a_module_are_known(module: Path) -> None:
    assert module_outputs(module) == {"bucket_arn"}
    check_module_output(module, "bucket_arn")


def test_an_unknown_output_is_rejected_with_the_nearest(module: Path) -> None:
    with pytest.raises(ModuleContractError, match="did you mean bucket_arn"):
        check_module_output(module, "bucket_name_arn")


def test_a_folder_without_terraform_files_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(ModuleContractError, match=f"{tmp_path}.*\n.*no \\*.tf file"):
        module_outputs(tmp_path)


def test_hcl_that_does_not_parse_is_reported_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "variables.tf").write_text('variable "a" {\n  type = = string\n}\n')
    with pytest.raises(OperatorError, match=r"variables\.tf does not parse: .* line 2"):
        check_module_call(tmp_path, {})


def requiring(module: Path, providers: str) -> tuple[str, ...]:
    """Return the problems of a call of a module that requires some providers, beside bindings for 6.25.0."""
    (module / "versions.tf").write_text(f"terraform {{\n  required_providers {{\n    {providers}\n  }}\n}}\n")
    return problems(module)


@pytest.fixture
def bindings_for_6_25(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "version", lambda: "6.25.0")


@pytest.mark.parametrize("constraint", [">= 5.100", "~> 6.0", ">= 6.25, < 7", "6.25.0", "!= 6.24.1"])
@pytest.mark.usefixtures("bindings_for_6_25")
def test_a_constraint_that_admits_the_version_of_the_bindings_is_accepted(module: Path, constraint: str) -> None:
    assert requiring(module, f'aws = {{ source = "hashicorp/aws", version = "{constraint}" }}') == ()


@pytest.mark.parametrize("constraint", [">= 5.100, < 6", "~> 6.26", "~> 5.100.0", "5.100.0", "> 6.25"])
@pytest.mark.usefixtures("bindings_for_6_25")
def test_a_constraint_that_excludes_the_version_of_the_bindings_is_rejected(module: Path, constraint: str) -> None:
    assert requiring(module, f'aws = {{ source = "hashicorp/aws", version = "{constraint}" }}') == (
        f"required_providers.aws: {constraint!r} excludes 6.25.0, which the installed bindings were made for; widen it",
    )


def test_an_invalid_constraint_is_rejected_with_an_example(module: Path) -> None:
    (problem,) = requiring(module, 'aws = { source = "hashicorp/aws", version = "latest" }')
    assert (
        problem == "required_providers.aws: 'latest' is not a constraint on released versions; write one like >= 5.100"
    )


def test_a_provider_that_no_stack_has_is_rejected(module: Path) -> None:
    (problem,) = requiring(module, 'random = { source = "hashicorp/random" }')
    assert problem == "required_providers.random: no stack has this provider; do without it"


def test_a_module_without_a_constraint_takes_the_callers_provider(module: Path) -> None:
    assert requiring(module, 'aws = { source = "hashicorp/aws" }') == ()


def test_a_module_is_read_once(module: Path) -> None:
    module_outputs(module)
    (module / "outputs.tf").unlink()
    assert module_outputs(module) == {"bucket_arn"}
