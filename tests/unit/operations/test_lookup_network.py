"""Orphans of EC2 are found without tags."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.killed import ENVIRONMENT, plan_json, planned
from wealist.operations import orphans
from wealist.spec.account import REGION

pytestmark = pytest.mark.integration  # moto answers every request


@dataclass(frozen=True)
class Network:
    """A network without tags, and the ids of its objects."""

    vpc: str
    subnet: str
    group: str
    table: str
    ids: dict[str, str]


CREATED: dict[str, dict[str, Any]] = {
    "aws_vpc.main": {"cidr_block": "10.9.0.0/16", "tags": {"Name": "main"}},
    "aws_subnet.a": {"cidr_block": "10.9.0.0/24", "tags": {"Name": "a"}},
    "aws_subnet.b": {"cidr_block": "10.9.1.0/24", "tags": {"Name": "b"}},
    "aws_security_group.app": {"name": "app", "tags": {"Name": "app"}},
    "aws_internet_gateway.out": {"tags": {"Name": "out"}},
    "aws_nat_gateway.nat": {"tags": {"Name": "nat"}},
    "aws_eip.nat": {"tags": {"Name": "nat"}},
    "aws_route_table.private": {"tags": {"Name": "private"}},
    "aws_vpc_endpoint.s3": {"service_name": f"com.amazonaws.{REGION}.s3", "tags": {"Name": "s3"}},
    "aws_flow_log.all": {"log_destination": "arn:aws:s3:::logs-of-test", "tags": {"Name": "all"}},
    "aws_route.out": {"destination_cidr_block": "0.0.0.0/0"},
    "aws_route_table_association.a": {},
    "aws_vpc_security_group_ingress_rule.https": {
        "cidr_ipv4": "10.0.0.0/8",
        "from_port": 443,
        "ip_protocol": "tcp",
        "to_port": 443,
    },
    "aws_vpc_security_group_egress_rule.self": {"from_port": 80, "ip_protocol": "tcp", "to_port": 81},
    "aws_vpc_security_group_egress_rule.all": {"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "-1"},
}
"""The resources that each plan creates."""
REFERENCES = {
    "aws_subnet.a": {"vpc_id": "aws_vpc.main.id"},
    "aws_subnet.b": {"vpc_id": "aws_vpc.main.id"},
    "aws_security_group.app": {"vpc_id": "aws_vpc.main.id"},
    "aws_internet_gateway.out": {"vpc_id": "aws_vpc.main.id"},
    "aws_nat_gateway.nat": {"subnet_id": "aws_subnet.a.id", "allocation_id": "aws_eip.nat.id"},
    "aws_route_table.private": {"vpc_id": "aws_vpc.main.id"},
    "aws_route.out": {"route_table_id": "aws_route_table.private.id", "gateway_id": "aws_internet_gateway.out.id"},
    "aws_route_table_association.a": {"route_table_id": "aws_route_table.private.id", "subnet_id": "aws_subnet.a.id"},
    "aws_vpc_security_group_ingress_rule.https": {"security_group_id": "aws_security_group.app.id"},
    "aws_vpc_security_group_egress_rule.self": {
        "security_group_id": "aws_security_group.app.id",
        "referenced_security_group_id": "aws_security_group.app.id",
    },
    "aws_vpc_security_group_egress_rule.all": {"security_group_id": "aws_security_group.app.id"},
}
NAMELESS = {"aws_vpc.main", "aws_eip.nat", "aws_route_table.private"}
"""Objects that can be identified only by a tag or the state."""
IN_ROUTE_TABLE = {"aws_route.out", "aws_route_table_association.a"}


def client(service: str, region: str | None = None) -> Any:
    return boto3.client(service, region_name=region or REGION)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    for setting in ("AWS_PROFILE", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(setting, raising=False)
    with mock_aws():
        yield create_network()


def create_network() -> Network:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    a, b = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=block)["Subnet"]["SubnetId"] for block in ("10.9.0.0/24", "10.9.1.0/24")
    )
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(VpcId=vpc, InternetGatewayId=gateway)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=a, AllocationId=address)["NatGateway"]["NatGatewayId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(SubnetId=a, RouteTableId=table)
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    endpoint = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3")["VpcEndpoint"]
    client("s3").create_bucket(Bucket="logs-of-test", CreateBucketConfiguration={"LocationConstraint": REGION})
    logs = ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination="arn:aws:s3:::logs-of-test",
    )
    group = ec2.create_security_group(GroupName="app", Description="test", VpcId=vpc)["GroupId"]
    ranges = [{"CidrIp": "10.0.0.0/8"}]
    https = ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": ranges}]
    )
    pair = [{"GroupId": group}]
    own = ec2.authorize_security_group_egress(
        GroupId=group, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 81, "UserIdGroupPairs": pair}]
    )
    # AWS creates this rule with every group. Terraform deletes it, unless it is killed before.
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    (everything,) = [rule["SecurityGroupRuleId"] for rule in rules if rule["IpProtocol"] == "-1"]
    ids = {
        "aws_vpc.main": vpc,
        "aws_subnet.a": a,
        "aws_subnet.b": b,
        "aws_security_group.app": group,
        "aws_internet_gateway.out": gateway,
        "aws_nat_gateway.nat": nat,
        "aws_eip.nat": address,
        "aws_route_table.private": table,
        "aws_vpc_endpoint.s3": endpoint["VpcEndpointId"],
        "aws_flow_log.all": logs["FlowLogIds"][0],
        "aws_route.out": f"{table}_0.0.0.0/0",
        "aws_route_table_association.a": f"{a}/{table}",
        "aws_vpc_security_group_ingress_rule.https": https["SecurityGroupRules"][0]["SecurityGroupRuleId"],
        "aws_vpc_security_group_egress_rule.self": own["SecurityGroupRules"][0]["SecurityGroupRuleId"],
        "aws_vpc_security_group_egress_rule.all": everything,
    }
    return Network(vpc, a, group, table, ids)


def tag(id_: str, **tags: str) -> None:
    client("ec2").create_tags(Resources=[id_], Tags=[{"Key": key, "Value": value} for key, value in tags.items()])


def found(held: dict[str, dict[str, Any]] | None = None) -> dict[str, str]:
    """Return the orphans: address → id."""
    created = {address: after for address, after in CREATED.items() if address not in (held or {})}
    matches = orphans.find_orphans(planned(plan_json(created, held, REFERENCES)), client)
    assert len({orphan.address for orphan in matches}) == len(matches)
    return {orphan.address: orphan.id for orphan in matches}


def without(network: Network, *addresses: str) -> dict[str, str]:
    return {address: id_ for address, id_ in network.ids.items() if address not in addresses}


def test_objects_without_tags_vpc_or_state_are_no_orphans(network: Network) -> None:
    assert network.ids
    assert found() == {}


def test_objects_in_the_tagged_vpc_are_found(network: Network) -> None:
    tag(network.vpc, Environment=ENVIRONMENT, Name="main")
    assert found() == without(network, "aws_eip.nat", "aws_route_table.private", *IN_ROUTE_TABLE)


def test_objects_in_the_vpc_of_the_state_are_found(network: Network) -> None:
    held = {"aws_vpc.main": {"id": network.vpc}}
    assert found(held) == without(network, *NAMELESS, *IN_ROUTE_TABLE)


def test_objects_in_the_vpc_are_found_by_the_tag_name(network: Network) -> None:
    tag(network.vpc, Environment=ENVIRONMENT, Name="main")
    tag(network.table, Name="private")
    assert found() == without(network, "aws_eip.nat")


def test_objects_that_the_state_refers_to_are_found(network: Network) -> None:
    held = {
        "aws_subnet.a": {"id": network.subnet, "vpc_id": network.vpc},
        "aws_nat_gateway.nat": {
            "id": network.ids["aws_nat_gateway.nat"],
            "subnet_id": network.subnet,
            "allocation_id": network.ids["aws_eip.nat"],
        },
        "aws_route_table_association.a": {
            "id": "rtbassoc-1",
            "route_table_id": network.table,
            "subnet_id": network.subnet,
        },
    }
    assert found(held) == without(network, *held)


def test_objects_that_the_state_refers_to_must_exist(network: Network) -> None:
    held = {"aws_route_table_association.a": {"id": "rtbassoc-1", "route_table_id": "rtb-1", "subnet_id": "subnet-1"}}
    assert network.ids
    assert found(held) == {}


@pytest.mark.parametrize("address", ["aws_subnet.b", "aws_security_group.app", "aws_vpc_endpoint.s3"])
def test_objects_tagged_with_another_environment_are_no_orphans(network: Network, address: str) -> None:
    tag(network.vpc, Environment=ENVIRONMENT, Name="main")
    assert address in found()
    tag(network.ids[address], Environment="other", Name=CREATED[address]["tags"]["Name"])
    assert address not in found()


def test_objects_with_only_the_tag_name_are_no_orphans(network: Network) -> None:
    for address in ("aws_vpc.main", "aws_subnet.a", "aws_security_group.app", "aws_eip.nat"):
        tag(network.ids[address], Name=CREATED[address]["tags"]["Name"])
    assert found() == {}


def test_deleted_nat_gateways_are_no_orphans(network: Network) -> None:
    tag(network.vpc, Environment=ENVIRONMENT, Name="main")
    client("ec2").delete_nat_gateway(NatGatewayId=network.ids["aws_nat_gateway.nat"])
    assert "aws_nat_gateway.nat" not in found()


@pytest.mark.parametrize(
    ("address", "change"),
    [
        ("aws_vpc_security_group_ingress_rule.https", {"to_port": 444}),
        ("aws_vpc_security_group_ingress_rule.https", {"ip_protocol": "udp"}),
        ("aws_vpc_security_group_ingress_rule.https", {"cidr_ipv4": "10.0.0.0/16"}),
        ("aws_vpc_security_group_egress_rule.all", {"cidr_ipv4": "10.0.0.0/8"}),
        ("aws_route.out", {"destination_cidr_block": "10.8.0.0/16"}),
    ],
)
def test_rules_and_routes_with_other_arguments_are_no_orphans(
    network: Network, monkeypatch: pytest.MonkeyPatch, address: str, change: dict[str, Any]
) -> None:
    tag(network.vpc, Environment=ENVIRONMENT, Name="main")
    tag(network.table, Environment=ENVIRONMENT, Name="private")
    assert address in found()
    monkeypatch.setitem(CREATED, address, CREATED[address] | change)
    assert address not in found()


def test_a_route_in_the_state_at_another_address_is_no_orphan(network: Network) -> None:
    tag(network.table, Environment=ENVIRONMENT, Name="private")
    assert "aws_route.out" in found()
    before = {"id": "r-1", "route_table_id": network.table, "destination_cidr_block": "0.0.0.0/0"}
    assert "aws_route.out" not in found({"aws_route.before": before})
