"""Environments differ by their settings and by nothing else."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from tests.guarded import Fault, alone, mutated, synthesis
from tests.synthesized import environment, otherwise, synthesized, whole
from tests.unit.checks.faults.parity import FAULTS
from wealist.checks import parity
from wealist.checks.finding import Finding, Synthesis
from wealist.checks.parity import UNEXPLAINED, UNUSED, Described
from wealist.checks.parity.differences import Difference, differences
from wealist.checks.parity.table import Accepted, Effect, Table, read
from wealist.errors import BAD_INPUT, OperatorError
from wealist.model.stack import parse
from wealist.spec.environment import Environment
from wealist.spec.services import GRAFANA, USER_SERVICE, Service

pytestmark = pytest.mark.exhaustive

TIMEOUT = "aws_lb.load_balancer_alb idle_timeout"
OTHER_TIMEOUT = next(fault for fault in FAULTS if fault.name == "another timeout")


@pytest.fixture(scope="module")
def committed() -> Synthesis:
    return synthesis()


def described(config: Environment) -> Described:
    return parse(synthesized(config).document, Path(config.name)), config


def pairs(chat: Service) -> Iterator[tuple[Described, Described]]:
    """Pairs of environments between which each setting differs at least once."""
    prod, dev = environment("prod"), environment("dev")
    for one in (dev, prod):
        for other in (otherwise("dev"), otherwise("prod"), environment(one.name, enable_multi_az=True)):
            yield described(one), described(other)
    yield described(dev), described(prod)
    yield described(prod), described(environment("prod", services=(*prod.services, chat)))
    for one in (whole("prod", lasts=True), whole("prod", lasts=False), whole("dev", lasts=True)):
        yield described(one), described(dev)
        yield described(one), described(otherwise("prod"))


def test_prod_and_dev_differ_by_their_settings_only(committed: Synthesis) -> None:
    assert list(parity.prove(committed)) == []


def test_every_two_environments_differ_by_their_settings_only(chat: Service) -> None:
    table = read()
    assert [str(each) for left, right in pairs(chat) for each in parity.compare(left, right, table)] == []


def test_every_pattern_of_the_table_explains_something(chat: Service) -> None:
    moved = USER_SERVICE.model_copy(
        update={
            "port": 8081,
            "path_pattern": "/users/*",
            "priority": 5,
            "health_path": "/up",
            "metrics_path": "/users/m",
        }
    )
    owned = moved.model_copy(update={"database_name": "users", "database_user": "users_owner"})
    grafana = GRAFANA.model_copy(update={"port": 3002, "path_pattern": "/g/*", "priority": 50, "health_path": "/g/api"})
    prod = environment("prod")
    # Its metrics are not of its route, so that no rule closes them.
    apart = prod.services[1].model_copy(update={"metrics_path": "/metrics"})
    other = environment("prod", services=(owned, apart), grafana=grafana)
    every = chain(pairs(chat), [(described(prod), described(other))])
    unused = set(read().effects)
    for left, right in every:
        both = left[1], right[1]
        found = list(differences(left[0], right[0], both))
        unused -= {
            effect
            for effect in unused
            if effect.differs(*both) and any(effect.explains(difference, *both) for difference in found)
        }
        assert [str(each) for each in parity.compare(left, right, read())] == []
    assert {f"{effect.setting} {effect.kind}: {effect.pattern}" for effect in unused} == set()


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_fault_is_found_by_its_control(committed: Synthesis, fault: Fault) -> None:
    found = list(parity.prove(mutated(committed, fault.stack, fault.edit)))
    assert fault.control in {finding.control for finding in found}


def test_a_finding_names_the_address_the_argument_and_both_values(committed: Synthesis) -> None:
    (found,) = parity.prove(mutated(committed, "dev", OTHER_TIMEOUT.edit))
    assert (found.stack, found.address, found.control) == ("prod", "aws_lb.load_balancer_alb", UNEXPLAINED)
    assert found.problem.startswith("idle_timeout is 60 in dev and 3600 in prod")


def test_one_environment_alone_differs_from_nothing() -> None:
    assert list(parity.prove(alone(environment("dev")))) == []


def test_a_setting_that_does_not_differ_explains_nothing(committed: Synthesis) -> None:
    careless = Table((*read().effects, Effect("enable_multi_az", "follows", "*")), ())
    assert parities(mutated(committed, "dev", OTHER_TIMEOUT.edit), careless) == {UNEXPLAINED}


def test_a_setting_explains_only_the_values_that_it_has(committed: Synthesis) -> None:
    effect = Effect("backend.min_size", "equals", TIMEOUT)
    assert UNEXPLAINED in parities(mutated(committed, "dev", OTHER_TIMEOUT.edit), Table((*read().effects, effect), ()))


def test_a_setting_explains_what_is_there_only_where_it_should_be() -> None:
    effect = Effect("may_be_destroyed", "exists", "aws_s3_bucket.* lifecycle.prevent_destroy", "false")
    both = environment("dev"), environment("prod")
    address, attribute = "aws_s3_bucket.frontend_site_bucket", "lifecycle.prevent_destroy"
    assert effect.explains(Difference(address, attribute, None, right=True), *both)
    assert not effect.explains(Difference(address, attribute, left=True, right=None), *both)


def test_a_setting_that_differs_and_changes_nothing_is_told(committed: Synthesis) -> None:
    table = Table(tuple(each for each in read().effects if each.setting != "log_retention_days"), ())
    idle = Table((*table.effects, Effect("log_retention_days", "equals", "aws_vpc.* nothing")), ())
    assert parities(committed, table) == {UNEXPLAINED}
    assert parities(committed, idle) == {UNEXPLAINED, UNUSED}


def test_an_accepted_difference_needs_no_setting(committed: Synthesis) -> None:
    table = Table(read().effects, (Accepted(TIMEOUT, frozenset({"dev", "prod"}), "dev has no web sockets to keep"),))
    assert parities(mutated(committed, "dev", OTHER_TIMEOUT.edit), table) == set()


def test_an_accepted_difference_that_is_none_is_told(committed: Synthesis) -> None:
    table = Table(read().effects, (Accepted(TIMEOUT, frozenset({"dev", "prod"}), "dev has no web sockets to keep"),))
    assert parities(committed, table) == {UNUSED}


def test_a_difference_accepted_between_others_is_not_accepted_here(committed: Synthesis) -> None:
    table = Table(read().effects, (Accepted(TIMEOUT, frozenset({"stage", "prod"}), "dev has no web sockets to keep"),))
    assert parities(mutated(committed, "dev", OTHER_TIMEOUT.edit), table) == {UNEXPLAINED}


def parities(asked: Synthesis, table: Table) -> set[str]:
    found: list[Finding] = list(parity.prove(asked, table))
    return {finding.control for finding in found}


def test_the_path_of_a_device_is_no_name_of_an_environment(committed: Synthesis) -> None:
    both = environment("dev"), environment("prod")
    found: list[Difference] = list(differences(committed.stacks["dev"], committed.stacks["prod"], both))
    assert found
    assert not [each for each in found if "device_name" in each.attribute or "Name" in each.attribute]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[setting]", "is no TOML"),
        ('[[settings]]\nname = "a"', "holds 'settings'"),
        ('[[setting]]\nname = "a"', "it changes nothing"),
        ('[[setting]]\nequals = ["a b"]', "name is not given"),
        ('[[setting]]\nname = "a"\nequal = ["a b"]', "'equal' is no field"),
        ('[[setting]]\nname = "a"\nequals = "a b"', "equals is 'a b'"),
        ('[[setting]]\nname = "a"\nexists = ["a b"]', "exists is"),
        ('[[accepted]]\nwhat = "a b"\nbetween = ["dev", "prod"]', "reason is not given"),
        ('[[accepted]]\nwhat = "a"\nbetween = ["dev"]\nreason = "for a good reason, really"', "name two environments"),
    ],
)
def test_a_table_that_is_not_as_it_must_be_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "parity.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OperatorError, match=said) as refused:
        read(path)
    assert refused.value.exit_code == BAD_INPUT


def test_without_the_table_nothing_is_explained_silently(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be read"):
        read(tmp_path / "parity.toml")
