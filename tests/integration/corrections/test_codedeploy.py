from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.corrections import client
from wealist.emulator.corrections import codedeploy
from wealist.emulator.corrections.replace import Replace
from wealist.spec.account import REGION

TAGS = {"Environment": "dev", "Role": "backend"}


def deployment_group(**found: Any) -> dict[str, Any]:
    """A deployment group: of an Auto Scaling group, or of what finds its instances otherwise."""
    deploy = client("codedeploy")
    deploy.create_application(applicationName="app", computePlatform="Server")
    names = {"applicationName": "app", "deploymentGroupName": "group"}
    by = found or {"autoScalingGroups": ["asg"]}
    deploy.create_deployment_group(**names, **by, serviceRoleArn="arn:aws:iam::1:role/deploy")
    info: dict[str, Any] = deploy.get_deployment_group(**names)["deploymentGroupInfo"]
    return info


def test_moto_alone_returns_auto_scaling_groups_without_names() -> None:
    assert deployment_group()["autoScalingGroups"] == [{}]


def test_a_deployment_group_names_its_auto_scaling_groups(replace: Replace) -> None:
    codedeploy.auto_scaling_groups_have_names(replace)
    assert [group["name"] for group in deployment_group()["autoScalingGroups"]] == ["asg"]


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


def test_an_updated_deployment_group_keeps_other_settings(replace: Replace) -> None:
    codedeploy.auto_scaling_groups_have_names(replace)
    codedeploy.groups_can_be_updated(replace)
    info = updated()
    assert [group["name"] for group in info["autoScalingGroups"]] == ["other"]
    assert info["deploymentStyle"]["deploymentType"] == "BLUE_GREEN"
    assert info["serviceRoleArn"] == "arn:aws:iam::1:role/deploy"


def deployment(*, instances: int = 2, key: str = "app/v1.zip", uploaded: bool = True, **found: Any) -> dict[str, Any]:
    """A deployment of a bundle to an Auto Scaling group, described after it was created."""
    network, scaling, deploy, s3 = client("ec2"), client("autoscaling"), client("codedeploy"), client("s3")
    image = network.describe_images()["Images"][0]["ImageId"]
    network.create_launch_template(LaunchTemplateName="test", LaunchTemplateData={"ImageId": image})
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="asg",
        LaunchTemplate={"LaunchTemplateName": "test"},
        MinSize=instances,
        MaxSize=instances,
        AvailabilityZones=[f"{REGION}a"],
        Tags=[{"Key": key, "Value": value, "PropagateAtLaunch": True} for key, value in TAGS.items()],
    )
    s3.create_bucket(Bucket="bundles", CreateBucketConfiguration={"LocationConstraint": REGION})
    if uploaded:
        s3.put_object(Bucket="bundles", Key=key, Body=b"zip")
    deployment_group(**found)
    created = deploy.create_deployment(
        applicationName="app",
        deploymentGroupName="group",
        revision={"revisionType": "S3", "s3Location": {"bucket": "bundles", "key": key, "bundleType": "zip"}},
    )
    info: dict[str, Any] = deploy.get_deployment(deploymentId=created["deploymentId"])["deploymentInfo"]
    return info


def counted(info: dict[str, Any]) -> dict[str, int]:
    """The instances of a deployment by status, without what is zero."""
    return {status: count for status, count in info["deploymentOverview"].items() if count}


def test_moto_alone_never_ends_a_deployment() -> None:
    assert deployment()["status"] == "Created"


def test_a_deployment_succeeds_on_every_instance_of_its_group(replace: Replace) -> None:
    codedeploy.deployments_end(replace)
    info = deployment(instances=3)
    assert (info["status"], counted(info)) == ("Succeeded", {"Succeeded": 3})
    assert info["completeTime"] >= info["createTime"]
    assert not info["errorInformation"]


def by_tags(**tags: str) -> dict[str, Any]:
    sets = [[{"Key": key, "Value": value, "Type": "KEY_AND_VALUE"}] for key, value in tags.items()]
    return {"ec2TagSet": {"ec2TagSetList": sets}}


@pytest.mark.parametrize(
    ("tags", "reached"),
    [(TAGS, 3), ({"Role": "backend"}, 3), ({**TAGS, "Role": "monitoring"}, 0), ({"Environment": "prod"}, 0)],
)
def test_a_deployment_by_tags_reaches_instances_with_all_tags(
    replace: Replace, tags: dict[str, str], reached: int
) -> None:
    codedeploy.deployments_end(replace)
    assert counted(deployment(instances=3, **by_tags(**tags))) == ({"Succeeded": reached} if reached else {})


def test_a_group_returns_its_last_deployment_and_the_last_successful_one(replace: Replace) -> None:
    codedeploy.deployments_end(replace)
    first = deployment()["deploymentId"]
    deploy = client("codedeploy")
    names = {"applicationName": "app", "deploymentGroupName": "group"}
    missing = {"revisionType": "S3", "s3Location": {"bucket": "bundles", "key": "none", "bundleType": "zip"}}
    second = deploy.create_deployment(**names, revision=missing)["deploymentId"]
    info = deploy.get_deployment_group(**names)["deploymentGroupInfo"]
    assert info["lastSuccessfulDeployment"]["deploymentId"] == first
    assert (info["lastAttemptedDeployment"]["deploymentId"], info["lastAttemptedDeployment"]["status"]) == (
        second,
        "Failed",
    )


def test_a_key_with_last_fails_makes_the_last_instance_fail(replace: Replace) -> None:
    codedeploy.deployments_end(replace)
    codedeploy.deployments_list_their_instances(replace)
    info = deployment(instances=3, key="app/last-fails-0123456789ab.zip")
    assert (info["status"], counted(info)) == ("Succeeded", {"Succeeded": 2, "Failed": 1})
    deploy, named = client("codedeploy"), {"deploymentId": info["deploymentId"]}
    assert len(deploy.list_deployment_instances(**named)["instancesList"]) == 3
    (failed,) = deploy.list_deployment_instances(**named, instanceStatusFilter=["Failed"])["instancesList"]
    summary = deploy.get_deployment_instance(**named, instanceId=failed)["instanceSummary"]
    (event,) = summary["lifecycleEvents"]
    assert (summary["status"], event["status"], event["diagnostics"]["errorCode"]) == (
        "Failed",
        "Failed",
        "ScriptFailed",
    )


def test_a_key_with_fails_makes_the_deployment_fail(replace: Replace) -> None:
    codedeploy.deployments_end(replace)
    info = deployment(instances=3, key="app/fails-0123456789ab.zip")
    assert (info["status"], counted(info)) == ("Failed", {"Failed": 1, "Skipped": 2})
    assert info["errorInformation"]["code"] == "HEALTH_CONSTRAINTS"


def test_a_deployment_without_its_bundle_fails(replace: Replace) -> None:
    codedeploy.deployments_end(replace)
    info = deployment(uploaded=False)
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "REVISION_MISSING")


def test_a_deployment_to_a_group_without_instances_fails(replace: Replace) -> None:
    codedeploy.deployments_end(replace)
    info = deployment(instances=0)
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "NO_INSTANCES")


def test_revisions_outside_s3_are_not_supported(replace: Replace) -> None:
    codedeploy.deployments_end(replace)
    deployment_group()
    with pytest.raises(NotImplementedError, match="outside S3"):
        client("codedeploy").create_deployment(
            applicationName="app",
            deploymentGroupName="group",
            revision={"revisionType": "GitHub", "gitHubLocation": {"repository": "org/app", "commitId": "0" * 40}},
        )
