"""The resources of the stack and the existing ones must fit into the quotas of the account."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.recorded_aws import RecordedAws, refusal
from tests.unit.operations.preflight.conftest import outcomes, results, subject
from wealist.model import types
from wealist.operations.preflight.check import Outcome, Row
from wealist.operations.preflight.quotas import quotas, read

DEV = [{"Key": "Environment", "Value": "dev"}]
PROD = [{"Key": "Environment", "Value": "prod"}]
EMPTY: dict[str, Any] = {
    "ec2.describe_vpcs": {"Vpcs": []},
    "ec2.describe_addresses": {"Addresses": []},
    "ec2.describe_security_group_rules": {"SecurityGroupRules": []},
    "ec2.describe_vpc_endpoints": {"VpcEndpoints": []},
    "autoscaling.describe_auto_scaling_groups": {"AutoScalingGroups": []},
    "s3.list_buckets": {"Buckets": []},
}


def limit(value: float) -> dict[str, Any]:
    return {"service-quotas.get_service_quota": {"Quota": {"Value": value}}}


def row(what: str, answers: Mapping[str, Any], value: float = 5) -> Row:
    return results(quotas, {**EMPTY, **answers, **limit(value)})[f"quota: {what}"]


def test_an_empty_account_is_right() -> None:
    found = results(quotas, EMPTY | limit(100))
    assert outcomes(found) == {Outcome.RIGHT}
    assert [what.removeprefix("quota: ") for what in found] == [quota.what for quota in read()]


@pytest.mark.parametrize(("held", "outcome"), [(4, Outcome.RIGHT), (5, Outcome.WRONG)])
def test_existing_resources_must_leave_room_for_the_stacks(held: int, outcome: Outcome) -> None:
    vpcs = {"ec2.describe_vpcs": {"Vpcs": [{"VpcId": f"vpc-{each}", "Tags": PROD} for each in range(held)]}}
    found = row("VPCs in the region", vpcs)
    assert (found.outcome, found.expected, found.found) == (outcome, "room for 1", f"5, of which others use {held}")


def test_existing_resources_of_the_environment_are_counted_once() -> None:
    vpcs = [{"VpcId": "vpc-1", "Tags": DEV}, *({"VpcId": f"vpc-{each}"} for each in range(2, 6))]
    assert row("VPCs in the region", {"ec2.describe_vpcs": {"Vpcs": vpcs}}).found == "5, of which others use 4"
    groups = [{"AutoScalingGroupName": name} for name in ("wealist-dev-backend-asg", "wealist-prod-backend-asg")]
    asgs = {
        "autoscaling.describe_auto_scaling_groups": {
            "AutoScalingGroups": [
                each
                | {
                    "MinSize": 1,
                    "MaxSize": 1,
                    "DesiredCapacity": 1,
                    "DefaultCooldown": 1,
                    "AvailabilityZones": [],
                    "HealthCheckType": "EC2",
                    "CreatedTime": 0,
                }
                for each in groups
            ]
        }
    }
    assert row("Auto Scaling groups in the region", asgs).found == "5, of which others use 1"
    buckets = {"s3.list_buckets": {"Buckets": [{"Name": "wealist-frontend-dev"}, {"Name": "wealist-frontend"}]}}
    assert row("buckets of the account", buckets, 100).found == "100, of which others use 1"


def endpoint(number: int, kind: str, vpc: str, tags: list[dict[str, str]]) -> dict[str, Any]:
    service = "com.amazonaws.ap-northeast-2.s3"
    return {
        "VpcEndpointId": f"vpce-{number}",
        "VpcEndpointType": kind,
        "VpcId": vpc,
        "ServiceName": service,
        "Tags": tags,
    }


def test_endpoints_are_counted_by_kind_and_interfaces_by_vpc() -> None:
    held = {
        "ec2.describe_vpc_endpoints": {
            "VpcEndpoints": [
                endpoint(1, "Interface", "vpc-dev", DEV),
                endpoint(2, "Interface", "vpc-dev", []),
                endpoint(3, "Interface", "vpc-prod", PROD),
                endpoint(4, "Gateway", "vpc-dev", DEV),
                endpoint(5, "Gateway", "vpc-prod", PROD),
            ]
        }
    }
    assert row("interface endpoints in a VPC", held, 50).found == "50, of which others use 1"
    # Prod's endpoint has the same service as dev's, but is not dev's.
    assert row("gateway endpoints in the region", held, 20).found == "20, of which others use 1"


def rule(group: str, tags: list[dict[str, str]], *, egress: bool) -> dict[str, Any]:
    return {"GroupId": group, "IsEgress": egress, "Tags": tags}


def test_outbound_rules_are_counted_separately() -> None:
    held = [rule("sg-1", DEV, egress=True), rule("sg-1", [], egress=True), rule("sg-1", [], egress=False)]
    found = row(
        "outbound rules of a security group", {"ec2.describe_security_group_rules": {"SecurityGroupRules": held}}
    )
    assert found.found == "5, of which others use 1"


@pytest.mark.parametrize(("most", "outcome"), [(9, Outcome.RIGHT), (8, Outcome.WRONG)])
def test_rules_added_by_others_to_a_group_of_the_stack_count(most: int, outcome: Outcome) -> None:
    held = {
        "ec2.describe_security_group_rules": {
            "SecurityGroupRules": [
                rule("sg-1", DEV, egress=False),
                *(rule("sg-1", [], egress=False) for _ in range(3)),
                *(rule("sg-other", [], egress=False) for _ in range(7)),
                *(rule("sg-1", DEV, egress=True) for _ in range(9)),
            ]
        }
    }
    inbound = row("inbound rules of a security group", held, most)
    assert (inbound.expected, inbound.found) == ("room for 6", f"{most}, of which others use 3")
    assert inbound.outcome == outcome


def test_without_a_value_of_the_account_awss_default_applies() -> None:
    answers = EMPTY | {
        "service-quotas.get_service_quota": refusal("NoSuchResourceException"),
        "service-quotas.get_aws_default_service_quota": {"Quota": {"Value": 0.0}},
    }
    found = results(quotas, answers)
    assert outcomes(found) == {Outcome.WRONG}
    remedy = found["quota: VPCs in the region"].remedy
    assert re.search(r"--region ap-northeast-2 --service-code vpc --quota-code L-F678F1CE", remedy)


def test_each_quota_is_read_by_its_code() -> None:
    recorded = RecordedAws(EMPTY | limit(100))
    for check in quotas(subject(client=recorded)):
        check.look()
    asked = [call for name, call in recorded.asked if name == "service-quotas.get_service_quota"]
    assert [(call["ServiceCode"], call["QuotaCode"]) for call in asked] == [
        (each.service, each.code) for each in read()
    ]


def test_quotas_of_unused_types_are_not_checked() -> None:
    document = subject().stack.document
    few = {**document, "resource": {"aws_vpc": document["resource"]["aws_vpc"]}, "module": {}}
    assert [check.what for check in quotas(subject(document=few))] == ["quota: VPCs in the region"]


def test_every_counted_type_has_a_call_that_lists_it() -> None:
    for quota in read():
        known = types.row(quota.listed or quota.type)
        assert known
        assert known.lookup
        assert known.lookup.call
