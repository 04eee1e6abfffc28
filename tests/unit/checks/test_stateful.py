"""What holds data is protected where the environment is, and leaves the code only by a release."""

import datetime as dt
from dataclasses import replace

import pytest

from tests.syntheses import environment_only, mutated, synthesis
from tests.synthesized import environment, whole
from tests.unit.checks.faults.tables import edit_from
from wealist.checks import stateful
from wealist.checks.accepted import Accepted, Release
from wealist.checks.accepted import stateful as stateful_addresses
from wealist.checks.finding import Synthesis
from wealist.checks.stateful import PREVENT_DESTROY, RELEASE, REMOVED

pytestmark = pytest.mark.exhaustive

REDIS = "aws_elasticache_replication_group.cache_replication_group"
WITHOUT_REDIS = {REDIS: None}


@pytest.fixture(scope="module")
def committed() -> Synthesis:
    return synthesis()


def controls(asked: Synthesis) -> set[str]:
    return {finding.control for finding in stateful.prove(asked)}


def released(asked: Synthesis, address: str) -> Synthesis:
    """With a release of addresses of prod."""
    release = Release("prod", address, dt.date(2026, 11, 22), "sessions moved to the database")
    return replace(asked, accepted=replace(asked.accepted, releases=(release,)))


def held_by_prod(asked: Synthesis) -> set[str]:
    return stateful_addresses(asked.accepted.holdings["prod"])


def test_the_documents_system_loses_nothing(committed: Synthesis) -> None:
    assert list(stateful.prove(committed)) == []
    assert held_by_prod(committed)
    assert not stateful_addresses(committed.accepted.holdings["dev"])


def test_a_release_lets_a_resource_leave_the_code(committed: Synthesis) -> None:
    gone = mutated(committed, "prod", edit_from(WITHOUT_REDIS))
    assert [finding.address for finding in stateful.prove(gone) if finding.control == REMOVED] == [REDIS]
    assert controls(released(gone, REDIS)) == set()


def test_a_release_lets_its_protection_go_first(committed: Synthesis) -> None:
    loose = mutated(committed, "prod", edit_from({f"{REDIS} lifecycle": {}}))
    assert PREVENT_DESTROY in controls(loose)
    assert controls(released(loose, REDIS)) == set()


def test_a_release_of_something_else_lets_nothing_go(committed: Synthesis) -> None:
    gone = mutated(committed, "prod", edit_from(WITHOUT_REDIS))
    assert REMOVED in controls(released(gone, "aws_db_instance.*"))


def test_a_release_of_what_is_there_and_protected_is_reported(committed: Synthesis) -> None:
    assert controls(released(committed, REDIS)) == {RELEASE}


def test_an_environment_that_becomes_destroyable_is_reported_address_by_address(committed: Synthesis) -> None:
    destroyable = replace(environment_only(whole("prod", lasts=False)), accepted=committed.accepted)
    before = {"prod": committed.accepted.holdings["prod"]}
    asked = replace(destroyable, accepted=Accepted(before))
    assert {finding.address for finding in stateful.prove(asked)} == held_by_prod(committed)
    assert list(stateful.prove(released(asked, "*"))) == []


def test_a_stack_that_leaves_the_code_takes_nothing_stateful_with_it(committed: Synthesis) -> None:
    without = {name: stack for name, stack in committed.stacks.items() if name != "prod"}
    asked = Synthesis(without, {"dev": environment("dev")}, committed.accepted)
    assert {finding.address for finding in stateful.prove(asked)} == held_by_prod(committed)
    assert controls(released(asked, "*")) == set()


def test_what_may_be_destroyed_leaves_without_a_release(committed: Synthesis) -> None:
    gone = mutated(committed, "dev", edit_from({"aws_db_instance.database_instance": None}))
    assert list(stateful.prove(gone)) == []


def test_what_was_never_accepted_needs_protection_only(committed: Synthesis) -> None:
    gone = replace(mutated(committed, "prod", edit_from(WITHOUT_REDIS)), accepted=Accepted())
    assert list(stateful.prove(gone)) == []


def test_a_protected_environment_is_not_released_as_a_whole(committed: Synthesis) -> None:
    loose = mutated(committed, "prod", edit_from(WITHOUT_REDIS | {"aws_kms_key.encryption_key lifecycle": {}}))
    assert {PREVENT_DESTROY, REMOVED} <= controls(released(loose, "*"))
    assert controls(released(committed, "*")) == {RELEASE}
