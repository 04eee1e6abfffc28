"""The commands of docs/recovery.md that restore the database, run on moto."""

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import boto3
import pytest
from botocore import xform_name
from moto import mock_aws

from wealist.project import ROOT
from wealist.spec.account import REGION

pytestmark = pytest.mark.integration

PAGE: Final = (ROOT / "docs" / "recovery.md").read_text(encoding="utf-8")
DATABASE: Final = "wealist-prod-rds"
LOST: Final = f"{DATABASE}-lost"
SNAPSHOT: Final = "awsbackup-job-1"
"""Replaces a name with a colon, which only AWS Backup can create."""


@pytest.fixture
def rds() -> Iterator[Any]:
    """Return an RDS client; there is a database with a snapshot, in moto's default VPC."""
    with mock_aws():
        ec2, rds = (boto3.client(service, region_name=REGION) for service in ("ec2", "rds"))
        subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"]]
        rds.create_db_subnet_group(
            DBSubnetGroupName="wealist-prod-db-subnet-group", DBSubnetGroupDescription="-", SubnetIds=subnets
        )
        rds.create_db_instance(
            DBInstanceIdentifier=DATABASE,
            DBInstanceClass="db.t3.micro",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="wealist",
            MasterUserPassword="anything-at-all",
        )
        rds.create_db_snapshot(DBInstanceIdentifier=DATABASE, DBSnapshotIdentifier=SNAPSHOT)
        # moto names automated snapshots by the minute and rejects a second one.
        for each in rds.describe_db_snapshots(SnapshotType="automated")["DBSnapshots"]:
            rds.delete_db_snapshot(DBSnapshotIdentifier=each["DBSnapshotIdentifier"])
        yield rds


def run(rds: Any, name: str) -> None:
    """Run a command of the page, with its options as API arguments."""
    typed = re.sub(r" *\\\n\s*", " ", PAGE).replace("awsbackup:job-…", SNAPSHOT)
    (line,) = re.findall(rf"\$ (aws rds {name} .*)", typed)
    _, _, _, *words = shlex.split(line)
    model = rds.meta.service_model.operation_model(rds.meta.method_to_api_mapping[name.replace("-", "_")])
    members = {f"--{xform_name(each, '-')}": each for each in model.input_shape.members}
    given: dict[str, Any] = {}
    for word in words:
        if word.startswith("--"):
            option = members[word]
            given[option] = True
        else:
            kind = model.input_shape.members[option].type_name
            given[option] = [word] if kind == "list" else datetime.now(UTC) if kind == "timestamp" else word
    getattr(rds, name.replace("-", "_"))(**given)


def names(rds: Any) -> set[str]:
    return {each["DBInstanceIdentifier"] for each in rds.describe_db_instances()["DBInstances"]}


@pytest.mark.parametrize("restore", ["restore-db-instance-to-point-in-time", "restore-db-instance-from-db-snapshot"])
def test_the_restored_database_takes_the_name_and_the_lost_one_remains(rds: Any, restore: str) -> None:
    run(rds, "modify-db-instance")
    assert names(rds) == {LOST}
    run(rds, restore)
    assert names(rds) == {LOST, DATABASE}
    (restored,) = rds.describe_db_instances(DBInstanceIdentifier=DATABASE)["DBInstances"]
    assert restored["DBSubnetGroup"]["DBSubnetGroupName"] == "wealist-prod-db-subnet-group"
