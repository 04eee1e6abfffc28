"""Replication groups, their member clusters and subnet groups.

https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ReplicationGroup.html
"""

from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.elasticache.exceptions import InvalidParameterValueException
from moto.elasticache.models import CacheCluster, CacheSubnetGroup, ElastiCacheBackend, ReplicationGroup
from moto.elasticache.responses import ElastiCacheResponse

from wealist.emulator.corrections.replace import Correction, Replace

_OTHER_ZONES: Final = ("d", "a", "c")
"""Zones of replicas whose zone is not given. AWS chooses any other zone than the primary's."""


def groups_have_the_requested_members(replace: Replace) -> None:
    """A group without cluster mode has `NumCacheClusters` members; moto creates one.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
    """
    make_members = ReplicationGroup._set_node_members_clusters_disabled  # noqa: SLF001 -- moto has no public hook

    def corrected(self: ReplicationGroup, *, num_cache_clusters: int, **settings: Any) -> None:  # noqa: ANN401 -- moto's own settings, passed through
        # moto does count the replicas per node group.
        settings["replicas_per_node_group"] = settings["replicas_per_node_group"] or num_cache_clusters - 1
        make_members(self, num_cache_clusters=num_cache_clusters, **settings)

    replace(ReplicationGroup, "_set_node_members_clusters_disabled", corrected)


def members_are_cache_clusters(replace: Replace) -> None:
    """Each member of a group is a cache cluster that can be described; moto only returns its name.

    Terraform reads the group's engine version, subnet group and security groups from its first member.
    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeCacheClusters.html
    """
    create = ElastiCacheBackend.create_replication_group

    def corrected(self: ElastiCacheBackend, **settings: Any) -> ReplicationGroup:  # noqa: ANN401 -- as above
        group = create(self, **settings)
        for name in group.member_clusters:
            self.cache_clusters[name] = member(self, name, group)
        return group

    replace(ElastiCacheBackend, "create_replication_group", corrected)


def encryption_in_transit_is_required(replace: Replace) -> None:
    """Encryption in transit has the mode `required` by default; moto returns no mode.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
    """
    create = ReplicationGroup.__init__

    def corrected(self: ReplicationGroup, **settings: Any) -> None:  # noqa: ANN401 -- as above
        create(self, **settings)
        if self.transit_encryption_enabled and not self.transit_encryption_mode:
            self.transit_encryption_mode = "required"

    replace(ReplicationGroup, "__init__", corrected)


def deleted_groups_disappear(replace: Replace) -> None:
    """A deleted group and its members disappear; moto keeps them in the status `deleting`.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteReplicationGroup.html
    """
    delete = ElastiCacheBackend.delete_replication_group

    def corrected(self: ElastiCacheBackend, **settings: Any) -> ReplicationGroup:  # noqa: ANN401 -- as above
        group = delete(self, **settings)
        for name in group.member_clusters:
            self.cache_clusters.pop(name, None)
        del self.replication_groups[group.replication_group_id]
        return group

    replace(ElastiCacheBackend, "delete_replication_group", corrected)


def member(backend: ElastiCacheBackend, name: str, group: ReplicationGroup) -> CacheCluster:
    """Return the cache cluster of a member: the settings of the group, and none that only standalone clusters have."""
    shared = (
        "replication_group_id",
        "cache_node_type",
        "engine",
        "engine_version",
        "cache_parameter_group_name",
        "cache_subnet_group_name",
        "transit_encryption_enabled",
        "network_type",
        "ip_discovery",
        "snapshot_name",
        "preferred_maintenance_window",
        "port",
        "notification_topic_arn",
        "auto_minor_version_upgrade",
        "snapshot_retention_limit",
        "snapshot_window",
        "cache_security_group_names",
        "security_group_ids",
        "tags",
        "snapshot_arns",
        "log_delivery_configurations",
    )
    only_standalone = (
        "az_mode",
        "preferred_availability_zone",
        "num_cache_nodes",
        "auth_token",
        "outpost_mode",
        "preferred_outpost_arn",
        "preferred_availability_zones",
        "preferred_outpost_arns",
        "cache_node_ids_to_remove",
        "cache_node_ids_to_reboot",
    )
    settings: dict[str, Any] = dict.fromkeys(only_standalone) | {key: getattr(group, key) for key in shared}
    member = CacheCluster(
        account_id=backend.account_id, region_name=backend.region_name, cache_cluster_id=name, **settings
    )
    # moto's clusters take no such settings.
    vars(member).update(
        at_rest_encryption_enabled=group.at_rest_encryption_enabled,
        transit_encryption_mode=group.transit_encryption_mode,
    )
    member.auth_token_enabled = group.auth_token_enabled
    return member


