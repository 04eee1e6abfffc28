"""Every seeded fault is found by its control."""

import pkgutil
from importlib import import_module
from pathlib import Path

import pytest

from tests.syntheses import Fault, copy_modules, mutated, synthesis, with_modules
from tests.unit.checks import faults
from tests.unit.checks.faults.tables import change_modules, table
from wealist.checks.check import findings
from wealist.checks.finding import Finding, Synthesis
from wealist.checks.reachability.tables import CLAIMS
from wealist.checks.rules import RULES

pytestmark = pytest.mark.integration  # hundreds of times every guard

FAULTS: list[Fault] = list(
    dict.fromkeys(
        fault
        for module in pkgutil.iter_modules(faults.__path__)
        for fault in getattr(import_module(f"{faults.__name__}.{module.name}"), "FAULTS", [])
    )
)
MODULE_FAULTS = [
    pytest.param(control, row, id=name) for control, rows in table("modules").items() for name, row in rows.items()
]


@pytest.fixture(scope="module")
def safe() -> Synthesis:
    return synthesis()


@pytest.fixture(scope="module")
def known(safe: Synthesis) -> set[Finding]:
    return set(findings(safe))


def test_faults_have_different_names() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def test_every_rule_and_network_claim_has_a_fault() -> None:
    controls = {rule.control for rule in RULES} | set(CLAIMS)
    assert controls <= {fault.control for fault in FAULTS} | set(table("modules"))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_is_found_by_its_control(safe: Synthesis, known: set[Finding], fault: Fault) -> None:
    found = set(findings(mutated(safe, fault.stack, fault.edit))) - known
    assert fault.control in {finding.control for finding in found}, "\n".join(map(str, sorted(found)))
    assert all(finding.problem and finding.remedy and finding.address for finding in found)


@pytest.mark.parametrize(("control", "row"), MODULE_FAULTS)
def test_a_fault_in_a_module_is_found_by_its_control(
    safe: Synthesis, known: set[Finding], tmp_path: Path, control: str, row: dict[str, str]
) -> None:
    change_modules(copy_modules(tmp_path), row)
    found = set(findings(with_modules(tmp_path, safe))) - known
    assert control in {finding.control for finding in found}, "\n".join(map(str, sorted(found)))
    assert all(finding.address.startswith("module.") for finding in found if finding.control == control)


def test_unchanged_modules_cause_no_finding(safe: Synthesis, known: set[Finding], tmp_path: Path) -> None:
    copy_modules(tmp_path)
    assert set(findings(with_modules(tmp_path, safe))) == known
