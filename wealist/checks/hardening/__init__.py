"""What each resource must have: every rule by the id of its control, asked of every resource of its types.

RULES, resources ─► outcomes ─ waivers ─► control → address → passed, waived or failed
"""

from collections.abc import Iterator
from typing import Final

from wealist.checks.finding import Finding, Synthesis
from wealist.checks.hardening import (
    cache,
    cdn,
    compute,
    database,
    dns,
    identity,
    load_balancer,
    network,
    registry,
    security_groups,
    storage,
)
from wealist.checks.hardening.rule import Rule, Scope
from wealist.model.stack import Resource

RULES: Final[tuple[Rule, ...]] = (
    *network.RULES,
    *security_groups.RULES,
    *load_balancer.RULES,
    *compute.RULES,
    *database.RULES,
    *cache.RULES,
    *storage.RULES,
    *cdn.RULES,
    *dns.RULES,
    *registry.RULES,
    *identity.RULES,
)

Outcome = tuple[Rule, str, str, Finding | None]
"""A rule, the stack and the address it was asked about, and what it found."""


def prove(synthesis: Synthesis) -> Iterator[Finding]:
    """Every resource that breaks a rule, waivers apart."""
    return (finding for *_, finding in outcomes(synthesis) if finding is not None)


def outcomes(synthesis: Synthesis) -> Iterator[Outcome]:
    """What each rule says of each resource that it is about."""
    for name, stack in sorted(synthesis.stacks.items()):
        scope = Scope(stack, synthesis.environments.get(name))
        for resource in stack.resources.values():
            for rule in _BY_TYPE.get(resource.type, ()):
                yield from ask(rule, resource, scope)


def ask(rule: Rule, resource: Resource, scope: Scope) -> Iterator[Outcome]:
    """What one rule says of one resource: nothing, where it is not about it.

    Args:
        rule: The rule.
        resource: The resource.
        scope: Where it stands.
    """
    try:
        if not rule.applies(resource, scope):
            return
        problem = rule.check(resource, scope)
    except (AttributeError, TypeError, ValueError, LookupError) as error:
        # An argument of a shape that Terraform does not take, or that no rule knows: not proven, so not passed.
        problem = f"cannot be understood ({error})"
    stack, address = scope.stack.name, resource.address
    yield rule, stack, address, Finding(stack, address, rule.control, problem, rule.remedy) if problem else None


_BY_TYPE: Final[dict[str, list[Rule]]] = {}
for _rule in RULES:
    for _type in _rule.types:
        _BY_TYPE.setdefault(_type, []).append(_rule)
