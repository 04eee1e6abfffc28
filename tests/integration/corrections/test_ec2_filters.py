from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.corrections import client
from wealist.emulator.corrections import ec2_filters
from wealist.emulator.corrections.replace import Replace
from wealist.operations.aws import items
from wealist.spec.account import REGION

LISTINGS = {
    "describe_addresses": "Addresses",
    "describe_flow_logs": "FlowLogs",
    "describe_internet_gateways": "InternetGateways",
    "describe_launch_templates": "LaunchTemplates",
    "describe_nat_gateways": "NatGateways",
    "describe_network_interfaces": "NetworkInterfaces",
    "describe_route_tables": "RouteTables",
    "describe_security_group_rules": "SecurityGroupRules",
    "describe_security_groups": "SecurityGroups",
    "describe_subnets": "Subnets",
    "describe_tags": "Tags",
    "describe_volumes": "Volumes",
    "describe_vpc_endpoints": "VpcEndpoints",
    "describe_vpcs": "Vpcs",
}
"""Every call that lists things of EC2 which the stacks make, and the part of its answer that holds them."""
DROPPED = {"describe_nat_gateways", "describe_tags"}
"""Calls among these of which moto alone drops the filters by tag."""


@pytest.fixture(autouse=True)
def one_of_each() -> None:
    """A thing for each of the calls, tagged as dev's."""
    ec2 = client("ec2")

    def tagged(kind: str) -> dict[str, Any]:
        return {"TagSpecifications": [{"ResourceType": kind, "Tags": [{"Key": "Environment", "Value": "dev"}]}]}

    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16", **tagged("vpc"))["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/24", **tagged("subnet"))["Subnet"]["SubnetId"]
    address = ec2.allocate_address(Domain="vpc", **tagged("elastic-ip"))["AllocationId"]
    ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address, **tagged("natgateway"))
    ec2.create_internet_gateway(**tagged("internet-gateway"))
    ec2.create_route_table(VpcId=vpc, **tagged("route-table"))
    ec2.create_network_interface(SubnetId=subnet, **tagged("network-interface"))
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc, **tagged("security-group"))["GroupId"]
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission], **tagged("security-group-rule"))
    ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=8, **tagged("volume"))
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3", **tagged("vpc-endpoint"))
    data = {"InstanceType": "t3.small"}
    ec2.create_launch_template(LaunchTemplateName="t", LaunchTemplateData=data, **tagged("launch-template"))
    client("s3").create_bucket(Bucket="logs-of-dev", CreateBucketConfiguration={"LocationConstraint": REGION})
    ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination="arn:aws:s3:::logs-of-dev",
        **tagged("vpc-flow-log"),
    )


@pytest.fixture
def corrected(replace: Replace) -> None:
    for correction in ec2_filters.CORRECTIONS:
        correction(replace)


def listed(call: str, name: str, value: str) -> list[Any]:
    """What a call answers to one filter."""
    argument = "Filter" if call in {"describe_nat_gateways", "describe_flow_logs"} else "Filters"
    return list(items(client("ec2"), call, LISTINGS[call], **{argument: [{"Name": name, "Values": [value]}]}))


@pytest.mark.parametrize("call", sorted(DROPPED))
def test_moto_alone_ignores_these_tag_filters(call: str) -> None:
    assert listed(call, "tag:Environment", "nonsense") == listed(call, "tag:Environment", "dev") != []


@pytest.mark.usefixtures("corrected")
@pytest.mark.parametrize("call", sorted(LISTINGS))
def test_every_call_applies_tag_filters(call: str) -> None:
    assert listed(call, "tag:Environment", "dev")
    assert listed(call, "tag:Environment", "d*")
    assert listed(call, "tag:Environment", "nonsense") == []
    assert listed(call, "tag:Nonsense", "dev") == []


@pytest.mark.usefixtures("corrected")
def test_filters_by_tag_key_are_applied() -> None:
    assert len(listed("describe_nat_gateways", "tag-key", "Environment")) == 1
    assert listed("describe_nat_gateways", "tag-key", "Nonsense") == []


@pytest.mark.usefixtures("corrected")
def test_moto_still_applies_its_own_filters() -> None:
    (gateway,) = listed("describe_nat_gateways", "tag:Environment", "dev")
    assert listed("describe_nat_gateways", "vpc-id", gateway["VpcId"]) == [gateway]
    assert listed("describe_nat_gateways", "vpc-id", "vpc-1") == []
    assert {tag["ResourceType"] for tag in listed("describe_tags", "resource-type", "volume")} == {"volume"}
    assert listed("describe_tags", "value", "nonsense") == []


@pytest.mark.usefixtures("corrected")
@pytest.mark.parametrize(
    "make",
    [
        lambda ec2, vpc, tags: ec2.create_carrier_gateway(VpcId=vpc, **tags("carrier-gateway")),
        lambda ec2, vpc, tags: ec2.create_egress_only_internet_gateway(
            VpcId=vpc, **tags("egress-only-internet-gateway")
        ),
        lambda ec2, vpc, tags: ec2.create_vpc_peering_connection(
            VpcId=vpc, PeerVpcId=vpc, **tags("vpc-peering-connection")
        ),
    ],
    ids=["carrier_gateways", "egress_only_internet_gateways", "vpc_peering_connections"],
)
def test_types_that_no_stack_uses_are_filtered_by_tag_too(
    make: Callable[..., Any], request: pytest.FixtureRequest
) -> None:
    ec2 = client("ec2")
    call = f"describe_{request.node.callspec.id}"

    def tags(kind: str) -> dict[str, Any]:
        return {"TagSpecifications": [{"ResourceType": kind, "Tags": [{"Key": "Environment", "Value": "dev"}]}]}

    make(ec2, ec2.describe_vpcs()["Vpcs"][-1]["VpcId"], tags)
    for value, number in {"dev": 1, "nonsense": 0}.items():
        answer = getattr(ec2, call)(Filters=[{"Name": "tag:Environment", "Values": [value]}])
        (found,) = [part for part in answer.values() if isinstance(part, list)]
        assert len(found) == number


@pytest.mark.usefixtures("corrected")
@pytest.mark.parametrize("call", sorted(DROPPED))
def test_unknown_filters_are_rejected(call: str) -> None:
    with pytest.raises(ClientError, match=r"InvalidParameterValue.*The filter 'nonsense' is invalid"):
        listed(call, "nonsense", "dev")
