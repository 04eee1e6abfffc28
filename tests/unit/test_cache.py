"""Section 6 of the architecture, on the synthesized JSON: Redis on one node, and on two."""

from typing import Final

from tests.synthesized import Stack, address_of, attribute_of, environment, synthesized, tags
from wealist.spec.environment import Cache

GROUP: Final = "aws_elasticache_replication_group"


def minutes(time: str) -> int:
    """`17:30` in minutes after midnight."""
    hours, _, rest = time.partition(":")
    return int(hours) * 60 + int(rest)


def test_it_is_the_documented_redis(stack: Stack, name: str) -> None:
    group = stack.only(GROUP)
    assert group["replication_group_id"] == f"wealist-{name}-redis"
    assert (group["engine"], group["engine_version"]) == ("redis", "7.0")
    assert group["parameter_group_name"] == "default.redis7"
    assert group["node_type"] == "cache.t3.micro"
    assert group["port"] == 6379


def test_cluster_mode_is_off(stack: Stack) -> None:
    group = stack.only(GROUP)
    assert not {"cluster_mode", "num_node_groups", "replicas_per_node_group", "node_group_configuration"} & set(group)
    assert "cluster.on" not in group["parameter_group_name"]


def test_a_single_node_stands_in_zone_c_without_failover() -> None:
    for name in ("dev", "prod"):
        group = synthesized(environment(name, enable_multi_az=False)).only(GROUP)
        assert group["num_cache_clusters"] == 1
        assert group["preferred_cache_cluster_azs"] == ["ap-northeast-2c"]
        assert group["automatic_failover_enabled"] is False
        assert group["multi_az_enabled"] is False


def test_with_multi_az_a_primary_in_zone_c_fails_over_to_a_replica_in_zone_d() -> None:
    for name in ("dev", "prod"):
        group = synthesized(environment(name, enable_multi_az=True)).only(GROUP)
        assert group["num_cache_clusters"] == 2
        # The first is the primary's: the order is meant.
        assert group["preferred_cache_cluster_azs"] == ["ap-northeast-2c", "ap-northeast-2d"]
        assert group["automatic_failover_enabled"] is True
        assert group["multi_az_enabled"] is True


def test_the_committed_environments_pay_for_one_node(prod: Stack, dev: Stack) -> None:
    assert [stack.only(GROUP)["num_cache_clusters"] for stack in (prod, dev)] == [1, 1]


def test_every_node_is_given_a_zone_where_it_has_a_subnet(otherwise: Stack, name: str) -> None:
    group = otherwise.only(GROUP)
    zones = group["preferred_cache_cluster_azs"]
    assert group["num_cache_clusters"] == len(zones) == {"dev": 3, "prod": 5}[name]
    assert zones[0] == "ap-northeast-2c"
    subnets = otherwise.only("aws_elasticache_subnet_group").refers_to("subnet_ids")
    assert set(zones) == {otherwise.at(subnet)["availability_zone"] for subnet in subnets}


def test_a_second_node_alone_does_not_turn_failover_on() -> None:
    group = synthesized(environment("prod", enable_multi_az=False, cache=Cache(nodes=2))).only(GROUP)
    assert group["num_cache_clusters"] == 2
    assert (group["automatic_failover_enabled"], group["multi_az_enabled"]) == (False, False)


def test_it_may_stand_in_the_private_subnet_of_every_zone(stack: Stack, name: str) -> None:
    subnet_group = stack.target(stack.only(GROUP), "subnet_group_name")
    assert subnet_group["name"] == f"wealist-{name}-redis-subnet-group"
    subnets = [stack.at(address) for address in subnet_group.refers_to("subnet_ids")]
    assert {(tags(subnet)["Name"], subnet["availability_zone"]) for subnet in subnets} == {
        (f"wealist-{name}-private-subnet-1", "ap-northeast-2a"),
        (f"wealist-{name}-private-subnet-2", "ap-northeast-2c"),
        (f"wealist-{name}-private-subnet-3", "ap-northeast-2d"),
    }


def test_it_stands_behind_its_own_security_group(stack: Stack, name: str) -> None:
    security_group = stack.only("aws_security_group", name=f"wealist-{name}-redis-sg")
    assert stack.only(GROUP).refers_to("security_group_ids") == [security_group.address]


def test_it_is_encrypted_at_rest_with_the_environments_key(stack: Stack) -> None:
    group = stack.only(GROUP)
    assert group["at_rest_encryption_enabled"] == "true"
    assert (address_of(group["kms_key_id"]), attribute_of(group["kms_key_id"])) == ("aws_kms_key.encryption_key", "arn")


def test_nobody_reaches_it_without_tls(stack: Stack) -> None:
    group = stack.only(GROUP)
    assert group["transit_encryption_enabled"] is True
    # "preferred" would take plain connections too.
    assert group["transit_encryption_mode"] == "required"


def test_nobody_reaches_it_without_the_token_that_the_instances_read(stack: Stack, name: str) -> None:
    group = stack.only(GROUP)
    read = stack.data[address_of(group["auth_token"])]
    assert attribute_of(group["auth_token"]) == "value"
    assert stack.target(read, "name")["name"] == f"/wealist/{name}/cache/redis_auth_token"


def test_a_new_token_is_taken_while_clients_still_use_the_old_one(stack: Stack) -> None:
    assert stack.only(GROUP)["auth_token_update_strategy"] == "ROTATE"


def test_it_is_snapshot_every_day_and_kept(stack: Stack, name: str) -> None:
    assert stack.only(GROUP)["snapshot_retention_limit"] == {"dev": 1, "prod": 7}[name]


def test_snapshot_and_maintenance_never_meet(stack: Stack) -> None:
    group = stack.only(GROUP)
    snapshot = [minutes(time) for time in group["snapshot_window"].split("-")]
    start, end = (minutes(time.split(":", 1)[1]) for time in group["maintenance_window"].split("-"))
    assert snapshot[0] + 60 <= snapshot[1] <= start
    assert start + 60 <= end


def test_minor_versions_are_taken_without_being_asked(stack: Stack) -> None:
    assert stack.only(GROUP)["auto_minor_version_upgrade"] == "true"


def test_instances_read_the_primarys_name_which_follows_a_failover(stack: Stack, name: str) -> None:
    parameter = stack.only("aws_ssm_parameter", name=f"/wealist/{name}/cache/redis_host")
    assert stack.target(parameter, "value").address == stack.only(GROUP).address
    # `configuration_endpoint_address` is empty without cluster mode; the reader's would refuse writes.
    assert attribute_of(parameter["value"]) == "primary_endpoint_address"


def test_instances_read_the_port_that_redis_listens_on(stack: Stack, name: str) -> None:
    parameter = stack.only("aws_ssm_parameter", name=f"/wealist/{name}/cache/redis_port")
    assert int(parameter["value"]) == stack.only(GROUP)["port"]


def test_size_and_snapshots_follow_the_settings(otherwise: Stack) -> None:
    group = otherwise.only(GROUP)
    assert (group["node_type"], group["snapshot_retention_limit"]) == ("cache.t3.medium", 35)
