"""Plan a stack for review and apply the reviewed plan, with a script instead of Terraform that records its calls."""

import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.unit.operations.pipeline.conftest import S3, A
from wealist.errors import OperatorError, ToolFailedError
from wealist.operations.pipeline.plan_and_apply import apply_reviewed, operator_only_reason, plan_for_review
from wealist.operations.pipeline.plans import RECORD_FILE, Record, configuration_digest, read_record, store_plan
from wealist.operations.plan import Target
from wealist.operations.terraform_executable import PIN

SECRET = "hunter2-in-the-plan"
VERSION = PIN.read_text().strip()
TERRAFORM = f"""#!/bin/sh
case "$1" in
  version) echo '{{"terraform_version": "{VERSION}"}}'; exit 0 ;;
  show) cat "$PLANNED"; exit 0 ;;
esac
echo "$*" >> "$CALLS"
case "$1" in
  plan)
    echo "planned: $SECRET"
    for each in "$@"; do case "$each" in -out=*) printf '%s' "plan with $SECRET" > "${{each#-out=}}" ;; esac; done
    exit "$PLAN_EXITS" ;;
  apply)
    for each in "$@"; do case "$each" in *.tfplan) cat "$each" > "$APPLIED" ;; esac; done
    exit "$APPLY_EXITS" ;;
esac
"""


class Machine:
    """A stack's folder, and the calls of its Terraform."""

    def __init__(self, folder: Path) -> None:
        self.calls_file = folder / "calls"
        self.applied_file = folder / "applied"
        self.planned_file = folder / "planned.json"
        self.stack = folder / "prod"
        self.stack.mkdir()
        (self.stack / "cdk.tf.json").write_text("{}")
        self.plans({})
        program = folder / "bin" / "terraform"
        program.parent.mkdir()
        program.write_text(TERRAFORM)
        program.chmod(0o755)

    def plans(self, shown: dict[str, Any]) -> None:
        self.planned_file.write_text(json.dumps(shown))

    def target(self, *, plan_exits: int = 2, apply_exits: int = 0) -> Target:
        settings = {
            "CALLS": str(self.calls_file),
            "APPLIED": str(self.applied_file),
            "PLANNED": str(self.planned_file),
            "SECRET": SECRET,
            "PLAN_EXITS": str(plan_exits),
            "APPLY_EXITS": str(apply_exits),
        }
        return Target(self.stack, os.environ | settings)

    def calls(self, command: str) -> list[str]:
        lines = self.calls_file.read_text().splitlines() if self.calls_file.exists() else []
        return [line for line in lines if line.startswith(command)]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return Machine(tmp_path)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def record(machine: Machine, s3: S3, tmp_path: Path) -> Record:
    """The record of a stored plan of the machine's configuration."""
    (tmp_path / "plan").write_text(f"plan with {SECRET}")
    plan = store_plan(s3, "prod", tmp_path / "plan", tmp_path / "plan")
    configuration = configuration_digest(machine.stack)
    return Record(stack="prod", configuration=configuration, plan=plan, terraform=VERSION)


def changing(address: str, *actions: str) -> dict[str, Any]:
    return {"resource_changes": [{"address": address, "mode": "managed", "change": {"actions": list(actions)}}]}


def test_planning_stores_the_plan_under_its_digest_without_a_lock(machine: Machine, s3: S3, out: Path) -> None:
    record = plan_for_review("prod", machine.target(), out, s3)
    plan = f"plan with {SECRET}".encode()
    digest = hashlib.sha256(plan).hexdigest()
    assert record == Record(
        stack="prod", configuration=configuration_digest(machine.stack), plan=digest, terraform=VERSION
    )
    assert read_record(out) == record
    assert s3.objects == {f"prod/{digest}.tfplan": plan, f"prod/{digest}.json": b"{}\n"}
    (call,) = machine.calls("plan")
    assert "-lock=false" in call.split()
    assert not machine.calls("apply")


def test_a_plan_without_changes_is_not_stored(machine: Machine, s3: S3, out: Path) -> None:
    record = plan_for_review("prod", machine.target(plan_exits=0), out, s3)
    assert (record.plan, s3.objects) == (None, {})


