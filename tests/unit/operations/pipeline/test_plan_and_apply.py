"""Planning for review and applying what was reviewed, with a Terraform that only writes down what it is asked."""

import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.unit.operations.pipeline.conftest import S3, A
from tests.unit.operations.pipeline.conftest import made as planned
from wealist.errors import OperatorError, ToolFailedError
from wealist.operations.pipeline import record
from wealist.operations.pipeline.applying import apply_reviewed
from wealist.operations.pipeline.configuration import digest
from wealist.operations.pipeline.planning import by_hand, plan_for_review
from wealist.operations.pipeline.store import PlanStore
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
    """A stack's folder, and what its Terraform is told."""

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


def changing(address: str, *actions: str) -> dict[str, Any]:
    return {"resource_changes": [{"address": address, "mode": "managed", "change": {"actions": list(actions)}}]}


def test_a_plan_is_kept_and_its_record_names_it(machine: Machine, s3: S3, out: Path) -> None:
    made = plan_for_review("prod", machine.target(), out, PlanStore(s3))
    plan = f"plan with {SECRET}".encode()
    assert (made.stack, made.configuration, made.by_hand) == ("prod", digest(machine.stack), "")
    assert made.plan == hashlib.sha256(plan).hexdigest()
    assert s3.objects == {f"prod/{made.plan}.tfplan": plan, f"prod/{made.plan}.json": b"{}\n"}
    assert record.read(out) == made


def test_planning_takes_no_lock(machine: Machine, s3: S3, out: Path) -> None:
    plan_for_review("prod", machine.target(), out, PlanStore(s3))
    (call,) = machine.calls("plan")
    assert "-lock=false" in call.split()
    assert not machine.calls("apply")


def test_where_there_is_nothing_to_do_nothing_is_kept(machine: Machine, s3: S3, out: Path) -> None:
    made = plan_for_review("prod", machine.target(plan_exits=0), out, PlanStore(s3))
    assert (made.plan, s3.objects) == (None, {})


def test_what_terraform_says_of_a_plan_stays_out_of_the_log_and_its_files_are_the_owners(
    machine: Machine, s3: S3, out: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    plan_for_review("prod", machine.target(), out, PlanStore(s3))
    captured = capfd.readouterr()
    assert SECRET not in captured.out + captured.err
    assert SECRET not in (out / record.RECORD_FILE).read_text()
    for name in ("plan.tfplan", "plan.json"):
        assert stat.S_IMODE((out / name).stat().st_mode) == 0o600


def test_a_plan_that_fails_says_why_and_leaves_no_record(
    machine: Machine, s3: S3, out: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ToolFailedError) as failure:
        plan_for_review("prod", machine.target(plan_exits=1), out, PlanStore(s3))
    assert failure.value.exit_code == 1
    assert "planned: " in capfd.readouterr().err
    assert (s3.objects, (out / record.RECORD_FILE).exists()) == ({}, False)


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
def test_what_the_pipeline_may_not_change_is_an_operators(stack: str, plan: dict[str, Any], reason: str) -> None:
    assert (reason in by_hand(stack, plan)) if reason else (by_hand(stack, plan) == "")


def test_the_record_says_what_is_an_operators(machine: Machine, s3: S3, out: Path) -> None:
    machine.plans(changing("aws_iam_role.pipeline_plan_prod_role", "update"))
    assert "its own rights" in plan_for_review("account", machine.target(), out, PlanStore(s3)).by_hand


def test_the_reviewed_plan_is_what_is_applied(machine: Machine, s3: S3, out: Path) -> None:
    store = PlanStore(s3)
    made = plan_for_review("prod", machine.target(), out, store)
    apply_reviewed(machine.target(), made, store=store)
    (call,) = machine.calls("apply")
    assert machine.applied_file.read_text() == f"plan with {SECRET}"
    assert "-lock-timeout=10m" in call.split()
    assert "-auto-approve" not in call


def test_a_plan_of_another_configuration_is_refused_before_anything_runs(machine: Machine, s3: S3, out: Path) -> None:
    store = PlanStore(s3)
    made = plan_for_review("prod", machine.target(), out, store)
    (machine.stack / "cdk.tf.json").write_text('{"resource": {}}')
    with pytest.raises(OperatorError, match="made of another configuration") as error:
        apply_reviewed(machine.target(), made, store=store)
    assert "-f stack=prod" in error.value.remedy
    assert not machine.calls("apply")


def test_a_plan_of_another_terraform_is_refused_with_both_versions_before_anything_runs(
    machine: Machine, s3: S3, out: Path
) -> None:
    store = PlanStore(s3)
    made = plan_for_review("prod", machine.target(), out, store)
    assert made.terraform == VERSION
    with pytest.raises(OperatorError, match=rf"made by Terraform 1\.11\.4, and this is Terraform {VERSION}") as error:
        apply_reviewed(machine.target(), made.model_copy(update={"terraform": "1.11.4"}), store=store)
    assert "-f stack=prod" in error.value.remedy
    assert not machine.calls("apply")


def test_a_plan_that_is_not_there_is_not_made_up(machine: Machine, s3: S3) -> None:
    with pytest.raises(OperatorError, match="no longer there"):
        apply_reviewed(machine.target(), planned(plan=A, configuration=digest(machine.stack)), store=PlanStore(s3))
    assert not machine.calls("apply")


def test_an_apply_that_fails_points_to_a_new_plan(machine: Machine, s3: S3, out: Path) -> None:
    store = PlanStore(s3)
    made = plan_for_review("prod", machine.target(), out, store)
    with pytest.raises(OperatorError, match="not carried out, or only in part") as error:
        apply_reviewed(machine.target(apply_exits=1), made, store=store)
    assert error.value.remedy.endswith("gh workflow run apply.yml --ref main -f stack=prod")
