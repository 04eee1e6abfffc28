"""Redis (architecture, section 6).

    subnet group (private subnets) → replication group wealist-<env>-redis → host and port in SSM
                                       ↑ AUTH token
                         data source ← parameter in SSM ← generated once

The provider has no write-only argument for the AUTH token, so Terraform reads the token back by a data source: it is
stored in the encrypted state and in plan files, as a sensitive value. Redis takes a new value of the parameter at the
next apply.
"""

from itertools import cycle, islice
from typing import Final

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.data_aws_ssm_parameter import DataAwsSsmParameter
from cdktf_cdktf_provider_aws.elasticache_replication_group import ElasticacheReplicationGroup
from cdktf_cdktf_provider_aws.elasticache_subnet_group import ElasticacheSubnetGroup
from constructs import Construct

from wealist.constructs.encryption import Encryption
from wealist.constructs.firewall import Group
from wealist.constructs.network import Network
from wealist.constructs.parameters import Parameters
from wealist.spec import parameters as paths
from wealist.spec.account import REGION
from wealist.spec.environment import Environment
from wealist.spec.redis import ENGINE_VERSION, PARAMETER_GROUP
from wealist.spec.services import REDIS_PORT

_TOKEN_LENGTH: Final = 64
"""ElastiCache accepts 16 to 128 characters: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html"""


class Cache(Construct):
    """The replication group, with cluster mode disabled."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: Environment,
        network: Network,
        security_group: Group,
        encryption: Encryption,
        parameters: Parameters,
    ) -> None:
        super().__init__(scope, id_)
        names, zones = config.names, config.cache.zones
        subnets = ElasticacheSubnetGroup(
            self,
            "subnet-group",
            name=names("redis-subnet-group"),
            description="Private subnets of every zone",
            subnet_ids=[subnet.id for subnet in network.private_subnets.values()],
            tags={"Name": names("redis-subnet-group")},
        )
        stored = parameters.generated_once(paths.REDIS_AUTH_TOKEN, "Redis' AUTH token", length=_TOKEN_LENGTH)
        # The name is known before the parameter exists: without `depends_on`, the first plan would try to read it.
        token = DataAwsSsmParameter(self, "auth-token", name=stored.name, depends_on=[stored])
        protected = not config.may_be_destroyed
        identifier = names("redis")
        group = ElasticacheReplicationGroup(
            self,
            "replication-group",
            replication_group_id=identifier,
            description=f"Redis of {names.environment_prefix}",
            engine="redis",
            engine_version=ENGINE_VERSION,
            parameter_group_name=PARAMETER_GROUP,
            node_type=config.cache.node_type,
            port=REDIS_PORT,
            subnet_group_name=subnets.name,
            security_group_ids=[security_group.resource.id],
            num_cache_clusters=config.cache_nodes,
            preferred_cache_cluster_azs=[f"{REGION}{zone}" for zone in islice(cycle(zones), config.cache_nodes)],
            automatic_failover_enabled=config.enable_multi_az,
            multi_az_enabled=config.enable_multi_az,
            at_rest_encryption_enabled="true",
            kms_key_id=encryption.key.arn,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            auth_token=token.value,
            auth_token_update_strategy="ROTATE",  # noqa: S106  a strategy
            auto_minor_version_upgrade="true",
            snapshot_retention_limit=config.cache.snapshot_retention_days,
            # Night in Seoul (UTC+9), the snapshot before the maintenance.
            snapshot_window="17:00-18:00",
            maintenance_window="sun:18:30-sun:19:30",
            final_snapshot_identifier=f"{identifier}-final" if protected else None,
            apply_immediately=True,
            tags={"Name": identifier},
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if protected else None,
        )
        parameters.set_by_terraform(paths.REDIS_HOST, group.primary_endpoint_address, "Redis' host name")
        parameters.set_by_terraform(paths.REDIS_PORT, str(REDIS_PORT), "Redis' port")