def test_terraforms_output_is_not_printed_and_its_files_are_private(
    machine: Machine, s3: S3, out: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    plan_for_review("prod", machine.target(), out, s3)
    captured = capfd.readouterr()
    assert SECRET not in captured.out + captured.err
    assert SECRET not in (out / RECORD_FILE).read_text()
    for name in ("plan.tfplan", "plan.json"):
        assert stat.S_IMODE((out / name).stat().st_mode) == 0o600


def test_a_failed_plan_prints_terraforms_output_and_leaves_no_record(
    machine: Machine, s3: S3, out: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ToolFailedError) as failure:
        plan_for_review("prod", machine.target(plan_exits=1), out, s3)
    assert failure.value.exit_code == 1
    assert "planned: " in capfd.readouterr().err
    assert (s3.objects, (out / RECORD_FILE).exists()) == ({}, False)


@pytest.mark.parametrize(
    ("stack", "plan", "reason"),
    [
        ("bootstrap", changing("module.state.aws_s3_bucket.state", "update"), "the bucket of the states"),
        ("account", changing("aws_iam_role.pipeline_plan_prod_role", "update"), "its own rights"),
        ("account", changing("aws_iam_policy.boundary_policy", "delete", "create"), "its own rights"),
        ("account", changing("aws_iam_role.pipeline_plan_prod_role", "no-op"), ""),
        ("account", changing("aws_route53_zone.zone", "update"), ""),
        ("prod", changing("aws_iam_role.identity_ec2_role", "update"), ""),
    ],
)
def test_only_operators_may_change_the_state_bucket_and_the_pipelines_rights(
    stack: str, plan: dict[str, Any], reason: str
) -> None:
    found = operator_only_reason(stack, plan)
    assert (reason in found) if reason else (found == "")


def test_the_record_says_why_only_an_operator_may_apply(machine: Machine, s3: S3, out: Path) -> None:
    machine.plans(changing("aws_iam_role.pipeline_plan_prod_role", "update"))
    assert "its own rights" in plan_for_review("account", machine.target(), out, s3).by_hand


def test_the_reviewed_plan_is_applied(machine: Machine, s3: S3, record: Record) -> None:
    apply_reviewed(machine.target(), record, s3)
    (call,) = machine.calls("apply")
    assert machine.applied_file.read_text() == f"plan with {SECRET}"
    assert "-lock-timeout=10m" in call.split()
    assert "-auto-approve" not in call


def test_a_plan_of_another_configuration_is_refused(machine: Machine, s3: S3, record: Record) -> None:
    (machine.stack / "cdk.tf.json").write_text('{"resource": {}}')
    with pytest.raises(OperatorError, match="made of another configuration") as error:
        apply_reviewed(machine.target(), record, s3)
    assert "-f stack=prod" in error.value.remedy
    assert not machine.calls("apply")


def test_a_plan_of_another_terraform_is_refused_with_both_versions(machine: Machine, s3: S3, record: Record) -> None:
    with pytest.raises(OperatorError, match=rf"made by Terraform 1\.11\.4, and this is Terraform {VERSION}") as error:
        apply_reviewed(machine.target(), record.model_copy(update={"terraform": "1.11.4"}), s3)
    assert "-f stack=prod" in error.value.remedy
    assert not machine.calls("apply")


def test_without_the_reviewed_plan_nothing_is_applied(machine: Machine, s3: S3, record: Record) -> None:
    with pytest.raises(OperatorError, match="no longer exists"):
        apply_reviewed(machine.target(), record.model_copy(update={"plan": A}), s3)
    assert not machine.calls("apply")


def test_a_failed_apply_is_reported_with_the_command_that_plans_again(machine: Machine, s3: S3, record: Record) -> None:
    with pytest.raises(OperatorError, match="not applied, or only in part") as error:
        apply_reviewed(machine.target(apply_exits=1), record, s3)
    assert error.value.remedy.endswith("gh workflow run apply.yml --ref main -f stack=prod")
