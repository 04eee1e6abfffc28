from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from tests.integration.corrections import client
from wealist.emulator.corrections import backup
from wealist.emulator.corrections.replace import Replace

DATABASE: Final = "arn:aws:rds:ap-northeast-2:290008131187:db:wealist-prod-rds"
SELECTION: Final = {
    "SelectionName": "lasting",
    "IamRoleArn": "arn:aws:iam::290008131187:role/wealist-prod-backup-role",
    "Resources": [DATABASE],
}


def kept_for(days: int) -> dict[str, Any]:
    rule = {"RuleName": "daily", "TargetBackupVaultName": "vault", "Lifecycle": {"DeleteAfterDays": days}}
    return {"BackupPlanName": "daily", "Rules": [rule]}


@pytest.fixture
def backups() -> Any:
    backups = client("backup")
    backups.create_backup_vault(BackupVaultName="vault")
    return backups


@pytest.fixture
def plan(backups: Any) -> str:
    return str(backups.create_backup_plan(BackupPlan=kept_for(35))["BackupPlanId"])


def test_a_plan_has_selections(backups: Any, plan: str, replace: Replace) -> None:
    backup.plans_have_selections(replace)
    made = backups.create_backup_selection(BackupPlanId=plan, BackupSelection=SELECTION)["SelectionId"]
    found = backups.get_backup_selection(BackupPlanId=plan, SelectionId=made)
    assert (found["BackupPlanId"], found["BackupSelection"]) == (plan, SELECTION)
    backups.delete_backup_selection(BackupPlanId=plan, SelectionId=made)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        backups.get_backup_selection(BackupPlanId=plan, SelectionId=made)


def test_listed_selections_leave_out_the_resources(backups: Any, plan: str, replace: Replace) -> None:
    backup.plans_have_selections(replace)
    assert backups.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"] == []
    made = backups.create_backup_selection(BackupPlanId=plan, BackupSelection=SELECTION)["SelectionId"]
    (listed,) = backups.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]
    assert (listed["SelectionId"], listed["SelectionName"], listed["BackupPlanId"]) == (made, "lasting", plan)
    assert listed["IamRoleArn"] == SELECTION["IamRoleArn"]
    assert "BackupSelection" not in listed


def test_unknown_plans_are_rejected(backups: Any, replace: Replace) -> None:
    backup.plans_have_selections(replace)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        backups.create_backup_selection(BackupPlanId="nothing", BackupSelection=SELECTION)


def test_an_updated_plan_gets_another_version(backups: Any, plan: str, replace: Replace) -> None:
    backup.plans_can_be_updated(replace)
    before = backups.get_backup_plan(BackupPlanId=plan)["VersionId"]
    after = backups.update_backup_plan(BackupPlanId=plan, BackupPlan=kept_for(90))["VersionId"]
    assert after != before
    (rule,) = backups.get_backup_plan(BackupPlanId=plan)["BackupPlan"]["Rules"]
    assert rule["Lifecycle"]["DeleteAfterDays"] == 90
