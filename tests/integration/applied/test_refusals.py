"""What an apply refuses before anything is lost: prod's destruction, and an account that is not Wealist's."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.applied.everything import UNREFRESHED, Applied
from tests.integration.between import Answer, Between, Forward, Request
from wealist.operations import object_counts
from wealist.operations.emulated_stacks import ACCOUNT
from wealist.operations.terraform import Terraform
from wealist.spec.account import ACCOUNT_ID

pytestmark = pytest.mark.integration

PROD = "prod"
FOREIGN = "123456789012"
WHO_AM_I = {"GetUser", "GetCallerIdentity"}
REFUSED = "Instance cannot be destroyed"
STATEFUL = {
    "aws_ecr_repository.artifacts_board_service_repository": "name",
    "aws_elasticache_replication_group.cache_replication_group": "replication_group_id",
    "aws_s3_bucket.frontend_site_bucket": "bucket",
    "aws_ssm_parameter.parameters_jwt_jwt_secret": "name",
}
"""Address → an argument that cannot be changed in place."""

Edit = Callable[[dict[str, Any]], None]


@pytest.fixture
def holdings(applied: Applied) -> Iterator[object_counts.ObjectCounts]:
    """What AWS holds: the same before and after the test."""
    own = object_counts.ownership_pattern(applied.client, PROD)
    before = object_counts.count_objects(applied.client, own)
    serial = applied.serial(PROD)
    yield before
    assert object_counts.count_objects(applied.client, own) == before
    assert applied.serial(PROD) == serial


def edited(applied: Applied, into: Path, edit: Edit) -> Path:
    """Prod's synthesized folder, with another configuration."""
    folder = into / PROD
    shutil.copytree(applied.folder(PROD), folder, ignore=shutil.ignore_patterns(".terraform*"))
    file = folder / "cdk.tf.json"
    configuration = json.loads(file.read_text())
    edit(configuration)
    file.write_text(json.dumps(configuration))
    return folder


def rename_what_is_stateful(configuration: dict[str, Any]) -> None:
    for address, argument in STATEFUL.items():
        kind, name = address.split(".")
        configuration["resource"][kind][name][argument] += "-2"


def test_a_destroy_of_prod_is_refused_and_everything_is_still_there(
    applied: Applied, holdings: object_counts.ObjectCounts
) -> None:
    assert holdings.own.total() > 100
    refused = applied.terraform(PROD).run("destroy", "-auto-approve", UNREFRESHED, capture=True, check=False)
    assert refused.returncode == 1
    assert REFUSED in refused.stderr
    assert "Destroying..." not in refused.stdout


@pytest.mark.usefixtures("holdings")
def test_a_change_that_would_replace_what_is_stateful_in_prod_is_refused_by_name(
    applied: Applied, tmp_path: Path
) -> None:
    committed = applied.folder(PROD)
    applied.synthesized_as(PROD, edited(applied, tmp_path, rename_what_is_stateful))
    try:
        refused = applied.terraform(PROD).run("apply", "-auto-approve", UNREFRESHED, capture=True, check=False)
    finally:
        applied.synthesized_as(PROD, committed)
    assert refused.returncode == 1
    assert refused.stderr.count(REFUSED) == len(STATEFUL)
    assert [address for address in STATEFUL if f"Resource {address} has" not in flat(refused.stderr)] == []


def flat(message: str) -> str:
    """Terraform's message without its line breaks."""
    return " ".join(message.split())


def foreign(request: Request, forward: Forward) -> Answer | None:
    """Another account's answer to the question whose credentials these are."""
    if request.operation not in WHO_AM_I:
        return None
    answer = forward()
    return Answer(answer.status, answer.body.replace(ACCOUNT_ID.encode(), FOREIGN.encode()), answer.headers)


def test_credentials_of_another_account_are_refused_before_anything_is_read(applied: Applied) -> None:
    with Between(applied.environment(), foreign) as aws:
        terraform = applied.terraform(ACCOUNT)
        elsewhere = Terraform(terraform.workdir, env=aws.environment(), executable=terraform.executable)
        refused = elsewhere.run("apply", "-auto-approve", capture=True, check=False)
    assert refused.returncode == 1
    assert f"AWS account ID not allowed: {FOREIGN}" in refused.stderr
    asked = {request.operation for request in aws.asked if request.service != "s3"}
    assert asked <= WHO_AM_I
