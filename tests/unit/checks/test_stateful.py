"""Stateful resources are protected, and leave the code only with a release."""

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
    """Return a synthesis with a release of addresses of prod."""
    release = Release("prod", address, dt.date(2026, 11, 22), "sessions moved to the database")
    return replace(asked, accepted=replace(asked.accepted, releases=(release,)))


def held_by_prod(asked: Synthesis) -> set[str]:
    return stateful_addresses(asked.accepted.holdings["prod"])


def test_the_documented_system_loses_no_data(committed: Synthesis) -> None:
    assert list(stateful.prove(committed)) == []
    assert held_by_prod(committed)
    assert not stateful_addresses(committed.accepted.holdings["dev"])


def test_a_release_allows_a_resource_to_leave_the_code(committed: Synthesis) -> None:
    gone = mutated(committed, "prod", edit_from(WITHOUT_REDIS))
    assert [finding.address for finding in stateful.prove(gone) if finding.control == REMOVED] == [REDIS]
    assert controls(released(gone, REDIS)) == set()


def test_a_release_allows_the_protection_to_be_removed(committed: Synthesis) -> None:
    loose = mutated(committed, "prod", edit_from({f"{REDIS} lifecycle": {}}))
    assert PREVENT_DESTROY in controls(loose)
    assert controls(released(loose, REDIS)) == set()


def test_a_release_of_another_address_allows_nothing(committed: Synthesis) -> None:
    gone = mutated(committed, "prod", edit_from(WITHOUT_REDIS))
    assert REMOVED in controls(released(gone, "aws_db_instance.*"))


def test_an_unneeded_release_is_reported(committed: Synthesis) -> None:
    assert controls(released(committed, REDIS)) == {RELEASE}


def test_making_an_environment_destroyable_is_reported_for_each_stateful_resource(committed: Synthesis) -> None:
    destroyable = replace(environment_only(whole("prod", protected=False)), accepted=committed.accepted)
    before = {"prod": committed.accepted.holdings["prod"]}
    asked = replace(destroyable, accepted=Accepted(before))
    assert {finding.address for finding in stateful.prove(asked)} == held_by_prod(committed)
    assert list(stateful.prove(released(asked, "*"))) == []


def test_removing_a_stack_is_reported_for_each_stateful_resource(committed: Synthesis) -> None:
    without = {name: stack for name, stack in committed.stacks.items() if name != "prod"}
    asked = Synthesis(without, {"dev": environment("dev")}, committed.accepted)
    assert {finding.address for finding in stateful.prove(asked)} == held_by_prod(committed)
    assert controls(released(asked, "*")) == set()


def test_resources_of_destroyable_environments_leave_without_a_release(committed: Synthesis) -> None:
    gone = mutated(committed, "dev", edit_from({"aws_db_instance.database_instance": None}))
    assert list(stateful.prove(gone)) == []


def test_resources_that_were_never_accepted_need_no_release(committed: Synthesis) -> None:
    gone = replace(mutated(committed, "prod", edit_from(WITHOUT_REDIS)), accepted=Accepted())
    assert list(stateful.prove(gone)) == []


def test_a_release_of_a_whole_protected_environment_is_reported(committed: Synthesis) -> None:
    loose = mutated(committed, "prod", edit_from(WITHOUT_REDIS | {"aws_kms_key.encryption_key lifecycle": {}}))
    assert {PREVENT_DESTROY, REMOVED} <= controls(released(loose, "*"))
    assert controls(released(committed, "*")) == {RELEASE}
