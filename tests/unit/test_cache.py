"""Redis beside what the document says: how it is reached, and what follows its settings."""

from tests.synthesized import Stack, environment, synthesized
from tests.windows import minutes, starts_before
from wealist.spec.environment import Cache

GROUP = "aws_elasticache_replication_group"


def test_a_new_token_is_taken_while_clients_still_use_the_old_one(stack: Stack) -> None:
    assert stack.only(GROUP)["auth_token_update_strategy"] == "ROTATE"


def test_snapshot_and_maintenance_never_meet(stack: Stack) -> None:
    group = stack.only(GROUP)
    assert minutes(group["snapshot_window"]) >= 60
    assert minutes(group["maintenance_window"]) >= 60
    assert starts_before(group["snapshot_window"], group["maintenance_window"])


def test_every_node_is_given_a_zone_where_it_has_a_subnet(otherwise: Stack, name: str) -> None:
    group = otherwise.only(GROUP)
    zones = group["preferred_cache_cluster_azs"]
    assert group["num_cache_clusters"] == len(zones) == {"dev": 3, "prod": 5}[name]
    subnets = otherwise.only("aws_elasticache_subnet_group").refers_to("subnet_ids")
    assert set(zones) == {otherwise.at(subnet)["availability_zone"] for subnet in subnets}


def test_a_second_node_alone_does_not_turn_failover_on() -> None:
    group = synthesized(environment("prod", enable_multi_az=False, cache=Cache(nodes=2))).only(GROUP)
    assert group["num_cache_clusters"] == 2
    assert (group["automatic_failover_enabled"], group["multi_az_enabled"]) == (False, False)
