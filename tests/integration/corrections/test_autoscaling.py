from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.corrections import client
from wealist.emulator.corrections import autoscaling
from wealist.emulator.corrections.replace import Replace
from wealist.spec.account import REGION


def scaling_policy() -> dict[str, Any]:
    scaling = client("autoscaling")
    scaling.create_launch_configuration(LaunchConfigurationName="lc", ImageId="ami-1", InstanceType="t3.small")
    name = {"AutoScalingGroupName": "asg"}
    zones = ["ap-northeast-2a"]
    scaling.create_auto_scaling_group(
        **name, MinSize=0, MaxSize=0, LaunchConfigurationName="lc", AvailabilityZones=zones
    )
    target = {
        "TargetValue": 50.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
    }
    scaling.put_scaling_policy(
        **name, PolicyName="cpu", PolicyType="TargetTrackingScaling", TargetTrackingConfiguration=target
    )
    (policy,) = scaling.describe_policies()["ScalingPolicies"]
    kept: dict[str, Any] = policy
    return kept


def test_moto_alone_returns_policies_not_enabled_and_predictive() -> None:
    policy = scaling_policy()
    assert "Enabled" not in policy
    assert policy["PredictiveScalingConfiguration"] == {}


def test_a_scaling_policy_is_enabled_and_of_its_own_type(replace: Replace) -> None:
    autoscaling.scaling_policies_are_enabled(replace)
    policy = scaling_policy()
    assert policy["Enabled"] is True
    assert "PredictiveScalingConfiguration" not in policy


def group_of_one() -> str:
    """A group of one instance, of a launch template that then gets another instance type: the group's name."""
    ec2, scaling = client("ec2"), client("autoscaling")
    ec2.create_launch_template(
        LaunchTemplateName="template", LaunchTemplateData={"ImageId": "ami-12c6146b", "InstanceType": "t3.small"}
    )
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="asg",
        MinSize=1,
        MaxSize=2,
        DesiredCapacity=1,
        LaunchTemplate={"LaunchTemplateName": "template", "Version": "$Latest"},
        AvailabilityZones=["ap-northeast-2a"],
    )
    ec2.create_launch_template_version(
        LaunchTemplateName="template", LaunchTemplateData={"ImageId": "ami-12c6146b", "InstanceType": "t3.large"}
    )
    return "asg"


def lifetimes() -> list[int | None]:
    """What a group returns as created with two weeks, as updated to one day, and after an update of something else."""
    scaling, name = client("autoscaling"), {"AutoScalingGroupName": "asg"}
    scaling.create_launch_configuration(LaunchConfigurationName="lc", ImageId="ami-1", InstanceType="t3.small")
    settings: dict[str, Any] = {
        "MinSize": 0,
        "MaxSize": 0,
        "LaunchConfigurationName": "lc",
        "AvailabilityZones": ["ap-northeast-2a"],
    }
    found: list[int | None] = []
    scaling.create_auto_scaling_group(**name, **settings, MaxInstanceLifetime=1_209_600)
    changes: tuple[dict[str, int], ...] = ({}, {"MaxInstanceLifetime": 86_400}, {"MaxSize": 1})
    for change in changes:
        scaling.update_auto_scaling_group(**name, **change)
        (group,) = scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
        found.append(group.get("MaxInstanceLifetime"))
    return found


def test_moto_alone_drops_the_max_instance_lifetime() -> None:
    assert lifetimes() == [None, None, None]


def test_a_group_keeps_the_max_instance_lifetime(replace: Replace) -> None:
    autoscaling.groups_keep_max_instance_lifetime(replace)
    assert lifetimes() == [1_209_600, 86_400, 86_400]


def instance_types() -> list[str]:
    found = client("autoscaling").describe_auto_scaling_instances()["AutoScalingInstances"]
    ids = [each["InstanceId"] for each in found]
    reservations = client("ec2").describe_instances(InstanceIds=ids)["Reservations"]
    return [instance["InstanceType"] for each in reservations for instance in each["Instances"]]


