"""Each correction: what moto answers without it, which AWS never would, and what it answers with it."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from wealist.operations.emulator.corrections import CORRECTIONS, cloudfront, codedeploy, elasticache
from wealist.operations.emulator.corrections.replace import Replace
from wealist.spec.account import REGION

GROUP = "wealist-test-redis"
OAC = "E1OAC"


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for setting in ("AWS_PROFILE", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(setting, raising=False)
    with mock_aws():
        yield


@pytest.fixture
def replace(monkeypatch: pytest.MonkeyPatch) -> Replace:
    """Corrects moto for one test."""
    return partial(monkeypatch.setattr, raising=False)


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


def redis(nodes: int = 1) -> dict[str, Any]:
    """Create a replication group and describe it."""
    cache = client("elasticache")
    cache.create_replication_group(
        ReplicationGroupId=GROUP,
        ReplicationGroupDescription="test",
        NumCacheClusters=nodes,
        Engine="redis",
        EngineVersion="7.0",
        CacheParameterGroupName="default.redis7",
        CacheSubnetGroupName="subnets",
        SecurityGroupIds=["sg-1"],
        SnapshotRetentionLimit=1,
        AtRestEncryptionEnabled=True,
    )
    group: dict[str, Any] = cache.describe_replication_groups(ReplicationGroupId=GROUP)["ReplicationGroups"][0]
    return group


def members() -> list[dict[str, Any]]:
    clusters: list[dict[str, Any]] = client("elasticache").describe_cache_clusters()["CacheClusters"]
    return clusters


def deployment_group() -> dict[str, Any]:
    deploy = client("codedeploy")
    deploy.create_application(applicationName="app", computePlatform="Server")
    names = {"applicationName": "app", "deploymentGroupName": "group"}
    deploy.create_deployment_group(**names, autoScalingGroups=["asg"], serviceRoleArn="arn:aws:iam::1:role/deploy")
    info: dict[str, Any] = deploy.get_deployment_group(**names)["deploymentGroupInfo"]
    return info


def distribution(**viewer_certificate: object) -> dict[str, Any]:
    """Create a distribution and return the configuration that CloudFront keeps of it."""
    cdn = client("cloudfront")
    config = {
        "CallerReference": "test",
        "Comment": "",
        "Enabled": True,
        "Origins": {
            "Quantity": 1,
            "Items": [
                {"Id": "site", "DomainName": "site.s3.ap-northeast-2.amazonaws.com", "OriginAccessControlId": OAC}
            ],
        },
        "DefaultCacheBehavior": {
            "TargetOriginId": "site",
            "ViewerProtocolPolicy": "redirect-to-https",
            "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
        },
        "ViewerCertificate": viewer_certificate or {"CloudFrontDefaultCertificate": True},
    }
    created = cdn.create_distribution(DistributionConfig=config)["Distribution"]["Id"]
    kept: dict[str, Any] = cdn.get_distribution_config(Id=created)["DistributionConfig"]
    return kept


ACM = {"ACMCertificateArn": "arn:aws:acm:us-east-1:1:certificate/c", "SSLSupportMethod": "sni-only"}


def test_moto_alone_makes_one_member_whatever_the_number() -> None:
    assert len(redis(nodes=2)["MemberClusters"]) == 1


@pytest.mark.parametrize("nodes", [1, 2, 3])
def test_a_replication_group_has_as_many_members_as_asked_for(replace: Replace, nodes: int) -> None:
    elasticache.as_many_members_as_asked_for(replace)
    assert redis(nodes)["MemberClusters"] == [f"{GROUP}-{number:03}" for number in range(1, nodes + 1)]


def test_moto_alone_has_no_cache_cluster_for_a_member() -> None:
    redis()
    assert members() == []


def test_each_member_is_a_cache_cluster_with_the_groups_settings(replace: Replace) -> None:
    elasticache.members_are_cache_clusters(replace)
    redis()
    (member,) = members()
    assert member["CacheClusterId"] == f"{GROUP}-001"
    assert member["ReplicationGroupId"] == GROUP
    assert member["EngineVersion"] == "7.0"
    assert member["CacheSubnetGroupName"] == "subnets"
    assert member["AtRestEncryptionEnabled"] is True


def test_moto_alone_keeps_a_deleted_group() -> None:
    redis()
    client("elasticache").delete_replication_group(ReplicationGroupId=GROUP)
    assert client("elasticache").describe_replication_groups()["ReplicationGroups"]


def test_a_deleted_group_is_gone_with_its_members(replace: Replace) -> None:
    elasticache.members_are_cache_clusters(replace)
    elasticache.deleted_groups_are_gone(replace)
    redis()
    client("elasticache").delete_replication_group(ReplicationGroupId=GROUP)
    assert client("elasticache").describe_replication_groups()["ReplicationGroups"] == []
    assert members() == []


def test_moto_alone_tells_no_security_group_of_a_cache_cluster() -> None:
    client("elasticache").create_cache_cluster(
        CacheClusterId="lone", Engine="redis", CacheNodeType="cache.t3.micro", SecurityGroupIds=["sg-1"]
    )
    assert "SecurityGroups" not in members()[0]


def test_a_member_tells_its_security_groups_and_its_parameter_group(replace: Replace) -> None:
    for correction in elasticache.CORRECTIONS:
        correction(replace)
    redis()
    (member,) = members()
    assert member["SecurityGroups"] == [{"SecurityGroupId": "sg-1", "Status": "active"}]
    assert member["CacheParameterGroup"]["CacheParameterGroupName"] == "default.redis7"


def test_moto_alone_cannot_delete_a_subnet_group() -> None:
    with pytest.raises(NotImplementedError):
        client("elasticache").delete_cache_subnet_group(CacheSubnetGroupName="subnets")


def test_subnet_groups_can_be_deleted(replace: Replace) -> None:
    elasticache.subnet_groups_can_be_deleted(replace)
    cache = client("elasticache")
    cache.create_cache_subnet_group(
        CacheSubnetGroupName="subnets", CacheSubnetGroupDescription="test", SubnetIds=["subnet-1"]
    )
    cache.delete_cache_subnet_group(CacheSubnetGroupName="subnets")
    assert cache.describe_cache_subnet_groups()["CacheSubnetGroups"] == []


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


def test_moto_alone_forgets_the_access_control_of_an_origin() -> None:
    assert "OriginAccessControlId" not in distribution()["Origins"]["Items"][0]


def test_an_origin_keeps_its_access_control(replace: Replace) -> None:
    cloudfront.origins_keep_their_access_control(replace)
    assert distribution()["Origins"]["Items"][0]["OriginAccessControlId"] == OAC


def test_moto_alone_forwards_values_beside_a_cache_policy() -> None:
    assert distribution()["DefaultCacheBehavior"].keys() >= {"ForwardedValues", "MinTTL"}


def test_a_behaviour_with_a_cache_policy_forwards_no_values(replace: Replace) -> None:
    cloudfront.a_cache_policy_forwards_no_values(replace)
    behaviour = distribution()["DefaultCacheBehavior"]
    assert not {"ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL"} & behaviour.keys()


def test_moto_alone_says_default_certificate_beside_an_own_one() -> None:
    assert distribution(**ACM)["ViewerCertificate"]["CloudFrontDefaultCertificate"] is True


def test_an_own_certificate_is_not_the_default_one(replace: Replace) -> None:
    cloudfront.a_certificate_is_not_the_default_one(replace)
    assert distribution(**ACM)["ViewerCertificate"]["CloudFrontDefaultCertificate"] is False


def test_every_correction_says_why_and_where_aws_says_so() -> None:
    for correction in CORRECTIONS:
        assert "https://docs.aws.amazon.com/" in (correction.__doc__ or ""), correction.__name__
