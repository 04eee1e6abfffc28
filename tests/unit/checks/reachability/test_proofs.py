"""Every claim holds for every environment, and each way to break one is found by that claim."""

from io import StringIO

import pytest
from rich.console import Console

from tests.guarded import Fault, synthesis
from tests.synthesized import environment, otherwise
from tests.unit.checks.faults import reachability_internal
from tests.unit.checks.faults.edits import (
    WORLD,
    let_in,
)
from tests.unit.checks.faults.reachability import FAULTS
from tests.unit.checks.reachability.findings import committed, findings_in
from wealist.checks.finding import Synthesis
from wealist.checks.reachability import claims_table, prove
from wealist.checks.reachability.proofs import CLAIMS
from wealist.spec.services import Service

pytestmark = pytest.mark.exhaustive

FORWARDING_WHAT_IS_INTERNAL = (
    "plain HTTP is forwarded by a rule",
    "requests for users are forwarded to a stranger",
    "a route has two rules",
    "a route's own rule answers by itself",
    "a rule is of a listener elsewhere",
    "every path is forwarded",
    "a rule is for a host, whatever the path",
)
BREAKING_MORE = {
    "instances are public and accept SSH from the world": {"tiers", "public_address", "endpoints"},
    "the database is public and open to the world": {"tiers", "public_address"},
    "one private subnet has no way out": {"endpoints"},
    "private subnets lead to the internet gateway": {"edges"},
    "a route leads to a part of the internet": {"edges"},
    "there is a machine beside the groups": {"edges"},
    "Actuator is closed on the listener of plain HTTP": {"forwarding"},
    **{
        name: {"forwarding"}
        for name in reachability_internal.FORWARDING
        if name != "what plain HTTP asks for is forwarded"
    },
    **{name: {"internal"} for name in FORWARDING_WHAT_IS_INTERNAL},
}
"""Faults that break further claims."""


def test_every_claim_holds_as_committed() -> None:
    assert [str(finding) for finding in prove(committed())] == []


@pytest.mark.parametrize("multi_az", [False, True])
def test_every_claim_holds_with_a_standby_and_without(name: str, *, multi_az: bool) -> None:
    assert list(prove(synthesis(environment(name, enable_multi_az=multi_az)))) == []


def test_every_claim_holds_with_every_setting_otherwise(name: str) -> None:
    """A NAT gateway per zone, the other kind of database, blue/green, Amazon Linux 2023."""
    assert list(prove(synthesis(otherwise(name)))) == []


def test_every_claim_holds_with_a_third_service(name: str, chat: Service) -> None:
    assert list(prove(synthesis(environment(name, services=(*environment(name).services, chat))))) == []


def test_another_environments_description_refutes_the_addresses() -> None:
    """What is expected comes from the description, not from the JSON."""
    prod = environment("prod")
    elsewhere = prod.model_copy(update={"network": prod.network.model_copy(update={"cidr": "10.9.0.0/16"})})
    found = prove(Synthesis({"prod": committed().stacks["prod"]}, {"prod": elsewhere}))
    assert {finding.control for finding in found} == {"reachability.tiers"}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_found_by_its_claim_and_by_no_other(fault: Fault) -> None:
    found = findings_in(fault.stack, fault.edit)
    more = {f"reachability.{claim}" for claim in BREAKING_MORE.get(fault.name, set())}
    assert {finding.control for finding in found} == {fault.control} | more
    assert all(finding.problem and finding.remedy and finding.address for finding in found)
    assert len(found) == len(set(found))


# The claims in words


def test_every_claim_is_said_and_has_a_fault_that_breaks_it() -> None:
    assert {fault.control for fault in FAULTS} == set(CLAIMS)


@pytest.mark.parametrize(("name", "refuted"), [("prod", 1), ("dev", 0)])
def test_the_claims_are_printed_with_what_refutes_them(name: str, refuted: int) -> None:
    findings = findings_in("prod", let_in("alb", 22, cidr_ipv4=WORLD))
    console = Console(width=400, record=True, file=StringIO())
    console.print(claims_table(name, findings))
    words = console.export_text()
    assert words.count("proven") == len(CLAIMS) - refuted
    assert words.count(f"refuted: {findings[0].address} {findings[0].problem}") == refuted
