"""Redis: token rotation, windows, nodes and zones."""

from tests.synthesized import Stack, environment, synthesized
from tests.windows import minutes, starts_before
from wealist.spec.environment import Cache

GROUP = "aws_elasticache_replication_group"


def test_the_snapshot_window_ends_before_the_maintenance_window(stack: Stack) -> None:
    group = stack.only(GROUP)
    assert minutes(group["snapshot_window"]) >= 60
    assert minutes(group["maintenance_window"]) >= 60
    assert starts_before(group["snapshot_window"], group["maintenance_window"])


def test_every_node_has_a_zone_with_a_subnet(all_changed: Stack, name: str) -> None:
    group = all_changed.only(GROUP)
    zones = group["preferred_cache_cluster_azs"]
    assert group["num_cache_clusters"] == len(zones) == {"dev": 3, "prod": 5}[name]
    subnets = all_changed.only("aws_elasticache_subnet_group").refers_to("subnet_ids")
    assert set(zones) == {all_changed.at(subnet)["availability_zone"] for subnet in subnets}


def test_a_second_node_does_not_turn_failover_on() -> None:
    group = synthesized(environment("prod", enable_multi_az=False, cache=Cache(nodes=2))).only(GROUP)
    assert group["num_cache_clusters"] == 2
    assert (group["automatic_failover_enabled"], group["multi_az_enabled"]) == (False, False)
