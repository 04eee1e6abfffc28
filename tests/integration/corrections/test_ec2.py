from base64 import b64decode, b64encode
from functools import partial
from typing import Any

import boto3
import pytest

from wealist.emulator.corrections import ec2
from wealist.emulator.corrections.replace import Replace
from wealist.spec.account import REGION

client = partial(boto3.client, region_name=REGION)


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


def test_moto_alone_forgets_the_description_of_a_rule_between_groups() -> None:
    assert "Description" not in group_rule()


def test_a_rule_between_groups_keeps_its_description(replace: Replace) -> None:
    ec2.rules_between_groups_keep_their_description(replace)
    assert group_rule()["Description"] == "why"


def test_moto_alone_mixes_a_launch_templates_own_tags_into_its_data() -> None:
    assert tagged_by_template() == ["instance", "launch-template"]


def test_the_data_of_a_launch_template_tags_only_what_it_launches(replace: Replace) -> None:
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


def test_moto_alone_launches_nothing_from_a_later_version_with_user_data() -> None:
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


def test_moto_alone_calls_the_key_of_volumes_the_customers() -> None:
    assert manager_of_the_key_of_volumes() == "CUSTOMER"


def test_the_key_of_volumes_is_one_and_managed_by_aws(replace: Replace) -> None:
    ec2.the_key_of_volumes_is_managed_by_aws(replace)
    assert [manager_of_the_key_of_volumes() for _ in range(2)] == ["AWS", "AWS"]
    assert len(client("kms").list_keys()["Keys"]) == 1
