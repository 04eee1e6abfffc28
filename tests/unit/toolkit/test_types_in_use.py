"""The types of an app: of its constructs, its HCL modules and its ephemeral resources."""

from pathlib import Path
from typing import Final

import pytest
from cdktf import App, TerraformStack
from cdktf_cdktf_provider_aws.data_aws_ssm_parameter import DataAwsSsmParameter
from cdktf_cdktf_provider_aws.db_instance import DbInstance
from cdktf_cdktf_provider_aws.lexv2_models_bot import Lexv2ModelsBot
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.s3_bucket_versioning import S3BucketVersioningA
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue

from wealist.model.hcl import kinds_in
from wealist.toolkit.stack import ReadableStack
from wealist.toolkit.types_in_use import in_use, type_of

HCL: Final = """
resource "aws_s3_bucket" "state" {
  bucket = var.bucket_name
}

data "aws_kms_key" "own" {
  key_id = "resource \\"aws_vpc\\" \\"x\\""
}
"""


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(outdir=str(tmp_path / "out"))


@pytest.fixture
def stack(app: App) -> ReadableStack:
    return ReadableStack(app, "test")


def database(stack: TerraformStack, role: str | None = None) -> DbInstance:
    return DbInstance(stack, "database", instance_class="db.t3.micro", monitoring_role_arn=role)


def test_resources_and_data_sources_count_and_providers_do_not(app: App, stack: ReadableStack) -> None:
    AwsProvider(stack, "aws")
    SqsQueue(stack, "queue")
    DataAwsSsmParameter(stack, "parameter", name="x")
    assert in_use(app, []).types == {"aws_sqs_queue", "data.aws_ssm_parameter"}


def test_types_of_every_stack_and_removed_types_count(app: App, stack: ReadableStack) -> None:
    SqsQueue(stack, "queue")
    SqsQueue(ReadableStack(app, "another"), "queue")
    assert in_use(app, ["aws_sns_topic"]).types == {"aws_sqs_queue", "aws_sns_topic"}


def test_hcl_modules_and_ephemeral_resources_count(app: App, stack: ReadableStack, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(HCL)
    stack.modules["state_backend"] = tmp_path
    stack.add_ephemeral("aws_secretsmanager_random_password", "password", {"password_length": 40})
    assert in_use(app, []).types == {
        "aws_s3_bucket", "data.aws_kms_key", "ephemeral.aws_secretsmanager_random_password",
    }  # fmt: skip
    assert kinds_in(tmp_path / "nowhere") == frozenset()


def test_an_unset_optional_role_is_not_passed(app: App, stack: ReadableStack) -> None:
    database(stack)
    assert in_use(app, []).passed_to == frozenset()


def test_a_set_optional_role_is_passed(app: App, stack: ReadableStack) -> None:
    database(stack, role="arn:aws:iam::290008131187:role/wealist-x")
    assert in_use(app, []).passed_to == {"monitoring.rds.amazonaws.com"}


def test_the_type_of_a_binding_is_its_terraform_type(stack: ReadableStack) -> None:
    assert type_of(S3BucketVersioningA) == S3BucketVersioningA.TF_RESOURCE_TYPE == "aws_s3_bucket_versioning"
    assert type_of(Lexv2ModelsBot) == Lexv2ModelsBot.TF_RESOURCE_TYPE == "aws_lexv2models_bot"
    assert type_of(type("Our", (SqsQueue,), {})) == "aws_sqs_queue"
    assert [type_of(each) for each in (AwsProvider, Path, type(stack))] == [None, None, None]
