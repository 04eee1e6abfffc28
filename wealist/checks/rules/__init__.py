"""What must hold of each resource: rules as rows of data, by area, and the few functions that some need.

*.toml ─ rows ─► RULES ─┬─ engine.judge(rule, values)           the values of one resource, as a plan has them
                        └─ engine.check(rule, resource, scope)  the same, and references within its stack
"""

from collections.abc import Iterator

from wealist.checks.finding import Finding, Synthesis
from wealist.checks.rules.engine import applies, check, rules_of
from wealist.checks.rules.rows import RULES
from wealist.checks.rules.rule import Rule, Scope
from wealist.model.stack import Resource

__all__ = ["RULES", "Outcome", "Rule", "Scope", "outcomes", "prove"]

Outcome = tuple[Rule, str, str, Finding | None]
"""A rule, the stack and the address of a resource that it is about, and what is wrong there."""


def prove(synthesis: Synthesis) -> Iterator[Finding]:
    """Every resource that breaks a rule, waived or not."""
    return (finding for *_, finding in outcomes(synthesis) if finding is not None)


def outcomes(synthesis: Synthesis) -> Iterator[Outcome]:
    """How each rule comes out for each resource that it is about."""
    for name, stack in sorted(synthesis.stacks.items()):
        scope = Scope(stack, synthesis.environments.get(name))
        for resource in (*stack.resources.values(), *stack.data.values()):
            yield from _outcomes(resource, scope)


def _outcomes(resource: Resource, scope: Scope) -> Iterator[Outcome]:
    stack, address = scope.stack.name, resource.address
    for rule in rules_of(resource.kind):
        if applies(rule, resource, scope):
            problem = check(rule, resource, scope)
            yield rule, stack, address, Finding(stack, address, rule.control, problem, rule.remedy) if problem else None
