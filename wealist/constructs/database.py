"""PostgreSQL (architecture, section 5).

external: subnet group (private subnets); an operator creates the instance and writes its endpoint to SSM
managed:  subnet group, parameter group → RDS instance → endpoint in SSM; master password in Secrets Manager
"""

from typing import Final

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.db_instance import DbInstance
from cdktf_cdktf_provider_aws.db_parameter_group import DbParameterGroup, DbParameterGroupParameter
from cdktf_cdktf_provider_aws.db_subnet_group import DbSubnetGroup
from constructs import Construct

from wealist.constructs.encryption import Encryption
from wealist.constructs.firewall import Group
from wealist.constructs.network import Network
from wealist.constructs.parameters import Parameters
from wealist.spec import parameters as paths
from wealist.spec.account import REGION
from wealist.spec.environment import Environment, ManagedDatabase
from wealist.spec.services import DATABASE_MASTER_USER, POSTGRESQL_PORT

_LOGS: Final = ("postgresql", "upgrade")
_INSIGHTS_DAYS: Final = 7
_PARAMETERS: Final = {
    "rds.force_ssl": "1",
    # Both settings allow SCRAM only, not MD5.
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL_Password_Encryption_configuration.html
    "password_encryption": "scram-sha-256",
    "rds.accepted_password_auth_method": "scram",
}


class Database(Construct):
    """The managed database, or the subnet group of an external one."""

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
        names = config.names
        subnets = DbSubnetGroup(
            self,
            "subnet-group",
            name=names("db-subnet-group"),
            description="Private subnets of every zone",
            subnet_ids=[subnet.id for subnet in network.private_subnets.values()],
            tags={"Name": names("db-subnet-group")},
        )
        if isinstance(config.database, ManagedDatabase):
            instance = self._managed(config, config.database, subnets, security_group, encryption)
            parameters.set_by_terraform(paths.DB_ENDPOINT, instance.address, "PostgreSQL's host name", protected=True)
        else:
            parameters.set_by_operator(paths.DB_ENDPOINT, "PostgreSQL's host name", secret=False)

    def _managed(
        self,
        config: Environment,
        settings: ManagedDatabase,
        subnets: DbSubnetGroup,
        security_group: Group,
        encryption: Encryption,
    ) -> DbInstance:
        names = config.names
        protected = not config.may_be_destroyed
        identifier = names("rds")
        logs = [
            CloudwatchLogGroup(
                self,
                f"{log}-log-group",
                # Otherwise RDS would create it, without retention and without the environment's key.
                name=f"/aws/rds/instance/{identifier}/{log}",
                retention_in_days=config.log_retention_days,
                kms_key_id=encryption.key.arn,
                lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if protected else None,
            )
            for log in _LOGS
        ]
        return DbInstance(
            self,
            "instance",
            identifier=identifier,
            engine="postgres",
            engine_version=settings.engine_version,
            instance_class=settings.instance_class,
            port=POSTGRESQL_PORT,
            storage_type="gp3",
            allocated_storage=settings.allocated_storage_gib,
            max_allocated_storage=settings.max_allocated_storage_gib,
            storage_encrypted=True,
            kms_key_id=encryption.key.arn,
            username=DATABASE_MASTER_USER,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=encryption.key.arn,
            multi_az=config.enable_multi_az,
            # Used at the creation only. With a standby, RDS chooses both zones and rejects this argument.
            availability_zone=None if config.enable_multi_az else f"{REGION}{settings.zone}",
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[security_group.resource.id],
            publicly_accessible=False,
            parameter_group_name=self._parameter_group(settings, config).name,
            backup_retention_period=settings.backup_retention_days,
            # Night in Seoul (UTC+9), the backup before the maintenance.
            backup_window="17:00-18:00",
            maintenance_window="sun:18:30-sun:19:30",
            copy_tags_to_snapshot=True,
            deletion_protection=protected,
            skip_final_snapshot=not protected,
            final_snapshot_identifier=f"{identifier}-final" if protected else None,
            delete_automated_backups=not protected,
            auto_minor_version_upgrade=True,
            enabled_cloudwatch_logs_exports=list(_LOGS),
            performance_insights_enabled=True,
            performance_insights_kms_key_id=encryption.key.arn,
            performance_insights_retention_period=_INSIGHTS_DAYS,
            apply_immediately=True,
            tags={"Name": identifier},
            # A failover changes the zone, and Terraform would replace the instance to change it back.
            lifecycle=TerraformResourceLifecycle(
                ignore_changes=["availability_zone"], prevent_destroy=protected or None
            ),
            depends_on=logs,
        )

    def _parameter_group(self, settings: ManagedDatabase, config: Environment) -> DbParameterGroup:
        major = settings.engine_version.split(".", maxsplit=1)[0]
        name = config.names(f"postgres{major}")
        return DbParameterGroup(
            self,
            "parameter-group",
            name=name,
            family=f"postgres{major}",
            description="Clients must use TLS",
            parameter=[
                DbParameterGroupParameter(name=setting, value=value, apply_method="immediate")
                for setting, value in _PARAMETERS.items()
            ],
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            tags={"Name": name},
        )
