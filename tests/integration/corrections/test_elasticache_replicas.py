from functools import partial
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from wealist.emulator.corrections import elasticache, elasticache_replicas
from wealist.emulator.corrections.replace import Replace
from wealist.spec.account import REGION

client = partial(boto3.client, region_name=REGION)


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


def members(group: str) -> list[dict[str, Any]]:
    described = client("elasticache").describe_replication_groups(ReplicationGroupId=group)["ReplicationGroups"][0]
    found: list[dict[str, Any]] = described["NodeGroups"][0]["NodeGroupMembers"]
    assert described["MemberClusters"] == [member["CacheClusterId"] for member in found]
    return found


def clusters() -> list[str]:
    return [cluster["CacheClusterId"] for cluster in client("elasticache").describe_cache_clusters()["CacheClusters"]]


@pytest.mark.parametrize("action", ["increase", "decrease"])
def test_moto_alone_cannot_change_the_number_of_replicas(group: str, action: str) -> None:
    with pytest.raises(NotImplementedError):
        set_replicas(action, group, 1)


def test_a_replica_is_added_in_another_zone_and_removed_again(replace: Replace, request: pytest.FixtureRequest) -> None:
    elasticache.members_are_cache_clusters(replace)
    elasticache_replicas.replicas_can_be_added_and_removed(replace)
    group = request.getfixturevalue("group")
    set_replicas("increase", group, 1)
    assert [(member["CurrentRole"], member["PreferredAvailabilityZone"]) for member in members(group)] == [
        ("primary", f"{REGION}c"),
        ("replica", f"{REGION}d"),
    ]
    assert clusters() == ["redis-001", "redis-002"]
    set_replicas("decrease", group, 0)
    assert [member["CurrentRole"] for member in members(group)] == ["primary"]
    assert clusters() == ["redis-001"]


def test_the_last_replica_stays_for_as_long_as_failover_is_enabled(
    replace: Replace, request: pytest.FixtureRequest
) -> None:
    elasticache.members_are_cache_clusters(replace)
    elasticache_replicas.replicas_can_be_added_and_removed(replace)
    group = request.getfixturevalue("group")
    set_replicas("increase", group, 1)
    set_failover(group, enabled=True)
    with pytest.raises(ClientError, match=r"\(InvalidParameterValue\).* at least 1 replica"):
        set_replicas("decrease", group, 0)
    assert [member["CurrentRole"] for member in members(group)] == ["primary", "replica"]
    set_failover(group, enabled=False)
    set_replicas("decrease", group, 0)
    assert [member["CurrentRole"] for member in members(group)] == ["primary"]
