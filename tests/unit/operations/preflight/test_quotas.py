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
PARTS = {
    "ec2.describe_vpcs": "Vpcs",
    "ec2.describe_addresses": "Addresses",
    "ec2.describe_security_group_rules": "SecurityGroupRules",
    "ec2.describe_vpc_endpoints": "VpcEndpoints",
    "autoscaling.describe_auto_scaling_groups": "AutoScalingGroups",
    "s3.list_buckets": "Buckets",
}
"""The key of each answer that holds the listed resources."""
EMPTY: dict[str, Any] = {call: {part: []} for call, part in PARTS.items()}


def limit(value: float) -> dict[str, Any]:
    return {"service-quotas.get_service_quota": {"Quota": {"Value": value}}}


def row(what: str, call: str, *existing: Mapping[str, Any], quota: float = 5) -> Row:
    """The row of a quota if a call lists some resources, and no others exist."""
    answers = EMPTY | {call: {PARTS[call]: existing}} | limit(quota)
    return results(quotas, answers)[f"quota: {what}"]


def test_an_empty_account_is_right() -> None:
    found = results(quotas, EMPTY | limit(100))
    assert outcomes(found) == {Outcome.RIGHT}
    assert [what.removeprefix("quota: ") for what in found] == [quota.what for quota in read()]


@pytest.mark.parametrize(("count", "outcome"), [(4, Outcome.RIGHT), (5, Outcome.WRONG)])
def test_existing_resources_must_leave_room_for_the_stacks(count: int, outcome: Outcome) -> None:
    vpcs = [{"VpcId": f"vpc-{each}", "Tags": PROD} for each in range(count)]
    found = row("VPCs in the region", "ec2.describe_vpcs", *vpcs)
    assert (found.outcome, found.expected, found.found) == (outcome, "room for 1", f"5, of which others use {count}")


def group(name: str) -> dict[str, Any]:
    sizes = {"MinSize": 1, "MaxSize": 1, "DesiredCapacity": 1, "DefaultCooldown": 1}
    return {"AutoScalingGroupName": name, "AvailabilityZones": [], "HealthCheckType": "EC2", "CreatedTime": 0, **sizes}


@pytest.mark.parametrize(
    ("what", "call", "existing"),
    [
        ("VPCs in the region", "ec2.describe_vpcs", [{"VpcId": "vpc-1", "Tags": DEV}, {"VpcId": "vpc-2"}]),
        (
            "Auto Scaling groups in the region",
            "autoscaling.describe_auto_scaling_groups",
            [group("wealist-dev-backend-asg"), group("wealist-prod-backend-asg")],
        ),
        ("buckets of the account", "s3.list_buckets", [{"Name": "wealist-frontend-dev"}, {"Name": "wealist-frontend"}]),
    ],
)
def test_resources_with_a_tag_or_name_of_the_environment_are_not_counted_again(
    what: str, call: str, existing: list[dict[str, Any]]
) -> None:
    assert row(what, call, *existing, quota=100).found == "100, of which others use 1"


def endpoint(number: int, kind: str, vpc: str, tags: list[dict[str, str]]) -> dict[str, Any]:
    service = "com.amazonaws.ap-northeast-2.s3"
    name = f"vpce-{number}"
    return {"VpcEndpointId": name, "VpcEndpointType": kind, "VpcId": vpc, "ServiceName": service, "Tags": tags}


@pytest.mark.parametrize("what", ["interface endpoints in a VPC", "gateway endpoints in the region"])
def test_endpoints_are_counted_by_kind_and_interfaces_by_vpc(what: str) -> None:
    existing = [
        endpoint(1, "Interface", "vpc-dev", DEV),
        endpoint(2, "Interface", "vpc-dev", []),
        endpoint(3, "Interface", "vpc-prod", PROD),
        endpoint(4, "Gateway", "vpc-dev", DEV),
        endpoint(5, "Gateway", "vpc-prod", PROD),
    ]
    assert row(what, "ec2.describe_vpc_endpoints", *existing, quota=50).found == "50, of which others use 1"


@pytest.mark.parametrize(("quota", "outcome"), [(9, Outcome.RIGHT), (8, Outcome.WRONG)])
def test_rules_of_one_direction_added_by_others_to_a_group_of_the_stack_count(quota: int, outcome: Outcome) -> None:
    def rules(count: int, group: str, tags: list[dict[str, str]], *, egress: bool = False) -> list[dict[str, Any]]:
        return [{"GroupId": group, "IsEgress": egress, "Tags": tags}] * count

    existing = [
        *rules(1, "sg-1", DEV),
        *rules(3, "sg-1", []),
        *rules(7, "sg-other", []),
        *rules(9, "sg-1", DEV, egress=True),
        *rules(2, "sg-1", [], egress=True),
    ]
    call = "ec2.describe_security_group_rules"
    inbound = row("inbound rules of a security group", call, *existing, quota=quota)
    assert (inbound.expected, inbound.found) == ("room for 6", f"{quota}, of which others use 3")
    assert inbound.outcome == outcome
    assert row("outbound rules of a security group", call, *existing).found == "5, of which others use 2"


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