def clusters_have_security_and_parameter_groups(replace: Replace) -> None:
    """A cache cluster returns its security groups and parameter group with a status; moto returns neither.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CacheCluster.html
    """
    create = CacheCluster.__init__

    def corrected(self: CacheCluster, **settings: Any) -> None:  # noqa: ANN401 -- as above
        create(self, **settings)
        vars(self)["security_groups"] = [
            {"SecurityGroupId": group, "Status": "active"} for group in self.security_group_ids
        ]
        vars(self)["cache_parameter_group"] = {
            "CacheParameterGroupName": self.cache_parameter_group_name,
            "ParameterApplyStatus": "in-sync",
        }

    replace(CacheCluster, "__init__", corrected)


def subnet_groups_can_be_deleted(replace: Replace) -> None:
    """A subnet group can be deleted; moto has no such call.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteCacheSubnetGroup.html
    """

    def delete_cache_subnet_group(self: ElastiCacheResponse) -> ActionResult:
        name = self._get_param("CacheSubnetGroupName")
        self.elasticache_backend.describe_cache_subnet_groups(name)  # raises if the name is unknown
        del self.elasticache_backend.cache_subnet_groups[name]
        return EmptyResult()

    replace(ElastiCacheResponse, "delete_cache_subnet_group", delete_cache_subnet_group)


def subnet_groups_can_be_modified(replace: Replace) -> None:
    """Subnets and description of a subnet group can be modified; moto has no such call.

    Without it Terraform repeats the call for minutes.
    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyCacheSubnetGroup.html
    """

    def modify_cache_subnet_group(self: ElastiCacheResponse) -> ActionResult:
        backend, name = self.elasticache_backend, self._get_param("CacheSubnetGroupName")
        (group,) = backend.describe_cache_subnet_groups(name)  # raises if the name is unknown
        modified = CacheSubnetGroup(
            backend.account_id,
            backend.region_name,
            name,
            self._get_param("CacheSubnetGroupDescription") or group.cache_subnet_group_description,
            self._get_param("SubnetIds") or group.subnet_ids,
            group.tags,
        )
        backend.cache_subnet_groups[name] = modified
        return ActionResult({"CacheSubnetGroup": modified})

    replace(ElastiCacheResponse, "modify_cache_subnet_group", modify_cache_subnet_group)


def replicas_can_be_added_and_removed(replace: Replace) -> None:
    """Replicas can be added and removed, except the last one while failover is enabled; moto has no such calls.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_IncreaseReplicaCount.html
    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DecreaseReplicaCount.html
    """

    def set_replica_count(self: ElastiCacheResponse) -> ActionResult:
        backend = self.elasticache_backend
        # Raises if the group is unknown.
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


CORRECTIONS: tuple[Correction, ...] = (
    groups_have_the_requested_members,
    members_are_cache_clusters,
    encryption_in_transit_is_required,
    deleted_groups_disappear,
    clusters_have_security_and_parameter_groups,
    subnet_groups_can_be_deleted,
    subnet_groups_can_be_modified,
    replicas_can_be_added_and_removed,
)
