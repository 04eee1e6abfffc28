"""The bucket of every state meets what every bucket meets, and two controls more, though it is HCL."""

from pathlib import Path

import pytest

from wealist.checks.rules import RULES, state_bucket
from wealist.errors import BAD_INPUT, OperatorError

pytestmark = pytest.mark.exhaustive

MAIN = (state_bucket.MODULE / "main.tf").read_text(encoding="utf-8")


def module(tmp_path: Path, text: str) -> Path:
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    return tmp_path


def failed(tmp_path: Path, text: str) -> set[str]:
    return {finding.control for *_, finding in state_bucket.outcomes(module(tmp_path, text)) if finding}


def test_the_committed_module_meets_every_control() -> None:
    found = list(state_bucket.outcomes())
    assert [finding for *_, finding in found if finding] == []
    of_buckets = {rule.control for rule in RULES if "aws_s3_bucket" in rule.types}
    assert {rule.control for rule, *_ in found} >= of_buckets | {"state_bucket.newest_versions", "s3.bucket"}
    assert {stack for _, stack, *_ in found} == {"bootstrap"}
    assert {address for _, _, address, _ in found} >= {
        "module.state_backend.aws_s3_bucket.state",
        "module.state_backend.aws_s3_bucket_policy.state",
    }


@pytest.mark.parametrize(
    ("written", "instead", "control"),
    [
        ("prevent_destroy = true", "prevent_destroy = false", "state_bucket.prevent_destroy"),
        ("newer_noncurrent_versions = var.noncurrent_versions_to_keep", "", "state_bucket.newest_versions"),
        ('status = "Enabled"\n  }\n}', 'status = "Suspended"\n  }\n}', "S3.14"),
        ("block_public_policy     = true", "block_public_policy     = false", "S3.8"),
        ('"BucketOwnerEnforced"', '"ObjectWriter"', "S3.12"),
        ('"aws:SecureTransport" = "false"', '"aws:SecureTransport" = "true"', "S3.5"),
        ('Effect    = "Deny"', 'Effect    = "Allow"', "S3.5"),
        ('Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]', "Resource  = [local.bucket_arn]", "S3.5"),
        ('"AES256"', '"none"', "s3.encryption"),
        ("days_after_initiation = 7", "days_after_initiation = 70", "s3.unfinished_uploads"),
        ("bucket = var.bucket_name\n", "bucket = var.bucket_name\n  force_destroy = true\n", "s3.force_destroy"),
    ],
)
def test_a_softened_module_is_found_by_its_control(tmp_path: Path, written: str, instead: str, control: str) -> None:
    assert written in MAIN
    assert failed(tmp_path, MAIN.replace(written, instead)) == {control}


@pytest.mark.parametrize("text", ['resource "aws_s3_bucket" "state" {', "locals {\n}\n"], ids=["cut off", "no bucket"])
def test_a_module_that_is_none_is_refused_by_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(OperatorError, match=r"main\.tf") as refused:
        failed(tmp_path, text)
    assert refused.value.exit_code == BAD_INPUT


def test_a_module_that_is_missing_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"main\.tf cannot be read"):
        list(state_bucket.outcomes(tmp_path))
