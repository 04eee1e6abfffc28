"""Replication groups whose number of members changes, as the Multi-AZ switch does it.

https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_IncreaseReplicaCount.html
"""

from typing import Any, Final

from moto.core.responses import ActionResult
from moto.elasticache.exceptions import InvalidParameterValueException
from moto.elasticache.models import ElastiCacheBackend, ReplicationGroup
from moto.elasticache.responses import ElastiCacheResponse

from wealist.emulator.corrections.elasticache import member
from wealist.emulator.corrections.replace import Correction, Replace

_OTHER_ZONES: Final = ("d", "a", "c")
"""Where ElastiCache puts replicas whose zone nobody gives: anywhere but beside the primary, here always the same."""


def replicas_can_be_added_and_removed(replace: Replace) -> None:
    """Replicas can be added and removed, but not the last one while failover needs it; moto knows neither action.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_IncreaseReplicaCount.html
    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DecreaseReplicaCount.html
    """

    def set_replica_count(self: ElastiCacheResponse) -> ActionResult:
        backend = self.elasticache_backend
        # Refuses a group that it does not know.
        (group,) = backend.describe_replication_groups(replication_group_id=self._get_param("ReplicationGroupId"))
        replicas = self._get_int_param("NewReplicaCount")
        if replicas < 1 and group.automatic_failover == "enabled":
            raise InvalidParameterValueException(
                "Must have at least 1 replica when cluster mode is disabled with auto failover enabled."
            )
        _resize(backend, group, 1 + replicas)
        return ActionResult({"ReplicationGroup": group})

    replace(ElastiCacheResponse, "increase_replica_count", set_replica_count)
    replace(ElastiCacheResponse, "decrease_replica_count", set_replica_count)


def _resize(backend: ElastiCacheBackend, group: ReplicationGroup, count: int) -> None:
    (shard,) = group.node_groups
    nodes: list[dict[str, Any]] = shard["node_group_members"]
    for node in nodes[count:]:
        backend.cache_clusters.pop(node["cache_cluster_id"], None)
    del nodes[count:]
    for number in range(len(nodes) + 1, count + 1):
        nodes.append(_replica(group, nodes[0], number))
        name = nodes[-1]["cache_cluster_id"]
        backend.cache_clusters[name] = member(backend, name, group)
    group.member_clusters[:] = [node["cache_cluster_id"] for node in nodes]


def _replica(group: ReplicationGroup, primary: dict[str, Any], number: int) -> dict[str, Any]:
    zone: str = primary["preferred_availability_zone"]
    others = [letter for letter in _OTHER_ZONES if letter != zone[-1]]
    name = f"{group.replication_group_id}-{number:0>3}"
    _, _, domain = primary["read_endpoint"]["address"].partition(".")
    return {
        "cache_cluster_id": name,
        "cache_node_id": primary["cache_node_id"],
        "read_endpoint": {"address": f"{name}.{domain}", "port": group.port},
        "preferred_availability_zone": zone[:-1] + others[(number - 2) % len(others)],
        "current_role": "replica",
    }


CORRECTIONS: tuple[Correction, ...] = (replicas_can_be_added_and_removed,)
