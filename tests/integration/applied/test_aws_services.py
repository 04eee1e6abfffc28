"""What AWS itself says about what was applied: sections 3, 5, 6 and 7, asked by its API and not of Terraform."""

import json
from typing import Any

import pytest

from tests.integration.applied.everything import Applied
from tests.integration.applied.facts import FRONTEND_BUCKET, PRIVATE, SITE, Ask, subnet_blocks

pytestmark = pytest.mark.integration


# --- 5. and 6. data ---------------------------------------------------------------------------------------------------


def test_devs_database_is_private_encrypted_postgresql_17_in_zone_a(ask: Ask) -> None:
    (instance,) = ask("rds", "describe_db_instances", "DBInstances")
    assert instance["DBInstanceIdentifier"] == "wealist-dev-rds"
    assert instance["EngineVersion"].split(".")[0] == "17"
    assert (instance["DBInstanceClass"], instance["Engine"]) == ("db.t3.micro", "postgres")
    assert instance["AvailabilityZone"] == "ap-northeast-2a"
    assert (instance["MultiAZ"], instance["PubliclyAccessible"], instance["StorageEncrypted"]) == (False, False, True)
    subnets = [subnet["SubnetIdentifier"] for subnet in instance["DBSubnetGroup"]["Subnets"]]
    assert subnet_blocks(ask, subnets) == sorted(PRIVATE["dev"])


def test_prods_database_is_made_by_hand_in_the_subnet_group_that_is_ready_for_it(ask: Ask) -> None:
    (group,) = ask(
        "rds", "describe_db_subnet_groups", "DBSubnetGroups", DBSubnetGroupName="wealist-prod-db-subnet-group"
    )
    assert subnet_blocks(ask, [subnet["SubnetIdentifier"] for subnet in group["Subnets"]]) == sorted(PRIVATE["prod"])


def test_redis_is_one_encrypted_node_with_a_token(ask: Ask, name: str) -> None:
    group_id = f"wealist-{name}-redis"
    (group,) = ask("elasticache", "describe_replication_groups", "ReplicationGroups", ReplicationGroupId=group_id)
    assert (group["CacheNodeType"], len(group["MemberClusters"])) == ("cache.t3.micro", 1)
    assert (group["AutomaticFailover"], group["MultiAZ"]) == ("disabled", "disabled")
    assert group["TransitEncryptionEnabled"]
    assert group["AtRestEncryptionEnabled"]
    assert group["AuthTokenEnabled"]
    member = group["MemberClusters"][0]
    (cluster,) = ask("elasticache", "describe_cache_clusters", "CacheClusters", CacheClusterId=member)
    assert cluster["EngineVersion"].startswith("7.0")
    assert cluster["CacheParameterGroup"]["CacheParameterGroupName"] == "default.redis7"


# --- 7. delivery ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["user", "board"])
def test_codedeploy_deploys_each_service_one_instance_at_a_time_in_place(ask: Ask, name: str, service: str) -> None:
    application = f"wealist-{name}-{service}-service"
    group = ask(
        "codedeploy",
        "get_deployment_group",
        "deploymentGroupInfo",
        applicationName=application,
        deploymentGroupName=f"{application}-group",
    )
    assert group["deploymentConfigName"] == "CodeDeployDefault.OneAtATime"
    assert group["deploymentStyle"] == {"deploymentType": "IN_PLACE", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
    assert [each["name"] for each in group["autoScalingGroups"]] == [f"wealist-{name}-backend-asg"]
    assert group["loadBalancerInfo"]["targetGroupInfoList"] == [{"name": f"wealist-{name}-{service}-tg"}]
    assert group["autoRollbackConfiguration"]["enabled"]
    assert group["serviceRoleArn"].endswith(f":role/wealist-{name}-codedeploy-role")


def test_each_service_has_a_repository_that_scans_what_is_pushed(ask: Ask, name: str) -> None:
    names = [f"wealist-{name}-user-service", f"wealist-{name}-board-service"]
    for repository in ask("ecr", "describe_repositories", "repositories", repositoryNames=names):
        assert repository["imageScanningConfiguration"]["scanOnPush"]


# --- 3. frontend ------------------------------------------------------------------------------------------------------


def distribution(cdn: Any, name: str) -> dict[str, Any]:
    found = cdn.list_distributions()["DistributionList"]["Items"]
    (summary,) = (item for item in found if item["Aliases"]["Items"] == [SITE[name]])
    config: dict[str, Any] = cdn.get_distribution_config(Id=summary["Id"])["DistributionConfig"]
    return config | {"DomainName": summary["DomainName"]}


def test_cloudfront_serves_the_site_over_https_from_the_private_bucket(applied: Applied, name: str) -> None:
    cdn = applied.client("cloudfront")
    config = distribution(cdn, name)
    (origin,) = config["Origins"]["Items"]
    assert origin["DomainName"] == f"{FRONTEND_BUCKET[name]}.s3.ap-northeast-2.amazonaws.com"
    control = cdn.get_origin_access_control(Id=origin["OriginAccessControlId"])["OriginAccessControl"]
    signing = control["OriginAccessControlConfig"]
    assert (signing["SigningProtocol"], signing["SigningBehavior"]) == ("sigv4", "always")
    assert config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "redirect-to-https"
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert config["ViewerCertificate"]["ACMCertificateArn"].startswith("arn:aws:acm:us-east-1:")


def test_a_page_of_the_application_is_answered_by_index_html(applied: Applied, name: str) -> None:
    config = distribution(applied.client("cloudfront"), name)
    assert config["DefaultRootObject"] == "index.html"
    errors = {
        error["ErrorCode"]: (error["ResponseCode"], error["ResponsePagePath"])
        for error in config["CustomErrorResponses"]["Items"]
    }
    assert errors == {403: ("200", "/index.html"), 404: ("200", "/index.html")}


def test_the_site_and_the_api_are_aliases_of_cloudfront_and_the_load_balancer(
    applied: Applied, ask: Ask, name: str
) -> None:
    (zone,) = ask("route53", "list_hosted_zones", "HostedZones")
    records = ask("route53", "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone["Id"])
    aliases = {
        (record["Name"].rstrip("."), record["Type"]): record["AliasTarget"]["DNSName"].rstrip(".")
        for record in records
        if "AliasTarget" in record
    }
    (balancer,) = ask("elbv2", "describe_load_balancers", "LoadBalancers", Names=[f"wealist-{name}-alb"])
    cdn = distribution(applied.client("cloudfront"), name)["DomainName"]
    site, api = SITE[name], f"api.{SITE[name]}"
    assert {key: target for key, target in aliases.items() if key[0] in {site, api}} == {
        (site, "A"): cdn,
        (site, "AAAA"): cdn,
        (api, "A"): balancer["DNSName"],
    }


def test_nobody_reads_the_sites_bucket_but_by_cloudfront(applied: Applied, name: str) -> None:
    s3 = applied.client("s3")
    blocked = s3.get_public_access_block(Bucket=FRONTEND_BUCKET[name])["PublicAccessBlockConfiguration"]
    assert all(blocked.values())
    assert "Status" not in s3.get_bucket_versioning(Bucket=FRONTEND_BUCKET[name])
    policy = json.loads(s3.get_bucket_policy(Bucket=FRONTEND_BUCKET[name])["Policy"])
    allowed = [statement for statement in policy["Statement"] if statement["Effect"] == "Allow"]
    assert [statement["Principal"] for statement in allowed] == [{"Service": "cloudfront.amazonaws.com"}]
