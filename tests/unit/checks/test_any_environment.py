"""What holds for environments that nobody has thought of."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.kept import fresh
from tests.strategies import invalid, valid
from wealist.checks.accepted import Accepted
from wealist.checks.check import findings
from wealist.checks.finding import Synthesis
from wealist.checks.waivers import judge, read
from wealist.model.stack import parse
from wealist.spec.environment import Environment
from wealist.spec.rules import check
from wealist.stacks.app import build


@settings(deadline=None)
@given(valid())
def test_an_environment_within_the_rules_is_refused_by_none(environment: Environment) -> None:
    assert check([environment]) == []


@settings(deadline=None)
@given(invalid())
def test_an_environment_that_is_wrong_in_one_thing_is_refused(environment: Environment) -> None:
    assert check([environment]) != []


@pytest.mark.integration  # synthesizes each
@settings(deadline=None, max_examples=15)
@given(valid())
def test_whatever_is_synthesized_of_a_valid_environment_is_proven_safe(environment: Environment) -> None:
    documents = fresh(lambda app: build(app, [environment]))
    stacks = {name: parse(document, Path(name, "cdk.tf.json")) for name, document in documents.items()}
    synthesis = Synthesis(stacks, {environment.name: environment})
    found = findings(replace(synthesis, accepted=Accepted(synthesis.holdings)))
    assert judge(found, read()).failed == ()
