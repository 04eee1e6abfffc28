"""The bucket of states: protected, private and versioned."""

import json
import shutil
from pathlib import Path
from typing import Any, Final

import hcl2
import pytest

from wealist.operations.terraform import Terraform
from wealist.toolkit.hcl_module import ModuleContractError, check_module_call, module_outputs

MODULE: Final = Path(__file__).parents[2] / "modules/state_backend"
PLAIN: Final = hcl2.SerializationOptions(with_comments=False, strip_string_quotes=True)


@pytest.fixture(scope="module")
def resources() -> dict[str, Any]:
    """The module's resources by type; one of each type."""
    document = hcl2.loads((MODULE / "main.tf").read_text(), serialization_options=PLAIN)
    return {kind: body for block in document["resource"] for kind, named in block.items() for body in named.values()}


def test_the_state_bucket_is_never_destroyed_by_a_plan(resources: dict[str, Any]) -> None:
    bucket = resources["aws_s3_bucket"]
    assert bucket["lifecycle"][0]["prevent_destroy"] is True
    assert "force_destroy" not in bucket


def test_the_state_bucket_blocks_all_public_access(resources: dict[str, Any]) -> None:
    switches = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    block = resources["aws_s3_bucket_public_access_block"]
    assert [block[switch] for switch in switches] == [True] * 4


def test_the_state_bucket_has_all_of_its_settings(resources: dict[str, Any]) -> None:
    assert set(resources) == {
        "aws_s3_bucket",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
    }


def test_the_lifecycle_depends_on_versioning(resources: dict[str, Any]) -> None:
    assert "aws_s3_bucket_versioning.state" in str(resources["aws_s3_bucket_lifecycle_configuration"]["depends_on"])


def test_a_call_needs_only_a_name() -> None:
    check_module_call(MODULE, {"bucket_name": "wealist-tfstate-bucket"})
    with pytest.raises(ModuleContractError, match="bucket_name: required"):
        check_module_call(MODULE, {})


def test_the_outputs_are_the_name_and_the_arn() -> None:
    assert module_outputs(MODULE) == {"bucket_name", "bucket_arn"}


@pytest.mark.integration
def test_the_plan_shows_that_the_state_bucket_denies_plain_http(tmp_path: Path) -> None:
    shutil.copytree(MODULE, tmp_path / "state_backend", ignore=shutil.ignore_patterns(".terraform*", "tests"))
    (tmp_path / "main.tf").write_text(
        """
        provider "aws" {
          region                      = "ap-northeast-2"
          access_key                  = "mock"
          secret_key                  = "mock"
          skip_credentials_validation = true
          skip_metadata_api_check     = true
          skip_requesting_account_id  = true
        }
        module "state" {
          source      = "./state_backend"
          bucket_name = "wealist-tfstate-bucket"
        }
        """
    )
    terraform = Terraform(tmp_path)
    terraform.init()
    terraform.run("plan", "-out=plan", capture=True)
    changes = terraform.show_json(tmp_path / "plan")["resource_changes"]
    planned = {change["type"]: change["change"]["after"] for change in changes}

    (statement,) = json.loads(planned["aws_s3_bucket_policy"]["policy"])["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    bucket = "arn:aws:s3:::wealist-tfstate-bucket"
    assert statement["Resource"] == [bucket, f"{bucket}/*"]
