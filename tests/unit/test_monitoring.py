"""Section 4 of the architecture, its monitoring: data that outlives the instance, and the files it runs with."""

from typing import Final

import pytest

from tests.policies import Grant, allows, grants_of
from tests.synthesized import Resource, Stack, address_of, attribute_of, tags

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
BUCKETS: Final = {"prod": "wealist-deploy-scripts", "dev": "wealist-deploy-scripts-dev"}


def volume(stack: Stack) -> Resource:
    return stack.only("aws_ebs_volume")


def group(stack: Stack, name: str) -> Resource:
    return stack.only("aws_autoscaling_group", name=f"wealist-{name}-monitoring-asg")


def bootstrap(stack: Stack, name: str) -> Resource:
    """The arguments of the module that writes the monitoring instance's user data."""
    template = stack.at(address_of(group(stack, name)["launch_template"]["id"]))
    return stack.module(template["user_data"])


@pytest.fixture
def may(stack: Stack, name: str) -> set[Grant]:
    """What every instance of an environment may do."""
    return grants_of(stack, f"wealist-{name}-ec2-role")


# The volume


def test_the_volume_is_encrypted_gp3_with_the_environments_key(stack: Stack) -> None:
    found = volume(stack)
    assert (found["type"], found["size"], found["encrypted"]) == ("gp3", 20, True)
    assert address_of(found["kms_key_id"]) == stack.only("aws_kms_key").address
    assert attribute_of(found["kms_key_id"]) == "arn"


def test_the_volume_lies_in_the_zone_of_the_one_subnet_that_the_instance_can_be_in(stack: Stack, name: str) -> None:
    found = volume(stack)["availability_zone"]
    assert [address_of(found)] == group(stack, name).refers_to("vpc_zone_identifier")
    assert attribute_of(found) == "availability_zone"
    assert stack.at(address_of(found))["availability_zone"] == "ap-northeast-2d"


def test_the_instance_finds_the_volume_by_its_name(stack: Stack, name: str) -> None:
    assert tags(volume(stack))["Name"] == f"wealist-{name}-monitoring-data"
    assert bootstrap(stack, name)["monitoring"]["data_volume"] == f"wealist-{name}-monitoring-data"
    # No other volume has that name: what instances are launched with is called otherwise.
    launched = {
        each["tags"]["Name"] for template in stack.all("aws_launch_template") for each in template["tag_specifications"]
    }
    assert launched == {f"wealist-{name}-backend", f"wealist-{name}-monitoring"}


def test_nothing_but_the_instance_attaches_the_volume(stack: Stack) -> None:
    assert stack.all("aws_volume_attachment") == []


def test_the_volume_leaves_a_snapshot_where_it_must_last(whole: tuple[Stack, bool]) -> None:
    stack, may_be_destroyed = whole
    assert volume(stack)["final_snapshot"] is not may_be_destroyed


def test_the_instance_starts_after_what_it_looks_for_and_is_gone_before_it(stack: Stack, name: str) -> None:
    """EBS refuses to delete a volume that an instance holds."""
    assert set(group(stack, name)["depends_on"]) == {volume(stack).address, stack.only("aws_s3_object").address}


def test_the_size_follows_the_setting_and_prometheus_is_told(otherwise: Stack, name: str) -> None:
    assert volume(otherwise)["size"] == bootstrap(otherwise, name)["monitoring"]["data_volume_gib"] == 100


# Who may attach it


def test_an_instance_of_monitoring_attaches_the_volume_to_itself(may: set[Grant], name: str) -> None:
    assert allows(may, "ec2:AttachVolume", VOLUME)
    assert allows(may, "ec2:AttachVolume", INSTANCE, Role="monitoring", Environment=name)


def test_no_other_volume_is_attached_and_to_no_other_instance(may: set[Grant], name: str) -> None:
    other = {"prod": "dev", "dev": "prod"}[name]
    assert not allows(may, "ec2:AttachVolume", ANOTHER, Role="monitoring", Environment=name)
    assert not allows(may, "ec2:AttachVolume", INSTANCE, Role="backend", Environment=name)
    assert not allows(may, "ec2:AttachVolume", INSTANCE, Role="monitoring", Environment=other)
    assert not allows(may, "ec2:AttachVolume", INSTANCE)


def test_an_instance_cannot_take_delete_or_copy_a_volume(may: set[Grant], name: str) -> None:
    for verb in ("DetachVolume", "DeleteVolume", "CreateSnapshot", "CreateVolume", "ModifyVolume", "CreateTags"):
        for arn in (VOLUME, ANOTHER, INSTANCE):
            assert not allows(may, f"ec2:{verb}", arn, Role="monitoring", Environment=name)


def test_the_key_is_granted_to_ec2_alone_and_only_for_volumes(may: set[Grant]) -> None:
    assert allows(may, "kms:CreateGrant", KEY, **BY_EC2)
    for missing in BY_EC2:
        assert not allows(may, "kms:CreateGrant", KEY, **{key: BY_EC2[key] for key in BY_EC2 if key != missing})
    assert not allows(may, "kms:CreateGrant", KEY, **{**BY_EC2, "GrantIsForAWSResource": "false"})
    assert not allows(may, "kms:CreateGrant", KEY, **{**BY_EC2, "ViaService": "rds.ap-northeast-2.amazonaws.com"})


# The files


def test_the_instance_fetches_its_files_where_they_are_put(stack: Stack, name: str) -> None:
    objects = stack.only("aws_s3_object")
    bucket = stack.target(objects, "bucket")["bucket"]
    assert bucket == BUCKETS[name]
    assert objects["key"] == "monitoring/${each.key}"
    assert objects["content"] == "${each.value}"
    assert bootstrap(stack, name)["monitoring"]["files_url"] == f"s3://{bucket}/monitoring/"


def test_the_files_are_those_of_the_script_that_checks_them(stack: Stack, name: str) -> None:
    template = stack.at(address_of(group(stack, name)["launch_template"]["id"]))
    module = address_of(template["user_data"]).rpartition(".")[0]
    assert stack.only("aws_s3_object")["for_each"] == f"${{{module}.files}}"


def test_the_instances_read_the_files_and_cannot_change_them(may: set[Grant], name: str) -> None:
    file = f"arn:aws:s3:::{BUCKETS[name]}/monitoring/compose.yml"
    assert allows(may, "s3:GetObject", file)
    assert not allows(may, "s3:PutObject", file)
    assert not allows(may, "s3:DeleteObject", file)


# Node metrics


def test_every_instance_is_told_the_port_that_prometheus_may_reach(stack: Stack) -> None:
    told = {arguments["node_exporter_port"] for arguments in stack.document["module"].values()}
    assert told == {9100}
