"""States with resources of another system are refused before a plan or an apply."""

import datetime as dt
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.states import HCL, state
from tests.synthesized import stacks
from tests.unit.operations.pipeline.conftest import S3, A, plan_record
from wealist.checks import accepted
from wealist.checks.accepted import Accepted, Release
from wealist.errors import BAD_INPUT, OperatorError
from wealist.operations.foreign_state import managed_resources, refuse_foreign_state, unknown_addresses
from wealist.operations.pipeline.plan_and_apply import apply_reviewed, plan_for_review
from wealist.operations.pipeline.plans import configuration_digest, store_plan
from wealist.operations.plan import Target
from wealist.operations.terraform import Terraform
from wealist.operations.terraform_executable import PIN
from wealist.spec.account import SHARED_STACKS

DAY: Final = dt.date(2026, 11, 22)
VPC: Final = "aws_vpc.network_vpc"
STACK: Final[Mapping[str, Any]] = {
    "resource": {"aws_vpc": {"network_vpc": {}}, "aws_subnet": {"network_private": {"for_each": {}}}},
    "module": {"boot": {"source": "./modules/instance_bootstrap"}},
}
TERRAFORM: Final = f"""#!/bin/sh
case "$1" in
  version) echo '{{"terraform_version": "{PIN.read_text().strip()}"}}' ;;
  state) cat "$STATE"; exit "$PULL_EXITS" ;;
  *) echo "$1" >> "$CALLS" ;;
esac
"""


class Folder:
    """A stack's folder, and a Terraform that prints a prepared state and records its commands."""

    def __init__(self, base: Path) -> None:
        self.stack = base / "prod"
        self.stack.mkdir()
        (self.stack / "cdk.tf.json").write_text(json.dumps(STACK))
        self._state, self._calls = base / "state", base / "calls"
        self.exits = 0
        self.holds("")
        program = base / "bin" / "terraform"
        program.parent.mkdir()
        program.write_text(TERRAFORM)
        program.chmod(0o755)

    def holds(self, text: str) -> None:
        """Set the output of `terraform state pull`."""
        self._state.write_text(text)

    @property
    def environment(self) -> dict[str, str]:
        settings = {"STATE": str(self._state), "CALLS": str(self._calls), "PULL_EXITS": str(self.exits)}
        return os.environ | settings

    @property
    def terraform(self) -> Terraform:
        return Terraform(self.stack, env=self.environment)

    @property
    def target(self) -> Target:
        return Target(self.stack, self.environment)

    def commands(self) -> list[str]:
        return self._calls.read_text().split() if self._calls.exists() else []


@pytest.fixture
def empty_inventory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepted, "load", lambda *_arguments: Accepted())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_inventory: None) -> Folder:  # noqa: ARG001
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return Folder(tmp_path)


def foreign(addresses: list[str], **more: object) -> list[str]:
    """Return the addresses in a state that the stack lacks, with an empty inventory."""
    return unknown_addresses("prod", managed_resources(state(addresses)), {**STACK, **more})


# --- known addresses ---


@pytest.mark.parametrize(
    "address",
    [
        VPC,
        'aws_subnet.network_private["ap-northeast-2a"]',
        "aws_subnet.network_private[0]",
        "module.boot.aws_ssm_parameter.agent",
        "module.boot.module.inner.aws_ssm_parameter.agent",
        'module.boot["a.b"].aws_ssm_parameter.agent[0]',
        "data.aws_ami.of_anybody",
        "module.theirs.data.aws_caller_identity.current",
    ],
)
@pytest.mark.usefixtures("empty_inventory")
def test_resources_modules_and_data_sources_of_the_stack_are_known(address: str) -> None:
    assert foreign([address]) == []


@pytest.mark.parametrize(
    ("address", "reported"),
    [
        ("aws_vpc.main", "aws_vpc.main"),
        ("aws_subnet.network_vpc", "aws_subnet.network_vpc"),
        ("aws_eip.nat[0]", "aws_eip.nat"),
        ("module.vpc.aws_vpc.network_vpc", "module.vpc.aws_vpc.network_vpc"),
        ('module.boot2["a.b"].aws_vpc.network_vpc', "module.boot2.aws_vpc.network_vpc"),
    ],
)
@pytest.mark.usefixtures("empty_inventory")
def test_other_resources_and_modules_are_unknown(address: str, reported: str) -> None:
    assert foreign([VPC, address]) == [reported]


@pytest.mark.parametrize("block", ["moved", "removed"])
@pytest.mark.parametrize("several", [True, False])
@pytest.mark.parametrize(
    ("origin", "address"),
    [
        ("aws_eip.nat", "aws_eip.nat"),
        ("aws_eip.nat[0]", "aws_eip.nat[0]"),
        ("aws_eip.nat", 'aws_eip.nat["a"]'),
        ("module.vpc", "module.vpc.aws_vpc.main"),
        ("module.vpc.aws_vpc.main", "module.vpc.aws_vpc.main"),
    ],
)
@pytest.mark.usefixtures("empty_inventory")
def test_addresses_in_blocks_moved_and_removed_are_known(
    block: str, origin: str, address: str, *, several: bool
) -> None:
    written = {"from": origin}
    assert foreign([address], **{block: [written] if several else written}) == []


