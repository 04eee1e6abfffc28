"""Ways to make the system unsafe, each of them found, and by the control that should."""

import pkgutil
from importlib import import_module

import pytest

from tests.guarded import Fault, mutated, synthesis
from tests.unit.checks import faults
from wealist.checks.check import findings
from wealist.checks.finding import Finding, Synthesis

pytestmark = pytest.mark.integration  # hundreds of times every guard

FAULTS: list[Fault] = list(
    dict.fromkeys(
        fault
        for module in pkgutil.iter_modules(faults.__path__)
        for fault in getattr(import_module(f"{faults.__name__}.{module.name}"), "FAULTS", [])
    )
)


@pytest.fixture(scope="module")
def safe() -> Synthesis:
    return synthesis()


@pytest.fixture(scope="module")
def known(safe: Synthesis) -> set[Finding]:
    return set(findings(safe))


def test_more_than_forty_faults_of_different_names_are_seeded() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) > 40


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_found_by_the_control_that_should(safe: Synthesis, known: set[Finding], fault: Fault) -> None:
    found = set(findings(mutated(safe, fault.stack, fault.edit))) - known
    assert fault.control in {finding.control for finding in found}, "\n".join(map(str, sorted(found)))
