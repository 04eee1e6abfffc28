"""What is expected comes from the description, and the claims are printed with what refutes them."""

from io import StringIO

import pytest
from rich.console import Console

from tests.synthesized import environment
from tests.unit.checks.faults.edits import WORLD, let_in
from tests.unit.checks.reachability.findings import committed, findings_in
from wealist.checks.finding import Synthesis
from wealist.checks.reachability import claims_table, prove
from wealist.checks.reachability.shown import CLAIMS


def test_another_environments_description_refutes_the_addresses() -> None:
    prod = environment("prod")
    elsewhere = prod.model_copy(update={"network": prod.network.model_copy(update={"cidr": "10.9.0.0/16"})})
    found = prove(Synthesis({"prod": committed().stacks["prod"]}, {"prod": elsewhere}))
    assert {finding.control for finding in found} == {"reachability.tiers"}


@pytest.mark.parametrize(("name", "refuted"), [("prod", 1), ("dev", 0)])
def test_the_claims_are_printed_with_what_refutes_them(name: str, refuted: int) -> None:
    findings = findings_in("prod", let_in("alb", 22, cidr_ipv4=WORLD))
    console = Console(width=400, record=True, file=StringIO())
    console.print(claims_table(name, findings))
    words = console.export_text()
    assert words.count("proven") == len(CLAIMS) - refuted
    assert words.count(f"refuted: {findings[0].address} {findings[0].problem}") == refuted
