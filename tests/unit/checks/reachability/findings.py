"""Findings of the reachability proof after a change."""

from collections.abc import Mapping
from functools import cache

from tests.syntheses import mutated, synthesis
from tests.unit.checks.faults.tables import edit_from
from wealist.checks.finding import Finding, Synthesis
from wealist.checks.reachability import prove


@cache
def committed() -> Synthesis:
    return synthesis()


def findings_in(stack: str, row: Mapping[str, object]) -> list[Finding]:
    """Return the findings about one stack after a change of its JSON."""
    changed = mutated(committed(), stack, edit_from(row))
    described = {name: each for name, each in changed.environments.items() if name == stack}
    return list(prove(Synthesis({stack: changed.stacks[stack]}, described)))


def problems_of(stack: str, row: Mapping[str, object]) -> dict[str, str]:
    """Map the address of each finding to its problem."""
    return {finding.address: finding.problem for finding in findings_in(stack, row)}


def the_finding(stack: str, row: Mapping[str, object]) -> Finding:
    (finding,) = findings_in(stack, row)
    return finding
