"""Daily backups by AWS Backup, in addition to those of RDS and ElastiCache (docs/recovery.md).

plan (daily) ─ role ─┬─ database, by its documented name, managed or external ─┐
                     └─ monitoring's volume ───────────────────────────────────┴─► vault (environment's key, locked)

AWS Backup does not support ElastiCache; objects in buckets have versions instead.
"""

from typing import Final

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.backup_plan import BackupPlan, BackupPlanRule, BackupPlanRuleLifecycle
from cdktf_cdktf_provider_aws.backup_selection import BackupSelection
from cdktf_cdktf_provider_aws.backup_vault import BackupVault
from cdktf_cdktf_provider_aws.backup_vault_lock_configuration import BackupVaultLockConfiguration
from cdktf_cdktf_provider_aws.ebs_volume import EbsVolume
from cdktf_cdktf_provider_aws.iam_role import IamRole
from constructs import Construct

from wealist.constructs.encryption import Encryption
from wealist.constructs.identity import attach_policy
from wealist.spec.account import ACCOUNT_ID, BOUNDARY_ARN, REGION
from wealist.spec.environment import Backups as Settings
from wealist.spec.environment import Environment
from wealist.toolkit.policy import OWN_ACCOUNT, Statement, assumed_by_service

_HERE: Final = f"{REGION}:{ACCOUNT_ID}"
_SCHEDULE: Final = "cron(0 19 * * ? *)"
"""04:00 in Seoul, after the backup and maintenance windows of RDS."""
_OWN_SNAPSHOTS: Final = f"arn:aws:rds:{_HERE}:snapshot:awsbackup:*"


class Backups(Construct):
    """The vault, the plan, and the role of AWS Backup."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: Environment,
        settings: Settings,
        encryption: Encryption,
        volume: EbsVolume,
    ) -> None:
        super().__init__(scope, id_)
        names, protected = config.names, not config.may_be_destroyed
        database = f"arn:aws:rds:{_HERE}:db:{names('rds')}"
        vault = BackupVault(
            self,
            "vault",
            name=names("backups"),
            kms_key_arn=encryption.key.arn,
            force_destroy=not protected,
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if protected else None,
            tags={"Name": names("backups")},
        )
        if protected:
            # Without `changeable_for_days`, an administrator can remove the lock; the pipeline cannot.
            BackupVaultLockConfiguration(
                self, "lock", backup_vault_name=vault.name, min_retention_days=settings.retention_days
            )
        plan = BackupPlan(
            self,
            "plan",
            name=names("daily"),
            rule=[
                BackupPlanRule(
                    rule_name="daily",
                    target_vault_name=vault.name,
                    schedule=_SCHEDULE,
                    lifecycle=BackupPlanRuleLifecycle(delete_after=settings.retention_days),
                )
            ],
            tags={"Name": names("daily")},
        )
        role = IamRole(
            self,
            "role",
            name=names("backup-role"),
            assume_role_policy=assumed_by_service("backup.amazonaws.com", OWN_ACCOUNT),
            permissions_boundary=BOUNDARY_ARN,
            tags={"Name": names("backup-role")},
        )
        statements = _statements(database, volume.arn, encryption.key.arn)
        attachment = attach_policy(self, "backup", role=role, name=names("backup-policy"), statements=statements)
        BackupSelection(
            self,
            "selection",
            name=names("lasting"),
            plan_id=plan.id,
            iam_role_arn=role.arn,
            resources=[database, volume.arn],
            depends_on=[attachment],
        )


def _statements(database: str, volume: str, key: str) -> list[Statement]:
    """Return AWS's AWSBackupServiceRolePolicyForBackup, limited to the two resources.

    AWS Backup deletes expired backups by its service-linked role.

    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html
    """
    return [
        Statement(
            sid="FindWhatIsBackedUp",
            why="AWS Backup looks at what it backs up, and whether a snapshot is done; the calls have no resource",
            actions=[
                "rds:DescribeDBInstances",
                "rds:DescribeDBSnapshots",
                "ec2:DescribeVolumes",
                "ec2:DescribeSnapshots",
                "ec2:DescribeTags",
            ],
            resources=["*"],
        ),
        Statement(
            sid="BackUpDatabase",
            why="AWS Backup makes a snapshot of the database each night",
            actions=["rds:CreateDBSnapshot", "rds:AddTagsToResource", "rds:ListTagsForResource"],
            resources=[database, _OWN_SNAPSHOTS],
        ),
        Statement(
            sid="BackUpVolume",
            why="AWS Backup makes a snapshot of monitoring's data each night",
            actions=["ec2:CreateSnapshot"],
            resources=[volume, f"arn:aws:ec2:{REGION}::snapshot/*"],
        ),
        Statement(
            sid="TagSnapshots",
            why="AWS Backup tags the snapshots that it makes, as it makes them",
            actions=["ec2:CreateTags"],
            resources=[f"arn:aws:ec2:{REGION}::snapshot/*"],
            conditions={"StringEquals": {"ec2:CreateAction": "CreateSnapshot"}},
        ),
        Statement(
            sid="UseOwnKey",
            why="snapshots are encrypted with the key of what they are of",
            actions=["kms:DescribeKey"],
            resources=[key],
        ),
    ]
