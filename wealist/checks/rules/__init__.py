"""Rules for single resources: rows of the TOML files, one for each area, and functions for the few that need code.

*.toml ─ rows ─► RULES ─┬─ engine.check_values(rule, values)              the values of one resource, as in a plan
                        └─ engine.check_resource(rule, resource, scope)   the same, and references within the stack
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal, NamedTuple

from wealist.checks.finding import Finding, Synthesis
from wealist.checks.rules.engine import applies, check_resource, rules_of
from wealist.checks.rules.rows import RULES
from wealist.checks.rules.rule import Rule, Scope
from wealist.checks.tables import Table
from wealist.checks.waivers import Waiver, apply_waivers
from wealist.model.stack import Resource

__all__ = ["RULES", "Outcome", "Status", "Verdict", "controls", "controls_table", "outcomes", "prove"]

Outcome = tuple[Rule, str, str, Finding | None]
"""A rule, the stack and the address of a resource that it applies to, and the violation."""
Status = Literal["passed", "waived", "failed"]
_STYLES: Final = {"passed": "green", "waived": "yellow", "failed": "bold red"}


class Verdict(NamedTuple):
    """The result of one control for one resource. `why` is the problem, or the waiver's reason and its end."""

    control: str
    stack: str
    address: str
    status: Status
    why: str = ""


def prove(synthesis: Synthesis) -> Iterator[Finding]:
    """Report every violation, whether waived or not."""
    return (finding for *_, finding in outcomes(synthesis) if finding is not None)


def outcomes(synthesis: Synthesis) -> Iterator[Outcome]:
    """Yield the result of each rule for each resource that it applies to."""
    for name, stack in sorted(synthesis.stacks.items()):
        scope = Scope(stack, synthesis.environments.get(name))
        for resource in (*stack.resources.values(), *stack.data.values()):
            yield from _outcomes(resource, scope)


def _outcomes(resource: Resource, scope: Scope) -> Iterator[Outcome]:
    stack, address = scope.stack.name, resource.address
    for rule in rules_of(resource.kind):
        if applies(rule, resource, scope):
            problem = check_resource(rule, resource, scope)
            yield rule, stack, address, Finding(stack, address, rule.control, problem, rule.remedy) if problem else None


def controls(synthesis: Synthesis, waivers: Sequence[Waiver]) -> list[Verdict]:
    """Return the result of each control for each resource, sorted. The worst result of its rules counts."""
    found: dict[tuple[str, str, str], list[Finding]] = {}
    for rule, stack, address, finding in outcomes(synthesis):
        found.setdefault((rule.control, stack, address), []).extend([finding] if finding else [])
    return sorted(_verdict(key, findings, waivers) for key, findings in found.items())


def _verdict(key: tuple[str, str, str], findings: list[Finding], waivers: Sequence[Waiver]) -> Verdict:
    result = apply_waivers(findings, waivers)
    if result.failed:
        return Verdict(*key, "failed", result.failed[0].problem)
    if result.waived:
        waiver = result.waived[0][1]
        return Verdict(*key, "waived", f"{waiver.reason} (until {waiver.expires})")
    return Verdict(*key, "passed")


def controls_table(verdicts: Iterable[Verdict]) -> Table:
    """Return a table of controls, addresses and results."""
    rows = [(each.status, each.control, f"{each.stack}: {each.address}", each.why) for each in verdicts]
    return Table("controls", ("status", "control", "address", "why"), rows, _STYLES)
