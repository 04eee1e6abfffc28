from functools import partial

import boto3
import pytest

from wealist.emulator.corrections import vpc
from wealist.emulator.corrections.replace import Replace
from wealist.spec.account import REGION

client = partial(boto3.client, region_name=REGION)


@pytest.fixture
def subnet() -> str:
    """A subnet in a VPC of its own."""
    network = client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    return str(client("ec2").create_subnet(VpcId=network, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"])


def acls_after_deleting_a_vpc() -> int:
    """Network ACLs that are left of a VPC."""
    network = client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    client("ec2").delete_vpc(VpcId=network)
    return len(client("ec2").describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [network]}])["NetworkAcls"])


def interfaces(subnet: str) -> int:
    filters = [{"Name": "subnet-id", "Values": [subnet]}]
    return len(client("ec2").describe_network_interfaces(Filters=filters)["NetworkInterfaces"])


def interfaces_after_deleting_a_nat_gateway(subnet: str) -> int:
    made = client("ec2").create_nat_gateway(SubnetId=subnet, ConnectivityType="private")["NatGateway"]
    assert interfaces(subnet) == 1
    client("ec2").delete_nat_gateway(NatGatewayId=made["NatGatewayId"])
    return interfaces(subnet)


def associated_after_deleting_a_nat_gateway(subnet: str) -> bool:
    """Whether the address of a deleted NAT gateway is still taken."""
    address = client("ec2").allocate_address(Domain="vpc")["AllocationId"]
    made = client("ec2").create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]
    client("ec2").delete_nat_gateway(NatGatewayId=made["NatGatewayId"])
    (found,) = client("ec2").describe_addresses(AllocationIds=[address])["Addresses"]
    return bool(found.get("AssociationId"))


def interfaces_after_terminating_an_instance(subnet: str) -> int:
    (image,) = client("ec2").describe_images(Filters=[{"Name": "image-id", "Values": ["ami-03cf127a"]}])["Images"]
    run = client("ec2").run_instances(SubnetId=subnet, ImageId=image["ImageId"], MinCount=1, MaxCount=1)
    assert interfaces(subnet) == 1
    client("ec2").terminate_instances(InstanceIds=[run["Instances"][0]["InstanceId"]])
    return interfaces(subnet)


def test_moto_alone_leaves_a_vpcs_network_acl_behind() -> None:
    assert acls_after_deleting_a_vpc() == 1


def test_a_vpcs_network_acl_goes_with_it(replace: Replace) -> None:
    vpc.a_vpcs_default_network_acl_goes_with_it(replace)
    assert acls_after_deleting_a_vpc() == 0


def test_moto_alone_leaves_a_nat_gateways_interface_behind(subnet: str) -> None:
    assert interfaces_after_deleting_a_nat_gateway(subnet) == 1


def test_a_nat_gateways_interface_goes_with_it(subnet: str, replace: Replace) -> None:
    vpc.a_nat_gateways_interface_goes_with_it(replace)
    assert interfaces_after_deleting_a_nat_gateway(subnet) == 0


def test_moto_alone_leaves_the_address_of_a_deleted_nat_gateway_taken(subnet: str) -> None:
    assert associated_after_deleting_a_nat_gateway(subnet)


def test_a_deleted_nat_gateway_lets_its_address_go(subnet: str, replace: Replace) -> None:
    vpc.a_nat_gateway_lets_its_address_go(replace)
    assert not associated_after_deleting_a_nat_gateway(subnet)


def test_moto_alone_leaves_an_instances_interface_behind(subnet: str) -> None:
    assert interfaces_after_terminating_an_instance(subnet) == 1


def test_an_instances_interface_goes_with_it(subnet: str, replace: Replace) -> None:
    vpc.an_instances_primary_interface_goes_with_it(replace)
    assert interfaces_after_terminating_an_instance(subnet) == 0
