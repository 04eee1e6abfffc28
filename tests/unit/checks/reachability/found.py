"""What the proofs find once something is changed."""

from collections.abc import Callable
from functools import cache

from tests.guarded import mutated, synthesis
from tests.unit.checks.faults.edits import Document, both
from wealist.checks.finding import Finding, Synthesis
from wealist.checks.reachability import prove


@cache
def committed() -> Synthesis:
    return synthesis()


def found_in(stack: str, *edits: Callable[[Document], object]) -> list[Finding]:
    """What is found in a stack once its committed JSON is changed."""
    changed = mutated(committed(), stack, both(*edits))
    described = {name: each for name, each in changed.environments.items() if name == stack}
    return list(prove(Synthesis({stack: changed.stacks[stack]}, described)))


def the_finding(stack: str, *edits: Callable[[Document], object]) -> Finding:
    (finding,) = found_in(stack, *edits)
    return finding
