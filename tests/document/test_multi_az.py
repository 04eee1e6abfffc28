"""`enable_multi_az` in sections 5 and 6: one switch for the database and Redis."""

import pytest

from tests.synthesized import Stack, environment, synthesized
from wealist.spec.environment import ManagedDatabase


@pytest.fixture(scope="module")
def single(name: str) -> Stack:
    return synthesized(environment(name, database=ManagedDatabase(), enable_multi_az=False))


@pytest.fixture(scope="module")
def double(name: str) -> Stack:
    return synthesized(environment(name, database=ManagedDatabase(), enable_multi_az=True))


def test_without_multi_az_the_database_is_one_instance_in_zone_a(single: Stack) -> None:
    instance = single.only("aws_db_instance", multi_az=False)
    assert instance["availability_zone"] == "ap-northeast-2a"


def test_with_multi_az_rds_chooses_the_zones_of_the_database(double: Stack) -> None:
    # RDS rejects a zone with Multi-AZ.
    assert "availability_zone" not in double.only("aws_db_instance", multi_az=True)


def test_without_multi_az_redis_is_one_node_in_zone_c(single: Stack) -> None:
    group = single.only("aws_elasticache_replication_group", num_cache_clusters=1)
    assert group["preferred_cache_cluster_azs"] == ["ap-northeast-2c"]
    assert (group["automatic_failover_enabled"], group["multi_az_enabled"]) == (False, False)


def test_with_multi_az_redis_has_a_replica_in_zone_d(double: Stack) -> None:
    group = double.only("aws_elasticache_replication_group", num_cache_clusters=2)
    # The first is the primary's.
    assert group["preferred_cache_cluster_azs"] == ["ap-northeast-2c", "ap-northeast-2d"]
    assert (group["automatic_failover_enabled"], group["multi_az_enabled"]) == (True, True)


def test_multi_az_changes_nothing_else(single: Stack, double: Stack) -> None:
    assert single.resources.keys() == double.resources.keys()
    changed = {each.type for address, each in single.resources.items() if each != double.resources[address]}
    assert changed == {"aws_db_instance", "aws_elasticache_replication_group"}
