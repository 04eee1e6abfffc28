"""The IAM proof: every policy of a synthesis is literal, known to AWS, needed, and no way to more rights.

documents.py    every policy document, and who holds it
form.py         statements that say what they seem to say
statements.py   actions that exist, on what they act on, under keys that they read      actions.json
tied.py         no right without a declared need, no need without a right               needs/
escalation.py   nobody can give rights to itself, but within the boundary
boundary.py     every role of an environment is under the boundary, which is no wider than they need
sharing.py      nobody shares, exports, or deletes a backup          sharing.toml
trust.py        who may become each role, and no workflow those of two environments      claims.py
trust_table.py  the same, printed
handed.py       to whom each role is handed
tags.py         every tag that a condition compares has the environment's own value
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from wealist.checks.finding import Finding, Synthesis
from wealist.checks.iam import boundary, escalation, handed, sharing, statements, tags, tied, trust
from wealist.checks.iam.documents import Documents, read
from wealist.checks.iam.needs import of_environments, of_pipeline, of_services
from wealist.checks.iam.needs.need import Need
from wealist.checks.iam.trust_table import table_of as trust_table
from wealist.spec.account import BOUNDARY_NAME

if TYPE_CHECKING:
    from wealist.spec.environment import Environment

__all__ = ["PIPELINE_STACK", "Documents", "needs_of", "prove", "trust_table"]

PIPELINE_STACK: Final = of_pipeline.STACK


def prove(synthesis: Synthesis) -> Iterator[Finding]:
    """Everything in a synthesis' policies that is not as it must be; nothing is the proof."""
    every = {name: read(stack) for name, stack in sorted(synthesis.stacks.items())}
    environments: dict[str, tuple[Documents, Environment]] = {}
    for name, documents in every.items():
        config = synthesis.environments.get(name)
        yield from documents.findings
        yield from statements.check(documents)
        needs = needs_of(synthesis, name)
        yield from tied.check(documents, needs, boundary=BOUNDARY_NAME)
        yield from escalation.check(documents, needs)
        yield from sharing.check(documents)
        yield from trust.check(documents, config)
        yield from handed.check(documents)
        if config:
            environments[name] = documents, config
            yield from boundary.check_roles(documents)
        if name == of_pipeline.STACK:
            everybody = (need for config in synthesis.environments.values() for need in of_environments.needs(config))
            yield from boundary.check_policy(documents, everybody)
            yield from sharing.check_buckets(documents, synthesis.environments.values())
    yield from trust.check_apart(environments)
    yield from tags.check(synthesis, every.values())


def needs_of(synthesis: Synthesis, stack: str) -> list[Need]:
    """What the principals of a stack need."""
    if stack == of_pipeline.STACK:
        return of_pipeline.needs(synthesis.environments.values())
    config = synthesis.environments.get(stack)
    return [*of_environments.needs(config), *of_services.needs(config)] if config else []