def test_an_instance_refresh_starts_instances_of_the_latest_template(replace: Replace) -> None:
    autoscaling.an_instance_refresh_replaces_every_instance(replace)
    scaling, name = client("autoscaling"), {"AutoScalingGroupName": group_of_one()}
    assert instance_types() == ["t3.small"]
    started = scaling.start_instance_refresh(**name)["InstanceRefreshId"]
    assert instance_types() == ["t3.large"]
    (refresh,) = scaling.describe_instance_refreshes(**name)["InstanceRefreshes"]
    assert (refresh["InstanceRefreshId"], refresh["Status"]) == (started, "Successful")


def test_an_instance_refresh_of_an_unknown_group_is_rejected(replace: Replace) -> None:
    autoscaling.an_instance_refresh_replaces_every_instance(replace)
    with pytest.raises(ClientError, match="AutoScalingGroup 'gone' not found"):
        client("autoscaling").start_instance_refresh(AutoScalingGroupName="gone")


def launch_hook() -> dict[str, Any]:
    """A hook without a target, of a group that is there."""
    scaling_policy()
    scaling, group = client("autoscaling"), {"AutoScalingGroupName": "asg"}
    scaling.put_lifecycle_hook(
        **group, LifecycleHookName="launch", LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING"
    )
    (hook,) = scaling.describe_lifecycle_hooks(**group)["LifecycleHooks"]
    return dict(hook)


def test_moto_alone_gives_a_hook_a_queue_and_a_role() -> None:
    assert {"RoleARN", "NotificationTargetARN"} <= launch_hook().keys()


def test_a_hook_without_a_target_stays_without_one(replace: Replace) -> None:
    autoscaling.hooks_have_no_default_target(replace)
    assert not {"RoleARN", "NotificationTargetARN"} & launch_hook().keys()


@pytest.mark.parametrize(("stopped", "left"), [(["GroupMinSize"], ["GroupMaxSize"]), ([], [])])
def test_metrics_collection_can_be_disabled(replace: Replace, stopped: list[str], left: list[str]) -> None:
    autoscaling.metrics_collection_can_be_disabled(replace)
    scaling = client("autoscaling")
    scaling.create_launch_configuration(LaunchConfigurationName="made", ImageId="ami-03cf127a", InstanceType="t3.small")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="made",
        LaunchConfigurationName="made",
        MinSize=0,
        MaxSize=0,
        AvailabilityZones=[f"{REGION}a"],
    )
    group = {"AutoScalingGroupName": "made"}
    scaling.enable_metrics_collection(**group, Granularity="1Minute", Metrics=["GroupMinSize", "GroupMaxSize"])
    scaling.disable_metrics_collection(**group, **({"Metrics": stopped} if stopped else {}))
    (found,) = scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert [each["Metric"] for each in found["EnabledMetrics"]] == left


def load_balancer(**settings: Any) -> dict[str, Any]:
    vpc = client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = client("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    client("elbv2").create_load_balancer(Name="test", Subnets=[subnet], Type="application", **settings)
    (found,) = client("elbv2").describe_load_balancers(Names=["test"])["LoadBalancers"]
    described: dict[str, Any] = found
    return described


def test_moto_alone_returns_no_scheme_of_a_load_balancer() -> None:
    assert "Scheme" not in load_balancer()


def test_load_balancers_are_internet_facing_by_default(replace: Replace) -> None:
    autoscaling.load_balancers_are_internet_facing_by_default(replace)
    assert load_balancer()["Scheme"] == "internet-facing"


def test_load_balancers_can_be_internal(replace: Replace) -> None:
    autoscaling.load_balancers_are_internet_facing_by_default(replace)
    assert load_balancer(Scheme="internal")["Scheme"] == "internal"
