from base64 import b64decode, b64encode
from typing import Any

import pytest

from tests.integration.corrections import client
from wealist.emulator.corrections import ec2
from wealist.emulator.corrections.replace import Replace


def group_rule() -> dict[str, Any]:
    """A rule that lets one security group into another."""
    network = client("ec2")
    vpc = network.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = network.create_security_group(GroupName="group", Description="test", VpcId=vpc)["GroupId"]
    pair = {"GroupId": group, "Description": "why"}
    network.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [pair]}],
    )
    rules = network.describe_security_group_rules()["SecurityGroupRules"]
    rule: dict[str, Any] = next(rule for rule in rules if rule.get("ReferencedGroupInfo"))
    return rule


def tagged_by_template() -> list[str]:
    """The types of resource that a launch template says it tags."""
    tags = [{"Key": "Name", "Value": "test"}]
    client("ec2").create_launch_template(
        LaunchTemplateName="test",
        LaunchTemplateData={"TagSpecifications": [{"ResourceType": "instance", "Tags": tags}]},
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": tags}],
    )
    (version,) = client("ec2").describe_launch_template_versions(LaunchTemplateName="test")["LaunchTemplateVersions"]
    return [tagged["ResourceType"] for tagged in version["LaunchTemplateData"]["TagSpecifications"]]


def test_moto_alone_drops_the_description_of_a_rule_between_groups() -> None:
    assert "Description" not in group_rule()


def test_a_rule_between_groups_keeps_its_description(replace: Replace) -> None:
    ec2.rules_between_groups_keep_their_description(replace)
    assert group_rule()["Description"] == "why"


def test_moto_alone_mixes_a_launch_templates_own_tags_into_its_data() -> None:
    assert tagged_by_template() == ["instance", "launch-template"]


def test_a_launch_templates_own_tags_stay_out_of_its_data(replace: Replace) -> None:
    ec2.a_launch_template_keeps_its_own_tags_out_of_its_data(replace)
    assert tagged_by_template() == ["instance"]


def launched_from_the_second_version() -> str:
    """The user data of an instance that a group launches from a template's second version."""
    machines, scaling = client("ec2"), client("autoscaling")
    for make, script in (
        (machines.create_launch_template, "first"),
        (machines.create_launch_template_version, "second"),
    ):
        data = {"ImageId": "ami-12c6146b", "UserData": b64encode(script.encode()).decode()}
        make(LaunchTemplateName="test", LaunchTemplateData=data)
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="test",
        MinSize=1,
        MaxSize=1,
        LaunchTemplate={"LaunchTemplateName": "test", "Version": "2"},
        AvailabilityZones=["ap-northeast-2a"],
    )
    (instance,) = scaling.describe_auto_scaling_instances()["AutoScalingInstances"]
    found = machines.describe_instance_attribute(InstanceId=instance["InstanceId"], Attribute="userData")
    return b64decode(found["UserData"]["Value"]).decode()


def test_moto_alone_fails_on_user_data_of_a_later_version() -> None:
    with pytest.raises(AssertionError):
        launched_from_the_second_version()


def test_an_instance_starts_with_the_user_data_of_its_version(replace: Replace) -> None:
    ec2.every_version_of_a_launch_template_launches_instances(replace)
    assert launched_from_the_second_version() == "second"


def manager_of_the_key_of_volumes() -> str:
    """Who manages the key that encrypts a volume for which no other is named."""
    made = client("ec2").create_volume(AvailabilityZone="ap-northeast-2a", Size=1, Encrypted=True)
    key = client("kms").describe_key(KeyId=made["KmsKeyId"])["KeyMetadata"]
    return str(key["KeyManager"])


def test_moto_alone_returns_a_customer_key_for_volumes() -> None:
    assert manager_of_the_key_of_volumes() == "CUSTOMER"


def test_the_default_ebs_key_is_aws_managed_and_created_once(replace: Replace) -> None:
    ec2.the_default_ebs_key_is_aws_managed(replace)
    assert [manager_of_the_key_of_volumes() for _ in range(2)] == ["AWS", "AWS"]
    assert len(client("kms").list_keys()["Keys"]) == 1


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


def test_moto_alone_keeps_the_network_acl_of_a_deleted_vpc() -> None:
    assert acls_after_deleting_a_vpc() == 1


def test_deleting_a_vpc_deletes_its_network_acl(replace: Replace) -> None:
    ec2.deleting_a_vpc_deletes_its_network_acl(replace)
    assert acls_after_deleting_a_vpc() == 0


def test_moto_alone_keeps_the_interface_of_a_deleted_nat_gateway(subnet: str) -> None:
    assert interfaces_after_deleting_a_nat_gateway(subnet) == 1


def test_deleting_a_nat_gateway_deletes_its_interface(subnet: str, replace: Replace) -> None:
    ec2.deleting_a_nat_gateway_deletes_its_interface(replace)
    assert interfaces_after_deleting_a_nat_gateway(subnet) == 0


def test_moto_alone_keeps_the_address_of_a_deleted_nat_gateway_associated(subnet: str) -> None:
    assert associated_after_deleting_a_nat_gateway(subnet)


def test_deleting_a_nat_gateway_releases_its_address(subnet: str, replace: Replace) -> None:
    ec2.deleting_a_nat_gateway_releases_its_address(replace)
    assert not associated_after_deleting_a_nat_gateway(subnet)


def test_moto_alone_keeps_the_interface_of_a_terminated_instance(subnet: str) -> None:
    assert interfaces_after_terminating_an_instance(subnet) == 1


def test_terminating_an_instance_deletes_its_interface(subnet: str, replace: Replace) -> None:
    ec2.terminating_an_instance_deletes_its_interface(replace)
    assert interfaces_after_terminating_an_instance(subnet) == 0
