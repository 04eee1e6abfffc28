from functools import partial
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from wealist.operations.emulator.corrections import codedeploy
from wealist.operations.emulator.corrections.replace import Replace
from wealist.spec.account import REGION

client = partial(boto3.client, region_name=REGION)


def deployment_group() -> dict[str, Any]:
    deploy = client("codedeploy")
    deploy.create_application(applicationName="app", computePlatform="Server")
    names = {"applicationName": "app", "deploymentGroupName": "group"}
    deploy.create_deployment_group(**names, autoScalingGroups=["asg"], serviceRoleArn="arn:aws:iam::1:role/deploy")
    info: dict[str, Any] = deploy.get_deployment_group(**names)["deploymentGroupInfo"]
    return info


def test_moto_alone_returns_auto_scaling_groups_without_names() -> None:
    assert deployment_group()["autoScalingGroups"] == [{}]


def test_a_deployment_group_names_its_auto_scaling_groups(replace: Replace) -> None:
    codedeploy.auto_scaling_groups_have_names(replace)
    assert [group["name"] for group in deployment_group()["autoScalingGroups"]] == ["asg"]


def test_moto_alone_cannot_delete_a_deployment_group() -> None:
    deployment_group()
    with pytest.raises(NotImplementedError):
        client("codedeploy").delete_deployment_group(applicationName="app", deploymentGroupName="group")


def test_deployment_groups_and_applications_can_be_deleted(replace: Replace) -> None:
    codedeploy.groups_and_applications_can_be_deleted(replace)
    deployment_group()
    deploy = client("codedeploy")
    deploy.delete_deployment_group(applicationName="app", deploymentGroupName="group")
    with pytest.raises(ClientError, match="DeploymentGroupDoesNotExist"):
        deploy.get_deployment_group(applicationName="app", deploymentGroupName="group")
    deploy.delete_application(applicationName="app")
    assert deploy.list_applications()["applications"] == []


def updated() -> dict[str, Any]:
    """A deployment group after its Auto Scaling groups and deployment style were changed."""
    deployment_group()
    deploy = client("codedeploy")
    deploy.update_deployment_group(
        applicationName="app",
        currentDeploymentGroupName="group",
        autoScalingGroups=["other"],
        deploymentStyle={"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
    )
    info: dict[str, Any] = deploy.get_deployment_group(applicationName="app", deploymentGroupName="group")[
        "deploymentGroupInfo"
    ]
    return info


def test_moto_alone_cannot_update_a_deployment_group() -> None:
    with pytest.raises(NotImplementedError):
        updated()


def test_an_updated_deployment_group_keeps_what_was_not_given(replace: Replace) -> None:
    codedeploy.auto_scaling_groups_have_names(replace)
    codedeploy.groups_can_be_updated(replace)
    info = updated()
    assert [group["name"] for group in info["autoScalingGroups"]] == ["other"]
    assert info["deploymentStyle"]["deploymentType"] == "BLUE_GREEN"
    assert info["serviceRoleArn"] == "arn:aws:iam::1:role/deploy"
