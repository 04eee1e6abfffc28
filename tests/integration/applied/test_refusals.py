"""Terraform refuses to destroy prod, and to use another account."""

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
def counts(applied: Applied) -> Iterator[object_counts.ObjectCounts]:
    """The number of objects in AWS. Assert that it is the same after the test."""
    own = object_counts.ownership_pattern(applied.client, PROD)
    before = object_counts.count_objects(applied.client, own)
    serial = applied.serial(PROD)
    yield before
    assert object_counts.count_objects(applied.client, own) == before
    assert applied.serial(PROD) == serial


def edited(applied: Applied, into: Path, edit: Edit) -> Path:
    """Return a copy of prod's synthesized folder with an edited configuration."""
    folder = into / PROD
    shutil.copytree(applied.folder(PROD), folder, ignore=shutil.ignore_patterns(".terraform*"))
    file = folder / "cdk.tf.json"
    configuration = json.loads(file.read_text())
    edit(configuration)
    file.write_text(json.dumps(configuration))
    return folder


def rename_stateful_resources(configuration: dict[str, Any]) -> None:
    for address, argument in STATEFUL.items():
        kind, name = address.split(".")
        configuration["resource"][kind][name][argument] += "-2"


def test_destroying_prod_is_refused(applied: Applied, counts: object_counts.ObjectCounts) -> None:
    assert counts.own.total() > 100
    refused = applied.terraform(PROD).run("destroy", "-auto-approve", UNREFRESHED, capture=True, check=False)
    assert refused.returncode == 1
    assert REFUSED in refused.stderr
    assert "Destroying..." not in refused.stdout


@pytest.mark.usefixtures("counts")
def test_replacing_stateful_resources_of_prod_is_refused(applied: Applied, tmp_path: Path) -> None:
    committed = applied.folder(PROD)
    applied.synthesized_as(PROD, edited(applied, tmp_path, rename_stateful_resources))
    try:
        refused = applied.terraform(PROD).run("apply", "-auto-approve", UNREFRESHED, capture=True, check=False)
    finally:
        applied.synthesized_as(PROD, committed)
    assert refused.returncode == 1
    assert refused.stderr.count(REFUSED) == len(STATEFUL)
    assert [address for address in STATEFUL if f"Resource {address} has" not in flat(refused.stderr)] == []


def flat(message: str) -> str:
    """Return Terraform's message on one line."""
    return " ".join(message.split())


def foreign(request: Request, forward: Forward) -> Answer | None:
    """Answer requests for the caller's account as another account would."""
    if request.operation not in WHO_AM_I:
        return None
    answer = forward()
    return Answer(answer.status, answer.body.replace(ACCOUNT_ID.encode(), FOREIGN.encode()), answer.headers)


def test_credentials_of_another_account_are_refused_before_other_requests(applied: Applied) -> None:
    with Between(applied.environment(), foreign) as aws:
        terraform = applied.terraform(ACCOUNT)
        elsewhere = Terraform(terraform.workdir, env=aws.environment(), executable=terraform.executable)
        refused = elsewhere.run("apply", "-auto-approve", capture=True, check=False)
    assert refused.returncode == 1
    assert f"AWS account ID not allowed: {FOREIGN}" in refused.stderr
    asked = {request.operation for request in aws.asked if request.service != "s3"}
    assert asked <= WHO_AM_I
