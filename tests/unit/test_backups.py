"""Backups by AWS Backup, and the protection of their vault."""

import json
from typing import Final

import pytest

from tests.policies import allows, grants_of
from tests.synthesized import Stack, account_of, environment, synthesized
from wealist.spec.environment import Backups

HERE: Final = "ap-northeast-2:290008131187"
APPLY: Final = "wealist-terraform-apply-role"
DELETING: Final = (
    "backup:DeleteRecoveryPoint",
    "backup:DeleteBackupVault",
    "backup:DeleteBackupPlan",
    "backup:DeleteBackupSelection",
    "backup:DeleteBackupVaultLockConfiguration",
)


@pytest.fixture(scope="module")
def protected() -> Stack:
    return synthesized(environment("prod", backups=Backups(retention_days=90)))


@pytest.fixture(scope="module")
def destroyable() -> Stack:
    return synthesized(environment("dev", backups=Backups(retention_days=7)))


def test_without_the_setting_no_backup_is_created(stack: Stack) -> None:
    assert [each for each in stack.resources if each.startswith("aws_backup_")] == []


def test_backups_are_kept_and_locked_for_the_days_of_the_setting(protected: Stack) -> None:
    (rule,) = protected.only("aws_backup_plan")["rule"]
    assert rule["lifecycle"] == {"delete_after": 90}
    lock = protected.only("aws_backup_vault_lock_configuration")
    assert lock["min_retention_days"] == 90
    assert protected.target(lock, "backup_vault_name") == protected.only("aws_backup_vault")


def test_only_the_vault_of_a_protected_environment_is_protected(protected: Stack, destroyable: Stack) -> None:
    assert protected.only("aws_backup_vault")["lifecycle"]["prevent_destroy"] is True
    assert protected.only("aws_backup_vault")["force_destroy"] is False
    assert destroyable.only("aws_backup_vault")["force_destroy"] is True
    assert destroyable.all("aws_backup_vault_lock_configuration") == []


def test_the_documented_database_and_the_monitoring_volume_are_backed_up(protected: Stack) -> None:
    database, volume = protected.only("aws_backup_selection")["resources"]
    assert database == f"arn:aws:rds:{HERE}:db:wealist-prod-rds"
    assert volume == f"${{{protected.only('aws_ebs_volume').address}.arn}}"


def test_the_backup_role_creates_snapshots_of_these_two_only(protected: Stack) -> None:
    given = grants_of(protected, "wealist-prod-backup-role")
    assert allows(given, "rds:CreateDBSnapshot", f"arn:aws:rds:{HERE}:db:wealist-prod-rds")
    assert not allows(given, "rds:CreateDBSnapshot", f"arn:aws:rds:{HERE}:db:wealist-dev-rds")
    assert not allows(given, "ec2:CreateSnapshot", f"arn:aws:ec2:{HERE}:volume/vol-1")
    for action in (*DELETING, "rds:DeleteDBSnapshot", "ec2:DeleteSnapshot"):
        assert not allows(given, action, "*"), action


def test_the_backup_role_is_limited_to_this_account(protected: Stack) -> None:
    trust = json.loads(protected.only("aws_iam_role", name="wealist-prod-backup-role")["assume_role_policy"])
    (statement,) = trust["Statement"]
    assert statement["Principal"] == {"Service": "backup.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "290008131187"}}


def test_the_pipeline_creates_plans_and_vaults_and_deletes_none() -> None:
    given = grants_of(account_of(environment("prod", backups=Backups())), APPLY)
    vault = f"arn:aws:backup:{HERE}:backup-vault:wealist-prod-backups"
    for action in ("backup:CreateBackupVault", "backup:PutBackupVaultLockConfiguration"):
        assert allows(given, action, vault), action
    for action in DELETING:
        assert not allows(given, action, vault), action
        assert not allows(given, action, "*"), action
