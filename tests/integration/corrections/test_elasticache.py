from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.corrections import client
from wealist.emulator.corrections import elasticache
from wealist.emulator.corrections.replace import Replace
from wealist.spec.account import REGION

GROUP = "wealist-test-redis"


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
        TransitEncryptionEnabled=True,
    )
    group: dict[str, Any] = cache.describe_replication_groups(ReplicationGroupId=GROUP)["ReplicationGroups"][0]
    return group


def members() -> list[dict[str, Any]]:
    clusters: list[dict[str, Any]] = client("elasticache").describe_cache_clusters()["CacheClusters"]
    return clusters


def test_moto_alone_creates_one_member_for_any_number() -> None:
    assert len(redis(nodes=2)["MemberClusters"]) == 1


@pytest.mark.parametrize("nodes", [1, 2, 3])
def test_a_replication_group_has_the_requested_members(replace: Replace, nodes: int) -> None:
    elasticache.groups_have_the_requested_members(replace)
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


def test_a_deleted_group_and_its_members_disappear(replace: Replace) -> None:
    elasticache.members_are_cache_clusters(replace)
    elasticache.deleted_groups_disappear(replace)
    redis()
    client("elasticache").delete_replication_group(ReplicationGroupId=GROUP)
    assert client("elasticache").describe_replication_groups()["ReplicationGroups"] == []
    assert members() == []


def test_moto_alone_returns_no_security_group_of_a_cache_cluster() -> None:
    client("elasticache").create_cache_cluster(
        CacheClusterId="lone", Engine="redis", CacheNodeType="cache.t3.micro", SecurityGroupIds=["sg-1"]
    )
    assert "SecurityGroups" not in members()[0]


def test_a_member_returns_its_security_and_parameter_groups(replace: Replace) -> None:
    for correction in elasticache.CORRECTIONS:
        correction(replace)
    redis()
    (member,) = members()
    assert member["SecurityGroups"] == [{"SecurityGroupId": "sg-1", "Status": "active"}]
    assert member["CacheParameterGroup"]["CacheParameterGroupName"] == "default.redis7"


def test_subnet_groups_can_be_deleted(replace: Replace) -> None:
    elasticache.subnet_groups_can_be_deleted(replace)
    cache = client("elasticache")
    cache.create_cache_subnet_group(
        CacheSubnetGroupName="subnets", CacheSubnetGroupDescription="test", SubnetIds=["subnet-1"]
    )
    cache.delete_cache_subnet_group(CacheSubnetGroupName="subnets")
    assert cache.describe_cache_subnet_groups()["CacheSubnetGroups"] == []


def test_moto_alone_has_no_mode_of_encryption_in_transit() -> None:
    assert "TransitEncryptionMode" not in redis()


def test_encryption_in_transit_is_required_by_default(replace: Replace) -> None:
    elasticache.encryption_in_transit_is_required(replace)
    elasticache.members_are_cache_clusters(replace)
    assert redis()["TransitEncryptionMode"] == "required"
    assert members()[0]["TransitEncryptionMode"] == "required"


@pytest.fixture
def subnets() -> list[str]:
    """Two subnets of one VPC."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    blocks = ("10.0.0.0/24", "10.0.1.0/24")
    return [ec2.create_subnet(VpcId=vpc, CidrBlock=block)["Subnet"]["SubnetId"] for block in blocks]


def subnet_group() -> tuple[str, set[str]]:
    """The one subnet group's description and subnets."""
    (group,) = client("elasticache").describe_cache_subnet_groups()["CacheSubnetGroups"]
    return group["CacheSubnetGroupDescription"], {subnet["SubnetIdentifier"] for subnet in group["Subnets"]}


def test_subnets_and_description_of_a_subnet_group_can_be_modified(replace: Replace, subnets: list[str]) -> None:
    elasticache.subnet_groups_can_be_modified(replace)
    cache = client("elasticache")
    cache.create_cache_subnet_group(
        CacheSubnetGroupName="subnets", CacheSubnetGroupDescription="before", SubnetIds=subnets[:1]
    )
    modified = cache.modify_cache_subnet_group(CacheSubnetGroupName="subnets", SubnetIds=subnets)["CacheSubnetGroup"]
    assert modified["CacheSubnetGroupName"] == "subnets"
    assert subnet_group() == ("before", set(subnets))
    cache.modify_cache_subnet_group(CacheSubnetGroupName="subnets", CacheSubnetGroupDescription="after")
    assert subnet_group() == ("after", set(subnets))


def test_unknown_subnet_groups_cannot_be_modified(replace: Replace) -> None:
    elasticache.subnet_groups_can_be_modified(replace)
    cache = client("elasticache")
    with pytest.raises(cache.exceptions.CacheSubnetGroupNotFoundFault):
        cache.modify_cache_subnet_group(CacheSubnetGroupName="subnets", CacheSubnetGroupDescription="after")


@pytest.fixture
def group() -> str:
    """A group with one node, in zone c."""
    client("elasticache").create_replication_group(
        ReplicationGroupId="redis",
        ReplicationGroupDescription="test",
        Engine="redis",
        NumCacheClusters=1,
        PreferredCacheClusterAZs=[f"{REGION}c"],
        SecurityGroupIds=[],
    )
    return "redis"


def set_replicas(action: str, group: str, count: int) -> None:
    call = getattr(client("elasticache"), f"{action}_replica_count")
    call(ReplicationGroupId=group, NewReplicaCount=count, ApplyImmediately=True)


def set_failover(group: str, *, enabled: bool) -> None:
    client("elasticache").modify_replication_group(
        ReplicationGroupId=group, AutomaticFailoverEnabled=enabled, ApplyImmediately=True
    )


def nodes(group: str) -> list[dict[str, Any]]:
    described = client("elasticache").describe_replication_groups(ReplicationGroupId=group)["ReplicationGroups"][0]
    found: list[dict[str, Any]] = described["NodeGroups"][0]["NodeGroupMembers"]
    assert described["MemberClusters"] == [member["CacheClusterId"] for member in found]
    return found


def test_a_replica_is_added_in_another_zone_and_removed_again(replace: Replace, request: pytest.FixtureRequest) -> None:
    elasticache.members_are_cache_clusters(replace)
    elasticache.replicas_can_be_added_and_removed(replace)
    group = request.getfixturevalue("group")
    set_replicas("increase", group, 1)
    assert [(member["CurrentRole"], member["PreferredAvailabilityZone"]) for member in nodes(group)] == [
        ("primary", f"{REGION}c"),
        ("replica", f"{REGION}d"),
    ]
    assert [each["CacheClusterId"] for each in members()] == ["redis-001", "redis-002"]
    set_replicas("decrease", group, 0)
    assert [member["CurrentRole"] for member in nodes(group)] == ["primary"]
    assert [each["CacheClusterId"] for each in members()] == ["redis-001"]


def test_the_last_replica_cannot_be_removed_while_failover_is_enabled(
    replace: Replace, request: pytest.FixtureRequest
) -> None:
    elasticache.members_are_cache_clusters(replace)
    elasticache.replicas_can_be_added_and_removed(replace)
    group = request.getfixturevalue("group")
    set_replicas("increase", group, 1)
    set_failover(group, enabled=True)
    with pytest.raises(ClientError, match=r"\(InvalidParameterValue\).* at least 1 replica"):
        set_replicas("decrease", group, 0)
    assert [member["CurrentRole"] for member in nodes(group)] == ["primary", "replica"]
    set_failover(group, enabled=False)
    set_replicas("decrease", group, 0)
    assert [member["CurrentRole"] for member in nodes(group)] == ["primary"]