@pytest.mark.usefixtures("empty_inventory")
def test_a_block_removed_for_one_resource_of_a_module_does_not_cover_the_others() -> None:
    held = ["module.vpc.aws_vpc.main", "module.vpc.aws_subnet.private"]
    assert foreign(held, removed=[{"from": held[0]}]) == held[1:]


@pytest.mark.parametrize(
    ("inventory", "known"),
    [
        (Accepted({"prod": {"aws_eip.nat": {}}}), True),
        (Accepted(removed={"prod": frozenset({"aws_eip.nat"})}), True),
        (Accepted(releases=(Release("prod", "aws_eip.n*", DAY, "nobody needs it"),)), True),
        (Accepted(releases=(Release("prod", "*", DAY, "the environment ends"),)), False),
        (Accepted({"prod": {"aws_eip.other": {}}}), False),
    ],
    ids=["current", "removed", "released", "whole stack released", "another"],
)
def test_the_inventory_has_current_removed_and_released_addresses(inventory: Accepted, *, known: bool) -> None:
    assert inventory.knows("prod", "aws_eip.nat") is known
    assert not inventory.knows("dev", "aws_eip.nat")


def test_resources_without_instances_are_ignored() -> None:
    empty = state(["aws_eip.nat"])
    empty["resources"][0]["instances"] = []
    assert list(managed_resources(empty)) == []


# --- the hand-written HCL ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def committed() -> Accepted:
    return accepted.load(accepted.FOLDER, SHARED_STACKS)


@pytest.mark.parametrize("held", HCL.values(), ids=HCL)
@pytest.mark.parametrize("stack", ["account", "bootstrap", "dev", "prod"])
def test_no_stack_has_an_address_of_the_hand_written_hcl(
    held: list[str], stack: str, committed: Accepted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accepted, "load", lambda *_arguments: committed)
    managed = list(managed_resources(state(held)))
    assert unknown_addresses(stack, managed, stacks()[stack].document) == managed
    assert managed


# --- refusals ---


@pytest.mark.parametrize(
    "text", ["", json.dumps(state([], lineage="")), json.dumps(state([VPC, "module.boot.aws_ssm_parameter.agent"]))]
)
def test_a_missing_an_empty_and_the_stacks_own_state_are_accepted(folder: Folder, text: str) -> None:
    folder.holds(text)
    refuse_foreign_state("prod", folder.terraform)


def test_the_error_names_the_resources_and_the_remedy(folder: Folder) -> None:
    folder.holds(json.dumps(state([VPC, "aws_kms_key.ssm", "module.vpc.aws_vpc.main", "module.vpc.aws_subnet.a"])))
    with pytest.raises(OperatorError) as refused:
        refuse_foreign_state("prod", folder.terraform)
    assert refused.value.message == (
        "the state of prod holds 3 resources that are in neither the stack nor the inventory, and an apply would "
        "destroy them: aws_kms_key.ssm, module.vpc (2)"
    )
    assert refused.value.remedy.startswith("do not apply. ")
    assert "inventory/removed.txt" in refused.value.remedy
    assert refused.value.exit_code == BAD_INPUT


def test_the_error_names_at_most_eight_resources(folder: Folder) -> None:
    folder.holds(json.dumps(state([f"aws_eip.nat_{number}" for number in range(20)])))
    with pytest.raises(OperatorError, match=r"holds 20 resources .*, aws_eip\.\w+, and 12 more$") as refused:
        refuse_foreign_state("prod", folder.terraform)
    assert refused.value.message.count("aws_eip.") == 8


def test_an_unreadable_state_is_refused(folder: Folder) -> None:
    folder.exits = 1
    with pytest.raises(OperatorError, match=r"^the state of prod cannot be read, and nothing was planned") as refused:
        refuse_foreign_state("prod", folder.terraform)
    assert "Recovery" in refused.value.remedy


@pytest.mark.parametrize("lineage", [None, ""])
@pytest.mark.parametrize("address", [VPC, "module.vpc.aws_vpc.main"])
def test_a_state_without_lineage_is_refused(folder: Folder, lineage: str | None, address: str) -> None:
    folder.holds(json.dumps(state([address], lineage=lineage)))
    with pytest.raises(OperatorError, match=r"^the state of prod has no lineage") as refused:
        refuse_foreign_state("prod", folder.terraform)
    assert "restore the last version" in refused.value.remedy


# --- callers ---


def planned(folder: Folder) -> None:
    plan_for_review("prod", folder.target, folder.stack.parent / "out", S3())


def applied(folder: Folder) -> None:
    s3 = S3()
    (folder.stack.parent / "kept").write_bytes(b"")
    plan = store_plan(s3, "prod", folder.stack.parent / "kept", folder.stack.parent / "kept")
    assert plan != A
    apply_reviewed(folder.target, plan_record(plan=plan, configuration=configuration_digest(folder.stack)), s3)


@pytest.mark.parametrize("job", [planned, applied])
def test_the_pipeline_neither_plans_nor_applies_with_a_foreign_state(
    folder: Folder, job: Callable[[Folder], None]
) -> None:
    folder.holds(json.dumps(state(HCL["hcl-dev"])))
    with pytest.raises(OperatorError, match="the state of prod holds 7 resources"):
        job(folder)
    assert folder.commands() == ["init"]
