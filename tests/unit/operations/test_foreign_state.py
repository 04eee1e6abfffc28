"""A state is planned on where all that it holds is the stack's own, and refused where anything is not."""

import datetime as dt
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.states import HCL, state
from tests.synthesized import stacks
from tests.unit.operations.pipeline.conftest import S3, A, made
from wealist.checks.accepted import Accepted, Release
from wealist.errors import BAD_INPUT, OperatorError
from wealist.operations import foreign_state
from wealist.operations.foreign_state import managed_resources, refuse_foreign_state, unknown_addresses
from wealist.operations.pipeline.applying import apply_reviewed
from wealist.operations.pipeline.configuration import digest
from wealist.operations.pipeline.planning import plan_for_review
from wealist.operations.pipeline.store import PlanStore
from wealist.operations.plan import Target
from wealist.operations.terraform import Terraform
from wealist.operations.terraform_executable import PIN

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
    """A stack's folder, with a Terraform that finds a state there and otherwise writes down what it is asked."""

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
        """What `terraform state pull` prints."""
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
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(foreign_state, "inventory_knows", lambda _stack: nothing)
    return Folder(tmp_path)


def nothing(_address: str) -> bool:
    """An inventory that knows nothing."""
    return False


def foreign(addresses: list[str], **more: object) -> list[str]:
    """What of a state a stack does not know, by its JSON alone."""
    return unknown_addresses(managed_resources(state(addresses)), {**STACK, **more}, nothing)


# --- what is known ----------------------------------------------------------------------------------------------------


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
def test_what_the_stack_holds_calls_or_only_reads_is_its_own(address: str) -> None:
    assert foreign([address]) == []


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("aws_vpc.main", "aws_vpc.main"),
        ("aws_subnet.network_vpc", "aws_subnet.network_vpc"),
        ("aws_eip.nat[0]", "aws_eip.nat"),
        ("module.vpc.aws_vpc.network_vpc", "module.vpc.aws_vpc.network_vpc"),
        ('module.boot2["a.b"].aws_vpc.network_vpc', "module.boot2.aws_vpc.network_vpc"),
    ],
)
def test_what_it_neither_holds_nor_calls_is_foreign(address: str, told: str) -> None:
    assert foreign([VPC, address]) == [told]


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
def test_what_a_block_takes_out_of_the_state_is_the_stacks(
    block: str, origin: str, address: str, *, several: bool
) -> None:
    found = {"from": origin}
    assert foreign([address], **{block: [found] if several else found}) == []


def test_of_a_module_that_one_resource_leaves_the_others_stay_foreign() -> None:
    held = ["module.vpc.aws_vpc.main", "module.vpc.aws_subnet.private"]
    assert foreign(held, removed=[{"from": held[0]}]) == held[1:]


@pytest.mark.parametrize(
    ("committed", "known"),
    [
        (Accepted({"prod": {"aws_eip.nat": {}}}), True),
        (Accepted(removed={"prod": frozenset({"aws_eip.nat"})}), True),
        (Accepted(releases=(Release("prod", "aws_eip.n*", DAY, "nobody needs it"),)), True),
        (Accepted(releases=(Release("prod", "*", DAY, "the environment ends"),)), False),
        (Accepted({"prod": {"aws_eip.other": {}}}), False),
    ],
    ids=["in the code once", "removed", "released", "released as a whole", "another"],
)
def test_the_inventory_knows_what_the_code_held_and_what_left_it(committed: Accepted, *, known: bool) -> None:
    assert committed.knows("prod", "aws_eip.nat") is known
    assert not committed.knows("dev", "aws_eip.nat")


def test_what_has_no_instance_is_nothing_that_could_be_destroyed() -> None:
    empty = state(["aws_eip.nat"])
    empty["resources"][0]["instances"] = []
    assert list(managed_resources(empty)) == []


# --- the hand-written HCL ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("held", HCL.values(), ids=HCL)
@pytest.mark.parametrize("stack", ["account", "bootstrap", "dev", "prod"])
def test_no_stack_takes_anything_of_the_hand_written_hcl_for_its_own(held: list[str], stack: str) -> None:
    managed = list(managed_resources(state(held)))
    assert unknown_addresses(managed, stacks()[stack].document, foreign_state.inventory_knows(stack)) == managed
    assert managed


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", json.dumps(state([], lineage="")), json.dumps(state([VPC, "module.boot.aws_ssm_parameter.agent"]))]
)
def test_a_state_that_is_new_empty_or_the_stacks_own_passes(folder: Folder, text: str) -> None:
    folder.holds(text)
    refuse_foreign_state("prod", folder.terraform)


def test_a_refusal_names_what_would_be_destroyed_and_says_what_to_do(folder: Folder) -> None:
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


def test_a_refusal_of_much_stays_a_line_that_can_be_read(folder: Folder) -> None:
    folder.holds(json.dumps(state([f"aws_eip.nat_{number}" for number in range(20)])))
    with pytest.raises(OperatorError, match=r"holds 20 resources .*, aws_eip\.\w+, and 12 more$") as refused:
        refuse_foreign_state("prod", folder.terraform)
    assert refused.value.message.count("aws_eip.") == 8


def test_a_state_that_terraform_cannot_read_is_refused_with_what_terraform_says(folder: Folder) -> None:
    folder.exits = 1
    with pytest.raises(OperatorError, match=r"^the state of prod cannot be read, and nothing was planned") as refused:
        refuse_foreign_state("prod", folder.terraform)
    assert "Recovery" in refused.value.remedy


@pytest.mark.parametrize("lineage", [None, ""])
@pytest.mark.parametrize("address", [VPC, "module.vpc.aws_vpc.main"])
def test_a_state_without_lineage_is_refused_whatever_it_holds(
    folder: Folder, lineage: str | None, address: str
) -> None:
    folder.holds(json.dumps(state([address], lineage=lineage)))
    with pytest.raises(OperatorError, match=r"^the state of prod has no lineage") as refused:
        refuse_foreign_state("prod", folder.terraform)
    assert "restore the last version" in refused.value.remedy


# --- where it is asked ------------------------------------------------------------------------------------------------


def planned(folder: Folder) -> None:
    plan_for_review("prod", folder.target, folder.stack.parent / "out", PlanStore(S3()))


def applied(folder: Folder) -> None:
    s3 = S3()
    (folder.stack.parent / "kept").write_bytes(b"")
    plan = PlanStore(s3).keep("prod", folder.stack.parent / "kept", folder.stack.parent / "kept")
    assert plan != A
    apply_reviewed(folder.target, made(plan=plan, configuration=digest(folder.stack)), store=PlanStore(s3))


@pytest.mark.parametrize("job", [planned, applied])
def test_the_pipeline_neither_plans_nor_applies_on_a_foreign_state(
    folder: Folder, job: Callable[[Folder], None]
) -> None:
    folder.holds(json.dumps(state(HCL["hcl-dev"])))
    with pytest.raises(OperatorError, match="the state of prod holds 7 resources"):
        job(folder)
    assert folder.commands() == ["init"]
