"""Section 6 of the architecture: Redis and its parameters."""

from tests.routing import subnet_names
from tests.synthesized import Stack


def test_redis_is_version_7_0_on_cache_t3_micro_and_port_6379(name: str, stack: Stack) -> None:
    group = stack.only("aws_elasticache_replication_group", replication_group_id=f"wealist-{name}-redis")
    assert (group["engine"], group["engine_version"]) == ("redis", "7.0")
    assert (group["node_type"], group["port"]) == ("cache.t3.micro", 6379)


def test_redis_is_a_replication_group_with_cluster_mode_disabled(stack: Stack) -> None:
    """The document says "Cluster Mode", and draws a primary with a replica."""
    group = stack.only("aws_elasticache_replication_group")
    assert group["parameter_group_name"] == "default.redis7"
    assert not {"cluster_mode", "num_node_groups", "replicas_per_node_group"} & set(group)


def test_redis_is_in_the_three_private_subnets(stack: Stack) -> None:
    group = stack.target(stack.only("aws_elasticache_replication_group"), "subnet_group_name")
    assert subnet_names(stack, group, "subnet_ids") == [f"private-subnet-{number}" for number in (1, 2, 3)]


def test_parameters_hold_the_primary_endpoint_port_and_token(name: str, stack: Stack) -> None:
    found = {
        path: stack.only("aws_ssm_parameter", name=f"/wealist/{name}/cache/redis_{path}")
        for path in ("host", "port", "auth_token")
    }
    group = stack.only("aws_elasticache_replication_group")
    assert found["host"]["value"] == f"${{{group.address}.primary_endpoint_address}}"
    assert found["port"]["value"] == "6379"
    assert found["auth_token"]["type"] == "SecureString"
