"""The IAM proof: policies are literal and valid, grant least privilege, and allow neither escalation nor sharing.

documents.py        reads every policy document and role                     types.toml, column `policies`
statements.py       actions, resources, keys, reasons and principals of each statement
least_privilege.py  roles use own resources only; the boundary               wider.toml
key_use.py          rights on encrypted data include its key                 model/iam/data_access.toml
forbidden.py        privilege escalation, sharing, deletion of backups       forbidden.toml
pipeline_roles.py   the roles that plan and apply: enough rights, no secrets of other stacks        types.toml
trust.py            who can assume each role, and which service it is passed to                     column `roles`
tags.py             tags that conditions compare have the environment's values
tables.py           tables of roles and rights for `wealist check`
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from wealist.checks.accepted import removed_types
from wealist.checks.finding import Finding, Synthesis
from wealist.checks.iam import (
    forbidden,
    key_use,
    least_privilege,
    pipeline_roles,
    statements,
    tags,
    trust,
)
from wealist.checks.iam.documents import Documents, read_documents
from wealist.checks.iam.tables import rights_table, trust_rows, trust_table

if TYPE_CHECKING:
    from wealist.spec.environment import Environment

__all__ = ["PIPELINE_STACK", "prove", "rights_table", "trust_rows", "trust_table"]

PIPELINE_STACK: Final = "account"
"""The stack with the roles that plan and apply, and with the boundary."""


def prove(synthesis: Synthesis) -> Iterator[Finding]:
    """Check every policy and role of a synthesis. Without findings, the claims of this package hold."""
    every = {name: read_documents(stack) for name, stack in sorted(synthesis.stacks.items())}
    types = least_privilege.rows_in_use(synthesis.stacks.values(), removed_types(synthesis.accepted.removed))
    calls, proven = least_privilege.calls_of(types), forbidden.actions_with_proven_policies(types)
    environments: dict[str, tuple[Documents, Environment]] = {}
    for name, documents in every.items():
        config = synthesis.environments.get(name)
        owner = least_privilege.owner_of(documents, config.name if config else None, calls)
        is_pipeline = name == PIPELINE_STACK
        buckets = forbidden.protected_buckets(synthesis.environments.values()) if is_pipeline else ()
        yield from documents.findings
        yield from statements.check(documents, owner)
        yield from least_privilege.check(documents, owner)
        yield from key_use.check(documents)
        yield from forbidden.check(documents, calls, proven, buckets)
        yield from trust.check(documents, config)
        yield from trust.check_passed(documents)
        if config:
            environments[name] = documents, config
            yield from least_privilege.check_roles_have_boundary(documents)
    if PIPELINE_STACK in every:
        account = every[PIPELINE_STACK]
        yield from least_privilege.check_boundary(account, (documents for documents, _ in environments.values()))
        yield from pipeline_roles.check_plan_secrets(account, every)
        yield from pipeline_roles.check_coverage(account, every, environments, synthesis.accepted.removed)
    yield from trust.check_shared(environments)
    yield from tags.check(synthesis, every.values())
