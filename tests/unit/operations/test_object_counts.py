from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import boto3
import pytest
from moto import mock_aws

from wealist.operations import object_counts
from wealist.spec.account import REGION

pytestmark = pytest.mark.integration  # moto answers every request


def client(service: str, region: str | None = None) -> Any:
    return boto3.client(service, region_name=region or REGION)


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for setting in ("AWS_PROFILE", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(setting, raising=False)
    with mock_aws():
        yield


def create_vpc(environment: str) -> str:
    tags = [{"Key": "Environment", "Value": environment}]
    created = client("ec2").create_vpc(
        CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": tags}]
    )
    return str(created["Vpc"]["VpcId"])


def added(before: object_counts.ObjectCounts, after: object_counts.ObjectCounts) -> tuple[Counter[str], Counter[str]]:
    return after.own - before.own, after.others - before.others


count = partial(object_counts.count_objects, client)


@pytest.mark.parametrize(
    "name", ["wealist-dev-sg", "wealist-app-artifacts-dev", "/wealist/dev/jwt", "x.dev.wealist.co.kr"]
)
def test_objects_with_the_environments_name_are_its_own(name: str) -> None:
    create_vpc("dev")
    assert object_counts.ownership_pattern(client, "dev").search(f'"Name": "{name}"')


@pytest.mark.parametrize(
    "name", ["wealist-prod-sg", "wealist-app-artifacts", "/wealist/prod/jwt", "wealist-develop-sg"]
)
def test_objects_with_another_name_are_others(name: str) -> None:
    create_vpc("dev")
    assert not object_counts.ownership_pattern(client, "dev").search(f'"Name": "{name}"')


def test_objects_in_the_environments_vpc_are_its_own() -> None:
    own, other = create_vpc("dev"), create_vpc("prod")
    pattern = object_counts.ownership_pattern(client, "dev")
    before = count(pattern)
    client("ec2").create_subnet(VpcId=own, CidrBlock="10.0.0.0/24")
    client("ec2").create_subnet(VpcId=other, CidrBlock="10.0.0.0/24")
    assert added(before, count(pattern)) == (Counter({"aws_subnet": 1}), Counter({"aws_subnet": 1}))


def test_keys_pending_deletion_are_not_counted() -> None:
    create_vpc("dev")
    pattern = object_counts.ownership_pattern(client, "dev")
    key = client("kms").create_key(Tags=[{"TagKey": "Environment", "TagValue": "dev"}])["KeyMetadata"]["KeyId"]
    assert count(pattern).own["aws_kms_key"] == 1
    client("kms").schedule_key_deletion(KeyId=key)
    assert count(pattern).own["aws_kms_key"] == 0


def test_deleted_nat_gateways_are_not_counted() -> None:
    vpc = create_vpc("dev")
    pattern = object_counts.ownership_pattern(client, "dev")
    subnet = client("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    nat = client("ec2").create_nat_gateway(SubnetId=subnet, ConnectivityType="private")["NatGateway"]["NatGatewayId"]
    assert count(pattern).own["aws_nat_gateway"] == 1
    client("ec2").delete_nat_gateway(NatGatewayId=nat)
    assert count(pattern).own["aws_nat_gateway"] == 0
