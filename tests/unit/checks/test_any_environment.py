"""Valid environments pass every check, and invalid ones are rejected."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.strategies import invalid, valid
from tests.syntheses import synthesis
from tests.synthesis_cache import uncached
from tests.synthesized import all_changed, environment, whole
from wealist.checks.accepted import Accepted
from wealist.checks.check import BOOKKEEPING, findings, guard_of
from wealist.checks.finding import Synthesis
from wealist.checks.waivers import apply_waivers, read
from wealist.model.stack import parse
from wealist.spec.environment import Environment
from wealist.spec.rules import check
from wealist.spec.services import Service
from wealist.stacks.app import build


@settings(deadline=None)
@given(valid())
def test_valid_environments_are_accepted(described: Environment) -> None:
    assert check([described]) == []


@settings(deadline=None)
@given(invalid())
def test_invalid_environments_are_rejected(described: Environment) -> None:
    assert check([described]) != []


def variants() -> dict[str, Environment]:
    """Return variants of the documented environments that cover every setting."""
    found = {}
    for name in ("dev", "prod"):
        found[name] = environment(name)
        found[f"{name} in two zones"] = environment(name, enable_multi_az=True)
        found[f"{name} with every setting otherwise"] = all_changed(name)
        found[f"{name} with everything, destroyable"] = whole(name, protected=False)
    return found | {"prod with everything, protected": whole("prod", protected=True)}


def unproven(asked: Synthesis) -> list[str]:
    """Return the findings that no waiver covers, without those of bookkeeping."""
    found = [each for each in findings(asked) if guard_of(each) not in BOOKKEEPING]
    return list(map(str, apply_waivers(found, read()).failed))


@pytest.mark.exhaustive
@pytest.mark.parametrize("variant", variants())
def test_every_variant_is_proven_safe(variant: str) -> None:
    assert unproven(synthesis(variants()[variant])) == []


@pytest.mark.exhaustive
def test_an_environment_with_a_third_service_is_proven_safe(name: str, chat: Service) -> None:
    assert unproven(synthesis(environment(name, services=(*environment(name).services, chat)))) == []


@pytest.mark.integration  # synthesizes each
@settings(deadline=None, max_examples=15)
@given(valid())
def test_every_valid_environment_is_proven_safe(described: Environment) -> None:
    documents = uncached(lambda app: build(app, [described]))
    stacks = {name: parse(document, Path(name, "cdk.tf.json")) for name, document in documents.items()}
    asked = Synthesis(stacks, {described.name: described})
    found = findings(replace(asked, accepted=Accepted(asked.holdings)))
    assert apply_waivers(found, read()).failed == ()
