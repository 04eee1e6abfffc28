"""Monitoring: the data volume and the files of the instance."""

from typing import Final

import pytest

from tests.policies import Grant, allows, grants_of
from tests.synthesized import Resource, Stack, address_of

HERE: Final = "ap-northeast-2:290008131187"
VOLUME: Final = "aws_ebs_volume.monitoring_data_volume.arn"
ANOTHER: Final = f"arn:aws:ec2:{HERE}:volume/vol-0123456789abcdef0"
INSTANCE: Final = f"arn:aws:ec2:{HERE}:instance/i-0123456789abcdef0"
KEY: Final = "aws_kms_key.encryption_key.arn"
BY_EC2: Final = {
    "GrantIsForAWSResource": "true",
    "ViaService": "ec2.ap-northeast-2.amazonaws.com",
    "GrantConstraintType": "EncryptionContextSubset",
}


def group(stack: Stack) -> Resource:
    return stack.at("aws_autoscaling_group.monitoring_fleet_asg")


def bootstrap(stack: Stack) -> Resource:
    """Return the arguments of the module that renders the user data."""
    return stack.target(stack.at("aws_launch_template.monitoring_fleet_launch_template"), "user_data")


@pytest.fixture
def may(stack: Stack, name: str) -> set[Grant]:
    """Rights of the instances."""
    return grants_of(stack, f"wealist-{name}-ec2-role")


# The volume


def test_the_volume_is_in_the_zone_of_the_instances_only_subnet(stack: Stack) -> None:
    subnet = address_of(stack.only("aws_ebs_volume")["availability_zone"])
    assert group(stack).refers_to("vpc_zone_identifier") == [subnet]


def test_the_name_of_the_data_volume_is_unique(name: str, stack: Stack) -> None:
    volume = f"wealist-{name}-monitoring-data"
    assert stack.only("aws_ebs_volume")["tags"]["Name"] == volume
    assert bootstrap(stack)["monitoring"]["data_volume"] == volume
    templates = stack.all("aws_launch_template")
    assert volume not in [each["tags"]["Name"] for template in templates for each in template["tag_specifications"]]


def test_the_instance_depends_on_its_volume_and_files(stack: Stack) -> None:
    """EBS does not delete an attached volume, so the instance must be deleted first."""
    needed = {stack.only(kind).address for kind in ("aws_ebs_volume", "aws_s3_object")}
    assert needed <= set(group(stack)["depends_on"])


def test_only_the_data_volume_can_be_attached_and_only_to_monitoring(may: set[Grant], name: str) -> None:
    assert allows(may, "ec2:AttachVolume", VOLUME)
    assert allows(may, "ec2:AttachVolume", INSTANCE, Role="monitoring", Environment=name)
    assert not allows(may, "ec2:AttachVolume", ANOTHER, Role="monitoring", Environment=name)
    assert not allows(may, "ec2:AttachVolume", INSTANCE, Role="backend", Environment=name)
    assert not allows(may, "ec2:AttachVolume", INSTANCE)


def test_grants_of_the_key_are_limited_to_ec2(may: set[Grant]) -> None:
    assert allows(may, "kms:CreateGrant", KEY, **BY_EC2)
    for missing in BY_EC2:
        assert not allows(may, "kms:CreateGrant", KEY, **{key: BY_EC2[key] for key in BY_EC2 if key != missing})


# The files


def test_the_instance_reads_its_files_and_cannot_change_them(stack: Stack, may: set[Grant]) -> None:
    objects = stack.only("aws_s3_object", key="monitoring/${each.key}")
    bucket = stack.target(objects, "bucket")["bucket"]
    assert bootstrap(stack)["monitoring"]["files_url"] == f"s3://{bucket}/monitoring/"
    file = f"arn:aws:s3:::{bucket}/monitoring/compose.yml"
    assert [verb for verb in ("Get", "Put", "Delete") if allows(may, f"s3:{verb}Object", file)] == ["Get"]


def test_the_files_and_the_script_come_from_one_module(stack: Stack) -> None:
    assert stack.only("aws_s3_object")["for_each"] == f"${{{bootstrap(stack).address}.files}}"
