"""The catalog of actions equals the library's data, and matches patterns, ARNs and keys as IAM does."""

import pytest

from tests.iam_actions import extract, file_text, services
from wealist.model.iam.catalog import FOLDER, catalog

pytestmark = pytest.mark.exhaustive


def test_the_catalog_equals_the_librarys_data_for_every_named_service() -> None:
    held = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    wanted = {service: file_text(known) for service, known in extract(services()).items()}
    assert held == wanted, "run `python -m tests.iam_actions`"


def test_the_catalog_contains_services_that_only_types_name() -> None:
    for service in ("sqs", "sns", "lambda", "dynamodb", "events", "ecs"):
        assert catalog().expand(f"{service}:*")
    assert not catalog().expand("../ec2:*")
    assert not catalog().expand("polly:*")


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("ecr:PutImage", {"ecr:PutImage"}),
        ("ECR:putimage", {"ecr:PutImage"}),
        ("ecr:PutImag", set()),
        ("polly:Synthesize*", set()),
        ("kms:ReEncrypt*", {"kms:ReEncryptFrom", "kms:ReEncryptTo"}),
        ("rds:*SnapshotAttribute", {"rds:ModifyDBClusterSnapshotAttribute", "rds:ModifyDBSnapshotAttribute"}),
        ("s3:?etObject", {"s3:GetObject"}),
    ],
)
def test_a_pattern_expands_to_the_actions_that_iam_matches(pattern: str, names: set[str]) -> None:
    assert {action.name for action in catalog().expand(pattern)} == names


@pytest.mark.parametrize(
    ("action", "resource", "takes"),
    [
        ("s3:ListBucket", "arn:aws:s3:::bucket", True),
        ("s3:ListBucket", "arn:aws:s3:::bucket/*", False),
        ("s3:GetObject", "arn:aws:s3:::bucket/*", True),
        ("s3:GetObject", "arn:aws:s3:::bucket", False),
        ("s3:GetObject", "arn:aws:s3:::*", True),
        ("codedeploy:CreateDeployment", "arn:aws:codedeploy:r:1:deploymentgroup:app-*/*", True),
        ("codedeploy:CreateDeployment", "arn:aws:codedeploy:r:1:application:app-*", False),
        ("codedeploy:RegisterApplicationRevision", "arn:aws:codedeploy:r:1:application/app-*", False),
        ("ssm:GetParameter", "arn:aws:ssm:r:1:parameter/wealist/prod/*", True),
        ("ssm:SendCommand", "arn:aws:ec2:r:1:instance/*", True),
        ("ssm:SendCommand", "arn:aws:ssm:r::document/AWS-RunShellScript", True),
        ("ecr:GetAuthorizationToken", "arn:aws:ecr:r:1:repository/x", False),
        ("ecr:GetAuthorizationToken", "*", True),
        ("kms:Decrypt", "arn:aws:kms:r:1:alias/wealist-prod", False),
        ("iam:PassRole", "arn:aws:iam::1:role/wealist-prod-ec2-role", True),
        ("iam:PassRole", "arn:aws:iam::1:policy/wealist-prod-s3-policy", False),
    ],
)
def test_an_action_takes_only_arns_of_its_resource_types(action: str, resource: str, *, takes: bool) -> None:
    (known,) = catalog().expand(action)
    assert known.takes(resource) is takes


@pytest.mark.parametrize(
    ("action", "key", "reads"),
    [
        ("iam:CreateRole", "iam:PermissionsBoundary", True),
        ("iam:TagRole", "iam:PermissionsBoundary", False),
        ("iam:PassRole", "iam:PassedToService", True),
        ("ssm:SendCommand", "ssm:resourceTag/Environment", True),
        ("kms:Decrypt", "kms:EncryptionContext:aws:logs:arn", True),
        ("kms:DescribeKey", "kms:EncryptionContext:aws:logs:arn", False),
        ("kms:Decrypt", "kms:viaservice", True),
        ("s3:GetObject", "aws:SecureTransport", True),
        ("s3:GetObject", "kms:ViaService", False),
    ],
)
def test_an_action_reads_only_its_own_and_global_condition_keys(action: str, key: str, *, reads: bool) -> None:
    (known,) = catalog().expand(action)
    assert known.reads(key) is reads
