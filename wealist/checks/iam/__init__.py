"""The IAM proof: every policy is literal, known to AWS, no wider than its role, and no way to more rights.

documents.py        every policy document, and who holds it              types.toml, column `policies`
statements.py       actions that exist, on what they act on, under keys that they read, each right with its reason
least_privilege.py  rights end where the resources of an environment, or of the project, end          wider.toml
principals.py       whom the policy of a resource lets in
key_use.py          who reads or writes an encrypted resource may use its key       model/iam/data_access.toml
forbidden.py        nobody gives rights to itself, shares, exports, deletes a backup, or loses states   forbidden.toml
coverage.py         an apply may do what Terraform calls for the types in use, a plan may read it     types.toml
apart.py            who plans one stack reads no secret of another
boundary.py         every role of an environment is under the boundary, which is no wider than they are
trust.py            who may become each role, and no workflow those of two environments
role_passing.py     which service runs as which role                     types.toml, column `roles`
tags.py             every tag that a condition compares has the environment's own value
tables.py           who may become which role, what each may do and why, printed
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from wealist.checks.accepted import removed_types
from wealist.checks.finding import Finding, Synthesis
from wealist.checks.iam import (
    apart,
    boundary,
    coverage,
    forbidden,
    key_use,
    least_privilege,
    principals,
    role_passing,
    statements,
    tags,
    trust,
)
from wealist.checks.iam.documents import Documents, read
from wealist.checks.iam.tables import rights_table, trust_table, trusts_of

if TYPE_CHECKING:
    from wealist.spec.environment import Environment

__all__ = ["PIPELINE_STACK", "Documents", "prove", "rights_table", "trust_table", "trusts_of"]

PIPELINE_STACK: Final = "account"
"""The stack of the roles that plan and apply, and of the boundary."""


def prove(synthesis: Synthesis) -> Iterator[Finding]:
    """Everything in a synthesis' policies that is not as it must be; nothing is the proof."""
    every = {name: read(stack) for name, stack in sorted(synthesis.stacks.items())}
    types = least_privilege.in_use(synthesis.stacks.values(), removed_types(synthesis.accepted.removed))
    calls, documented = least_privilege.calls_of(types), forbidden.documented(types)
    environments: dict[str, tuple[Documents, Environment]] = {}
    for name, documents in every.items():
        config = synthesis.environments.get(name)
        owner = least_privilege.owner_of(documents, config.name if config else None, calls)
        buckets = forbidden.lasting(synthesis.environments.values()) if name == PIPELINE_STACK else ()
        yield from documents.findings
        yield from statements.check(documents)
        yield from least_privilege.check(documents, owner)
        yield from principals.check(documents, owner)
        yield from key_use.check(documents)
        yield from forbidden.check(documents, calls, documented, buckets)
        yield from trust.check(documents, config)
        yield from role_passing.check(documents)
        if config:
            environments[name] = documents, config
            yield from boundary.check_roles(documents)
    if PIPELINE_STACK in every:
        yield from boundary.check_policy(every[PIPELINE_STACK], (documents for documents, _ in environments.values()))
        yield from apart.check(every[PIPELINE_STACK], every)
        yield from coverage.check(every[PIPELINE_STACK], every, environments, synthesis.accepted.removed)
    yield from trust.check_apart(environments)
    yield from tags.check(synthesis, every.values())
