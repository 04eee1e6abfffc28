"""What holds data lasts where the environment lasts, and leaves the code only by a line of its own."""

from dataclasses import replace

import pytest

from tests.guarded import Fault, alone, mutated, synthesis
from tests.synthesized import environment, otherwise, stacks, whole
from tests.unit.checks.faults.edits import both, drop
from tests.unit.checks.faults.stateful import FAULTS
from wealist.checks import stateful
from wealist.checks.finding import Synthesis
from wealist.checks.stateful import ACKNOWLEDGEMENT, NO_LEDGER, PREVENT_DESTROY, PROTECTIONS, REMOVED
from wealist.spec.stateful import MADE_AGAIN, STATEFUL_TYPES, is_known, is_stateful

pytestmark = pytest.mark.exhaustive

REDIS = "aws_elasticache_replication_group.cache_replication_group"
WITHOUT_REDIS = drop("aws_elasticache_replication_group", "cache_replication_group")
GIVEN_UP = {REDIS: "2026-11-22: sessions moved to the database"}


@pytest.fixture(scope="module")
def committed() -> Synthesis:
    return synthesis()


def controls(asked: Synthesis) -> set[str]:
    return {finding.control for finding in stateful.prove(asked)}


def acknowledged(asked: Synthesis, **patterns: str) -> Synthesis:
    """With acknowledgements in prod's ledger."""
    return replace(asked, ledger={**asked.ledger, "prod": replace(asked.ledger["prod"], acknowledged=patterns)})


def test_the_committed_system_loses_nothing(committed: Synthesis) -> None:
    assert list(stateful.prove(committed)) == []
    assert committed.ledger["prod"].stateful
    assert not committed.ledger["dev"].stateful


@pytest.mark.parametrize("name", ["dev", "prod"])
@pytest.mark.parametrize("lasts", [True, False])
def test_every_variant_protects_what_it_must(name: str, *, lasts: bool) -> None:
    assert list(stateful.prove(alone(whole(name, lasts=lasts)))) == []
    assert list(stateful.prove(alone(otherwise(name)))) == []


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_fault_is_found_by_its_control(committed: Synthesis, fault: Fault) -> None:
    found = list(stateful.prove(mutated(committed, fault.stack, fault.edit)))
    assert fault.control in {finding.control for finding in found}
    assert all(finding.problem and finding.remedy and finding.stack == fault.stack for finding in found)


def test_an_acknowledgement_lets_a_resource_leave_the_code(committed: Synthesis) -> None:
    gone = mutated(committed, "prod", WITHOUT_REDIS)
    assert [finding.address for finding in stateful.prove(gone) if finding.control == REMOVED] == [REDIS]
    assert controls(acknowledged(gone, **GIVEN_UP)) == set()


def test_an_acknowledgement_lets_its_protection_go_first(committed: Synthesis) -> None:
    loose = mutated(committed, "prod", FAULTS[2].edit)
    assert PREVENT_DESTROY in controls(loose)
    assert controls(acknowledged(loose, **GIVEN_UP)) == set()


def test_an_acknowledgement_of_something_else_lets_nothing_go(committed: Synthesis) -> None:
    gone = mutated(committed, "prod", WITHOUT_REDIS)
    assert REMOVED in controls(acknowledged(gone, **{"aws_db_instance.*": "2026-11-22: moved to Aurora"}))


def test_an_acknowledgement_of_what_is_there_and_protected_is_told(committed: Synthesis) -> None:
    assert controls(acknowledged(committed, **GIVEN_UP)) == {ACKNOWLEDGEMENT}


def test_an_environment_that_may_be_destroyed_from_now_on_is_told_address_by_address(committed: Synthesis) -> None:
    passing = alone(whole("prod", lasts=False))
    lost = stateful.prove(replace(passing, ledger={"prod": committed.ledger["prod"]}))
    assert {finding.address for finding in lost} == committed.ledger["prod"].stateful
    retired = replace(committed.ledger["prod"], acknowledged={"*": "2026-11-22: prod is retired, its data archived"})
    assert list(stateful.prove(replace(passing, ledger={"prod": retired}))) == []


def test_a_stack_that_leaves_the_code_takes_nothing_stateful_with_it(committed: Synthesis) -> None:
    without = {name: stack for name, stack in committed.stacks.items() if name != "prod"}
    found = list(stateful.prove(Synthesis(without, {"dev": environment("dev")}, committed.ledger)))
    assert {finding.address for finding in found} == committed.ledger["prod"].stateful


def test_what_may_be_destroyed_leaves_without_a_word(committed: Synthesis) -> None:
    gone = mutated(committed, "dev", drop("aws_db_instance", "database_instance"))
    assert list(stateful.prove(gone)) == []


def test_without_a_ledger_only_protection_is_asked_for(committed: Synthesis) -> None:
    gone = replace(mutated(committed, "prod", WITHOUT_REDIS), ledger={})
    assert list(stateful.prove(gone)) == []


@pytest.mark.parametrize("name", ["account", "bootstrap", "prod"])
def test_what_lasts_has_a_ledger(committed: Synthesis, name: str) -> None:
    rest = {stack: ledger for stack, ledger in committed.ledger.items() if stack != name}
    assert [(each.stack, each.control) for each in stateful.prove(replace(committed, ledger=rest))] == [
        (name, NO_LEDGER)
    ]


def test_what_may_be_destroyed_needs_none(committed: Synthesis) -> None:
    rest = {stack: ledger for stack, ledger in committed.ledger.items() if stack != "dev"}
    assert list(stateful.prove(replace(committed, ledger=rest))) == []


def test_an_environment_that_lasts_is_not_given_up_as_a_whole(committed: Synthesis) -> None:
    everything = {"*": "2026-11-22: prod is retired, its data archived"}
    loose = mutated(committed, "prod", both(WITHOUT_REDIS, FAULTS[0].edit))
    assert {PREVENT_DESTROY, REMOVED} <= controls(acknowledged(loose, **everything))
    assert controls(acknowledged(committed, **everything)) == {ACKNOWLEDGEMENT}


def test_an_environment_that_is_gone_is_given_up_as_a_whole(committed: Synthesis) -> None:
    without = {name: stack for name, stack in committed.stacks.items() if name != "prod"}
    asked = Synthesis(without, {"dev": environment("dev")}, committed.ledger)
    assert controls(acknowledged(asked, **{"*": "2026-11-22: prod is retired, its data archived"})) == set()


def test_every_type_that_is_made_is_known() -> None:
    made = {kind for stack in stacks().values() for kind in stack.document.get("resource", {})}
    assert {kind for kind in made if not is_known(kind)} == set()
    assert made > {"aws_s3_bucket", "aws_kms_key", "aws_vpc"}


def test_types_that_protect_themselves_are_stateful() -> None:
    assert set(PROTECTIONS) <= set(STATEFUL_TYPES)
    assert all(reason for reason in STATEFUL_TYPES.values())
    assert not [kind for kind in STATEFUL_TYPES if kind in MADE_AGAIN]


@pytest.mark.parametrize(
    ("values", "stateful"),
    [
        ({"type": "SecureString", "value": "x"}, True),
        ({"type": "String", "value_wo": "unset", "value_wo_version": 1}, True),
        ({"type": "String", "value": "6379"}, False),
    ],
    ids=["a secret", "an operator's value", "what an apply writes again"],
)
def test_of_parameters_those_are_stateful_that_no_apply_writes_again(
    values: dict[str, object], *, stateful: bool
) -> None:
    assert is_stateful("aws_ssm_parameter", values) is stateful
