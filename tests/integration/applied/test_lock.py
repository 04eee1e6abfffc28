"""The state's lock: concurrent applies are refused, and a stale lock is released by its id."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.applied.everything import Applied
from tests.integration.between import PATIENCE, Between, Hold, kill, running
from wealist.operations.emulated_stacks import ACCOUNT, EmulatedStacks, planned_changes
from wealist.operations.terraform import Terraform
from wealist.spec.account import STATE_BUCKET, STATE_LOCK_SUFFIX

pytestmark = pytest.mark.integration

LOCK = f"wealist/account.tfstate{STATE_LOCK_SUFFIX}"
ROLE = "wealist-terraform-plan-prod-role"
APPLY = ("apply", "-auto-approve")


@pytest.fixture
def terraform(applied: Applied) -> Iterator[Terraform]:
    """Terraform of the account, with a missing tag to restore."""
    applied.client("iam").untag_role(RoleName=ROLE, TagKeys=["ManagedBy"])
    yield applied.terraform(ACCOUNT)
    if not has_its_tag(applied):
        applied.apply(ACCOUNT)


@pytest.fixture
def colleague(applied: Applied, tmp_path: Path) -> Terraform:
    """Terraform of the account in another folder."""
    elsewhere = EmulatedStacks(applied.environment(), stacks=applied.folder(ACCOUNT).parent, base=tmp_path)
    return elsewhere.terraform(ACCOUNT)


def locks(applied: Applied) -> list[str]:
    listed = applied.client("s3").list_objects_v2(Bucket=STATE_BUCKET)["Contents"]
    return [item["Key"] for item in listed if item["Key"].endswith(STATE_LOCK_SUFFIX)]


def holder(applied: Applied) -> dict[str, Any]:
    """Return the content of the lock."""
    found: dict[str, Any] = json.loads(applied.client("s3").get_object(Bucket=STATE_BUCKET, Key=LOCK)["Body"].read())
    return found


def has_its_tag(applied: Applied) -> bool:
    tags = applied.client("iam").list_role_tags(RoleName=ROLE)["Tags"]
    return {"Key": "ManagedBy", "Value": "terraform"} in tags


def test_a_concurrent_apply_is_refused_and_the_first_completes(
    applied: Applied, terraform: Terraform, colleague: Terraform
) -> None:
    hold = Hold("TagRole")
    with Between(applied.environment(), hold) as aws:
        first = Terraform(terraform.workdir, env=aws.environment(), executable=terraform.executable)
        with running(first, *APPLY) as process:
            assert hold.reached()
            second = colleague.run(*APPLY, capture=True, check=False)
            assert second.returncode == 1
            assert "Error acquiring the state lock" in second.stderr
            assert holder(applied)["ID"] in second.stderr
            assert locks(applied) == [LOCK]
            hold.release()
            output = process.ended()
    assert process.returncode == 0, output
    assert "Apply complete! Resources: 0 added, 1 changed, 0 destroyed." in output
    assert has_its_tag(applied)
    assert locks(applied) == []
    assert planned_changes(applied.plan(ACCOUNT)) == {}


def test_a_lock_timeout_waits_for_the_lock(applied: Applied, terraform: Terraform, colleague: Terraform) -> None:
    hold = Hold("TagRole")
    with Between(applied.environment(), hold) as aws:
        first = Terraform(terraform.workdir, env=aws.environment(), executable=terraform.executable)
        with running(first, *APPLY) as process:
            assert hold.reached()
            with running(colleague, "plan", f"-lock-timeout={PATIENCE:.0f}s") as waiting:
                with pytest.raises(subprocess.TimeoutExpired):
                    waiting.wait(2)
                hold.release()
                output = waiting.ended()
            assert process.wait(PATIENCE) == 0
    assert "No changes." in output, output


def test_the_stale_lock_of_a_killed_terraform_is_released_only_by_its_id(
    applied: Applied, terraform: Terraform, colleague: Terraform
) -> None:
    hold = Hold("TagRole")
    with Between(applied.environment(), hold) as aws:
        killed = Terraform(terraform.workdir, env=aws.environment(), executable=terraform.executable)
        with running(killed, *APPLY) as process:
            assert hold.reached()
            kill(process)
    refused = colleague.run("plan", capture=True, check=False)
    assert refused.returncode == 1
    found = re.search(r"^ +ID: +(\S+)$", refused.stderr, re.MULTILINE)
    assert found, refused.stderr
    assert found[1] == holder(applied)["ID"]

    wrong = colleague.run("force-unlock", "-force", "00000000-0000-0000-0000-000000000000", capture=True, check=False)
    assert wrong.returncode == 1
    assert locks(applied) == [LOCK]

    colleague.run("force-unlock", "-force", found[1], capture=True)
    assert locks(applied) == []
    done = colleague.run(*APPLY, capture=True)
    assert "1 changed" in done.stdout
    assert has_its_tag(applied)
