from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import boto3
import pytest
from moto import mock_aws

from wealist.operations import object_counts
from wealist.spec.account import REGION

pytestmark = pytest.mark.integration  # every question goes through the embedded AWS


def client(service: str, region: str | None = None) -> Any:
    return boto3.client(service, region_name=region or REGION)


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for setting in ("AWS_PROFILE", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(setting, raising=False)
    with mock_aws():
        yield


def make_vpc(environment: str) -> str:
    tags = [{"Key": "Environment", "Value": environment}]
    made = client("ec2").create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": tags}])
    return str(made["Vpc"]["VpcId"])


def added(before: object_counts.ObjectCounts, after: object_counts.ObjectCounts) -> tuple[Counter[str], Counter[str]]:
    return after.own - before.own, after.others - before.others


count = partial(object_counts.count_objects, client)


@pytest.mark.parametrize(
    "name", ["wealist-dev-sg", "wealist-app-artifacts-dev", "/wealist/dev/jwt", "x.dev.wealist.co.kr"]
)
def test_a_thing_is_an_environments_by_its_name(name: str) -> None:
    make_vpc("dev")
    assert object_counts.ownership_pattern(client, "dev").search(f'"Name": "{name}"')


@pytest.mark.parametrize(
    "name", ["wealist-prod-sg", "wealist-app-artifacts", "/wealist/prod/jwt", "wealist-develop-sg"]
)
def test_a_thing_of_another_name_is_somebody_elses(name: str) -> None:
    make_vpc("dev")
    assert not object_counts.ownership_pattern(client, "dev").search(f'"Name": "{name}"')


def test_what_lies_in_an_environments_vpc_is_the_environments() -> None:
    own, other = make_vpc("dev"), make_vpc("prod")
    marks = object_counts.ownership_pattern(client, "dev")
    before = count(marks)
    client("ec2").create_subnet(VpcId=own, CidrBlock="10.0.0.0/24")
    client("ec2").create_subnet(VpcId=other, CidrBlock="10.0.0.0/24")
    assert added(before, count(marks)) == (Counter({"aws_subnet": 1}), Counter({"aws_subnet": 1}))


def test_a_key_that_waits_for_its_deletion_is_gone() -> None:
    make_vpc("dev")
    marks = object_counts.ownership_pattern(client, "dev")
    key = client("kms").create_key(Tags=[{"TagKey": "Environment", "TagValue": "dev"}])["KeyMetadata"]["KeyId"]
    assert count(marks).own["aws_kms_key"] == 1
    client("kms").schedule_key_deletion(KeyId=key)
    assert count(marks).own["aws_kms_key"] == 0


def test_a_deleted_nat_gateway_that_is_still_described_is_gone() -> None:
    vpc = make_vpc("dev")
    marks = object_counts.ownership_pattern(client, "dev")
    subnet = client("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    nat = client("ec2").create_nat_gateway(SubnetId=subnet, ConnectivityType="private")["NatGateway"]["NatGatewayId"]
    assert count(marks).own["aws_nat_gateway"] == 1
    client("ec2").delete_nat_gateway(NatGatewayId=nat)
    assert count(marks).own["aws_nat_gateway"] == 0
