from functools import partial
from typing import Any

import boto3

from wealist.operations.emulator.corrections import autoscaling
from wealist.operations.emulator.corrections.replace import Replace
from wealist.spec.account import REGION

client = partial(boto3.client, region_name=REGION)


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
    autoscaling.policies_are_enabled_and_of_one_type(replace)
    policy = scaling_policy()
    assert policy["Enabled"] is True
    assert "PredictiveScalingConfiguration" not in policy
