"""Rules about the databases, their owners and the secrets that Terraform makes (architecture, section 5)."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from wealist.spec.environment import Environment
from wealist.spec.problems import Problem
from wealist.spec.services import DATABASE_MASTER_USER

_IDENTIFIER: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")
"""What needs no quotes: https://www.postgresql.org/docs/17/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS."""
_TAKEN: Final = re.compile(rf"pg_.*|rds.*|postgres|public|none|template[01]|{DATABASE_MASTER_USER}")
"""PostgreSQL's own roles and databases, RDS' own, and the master user."""


def databases_and_owners_are_named_for_postgresql(environment: Environment) -> Iterator[Problem]:
    """Names that need no quotes in SQL, in a connection string or in an environment file."""
    for service in environment.services:
        for field in ("database_name", "database_user"):
            value = getattr(service, field)
            where = f"services[{service.name}].{field}"
            if not _IDENTIFIER.fullmatch(value):
                remedy = "write lower-case letters, digits and _, 63 at most, and no digit first"
                yield Problem(environment.name, where, value, "needs quotes in SQL, or is too long", remedy)
            elif _TAKEN.fullmatch(value):
                remedy = f"write one such as wealist_{service.name}"
                yield Problem(environment.name, where, value, "is taken by PostgreSQL, RDS or the master user", remedy)


def rotated_secrets_are_generated_ones(environment: Environment) -> Iterator[Problem]:
    """A rotation of anything else would change nothing."""
    known = list(environment.generated_secrets)
    for path, times in environment.rotated_secrets.items():
        where = f"rotated_secrets[{path}]"
        if path not in known:
            near = get_close_matches(path, known, n=1)
            remedy = f"did you mean {near[0]!r}?" if near else f"generated are: {', '.join(known)}"
            yield Problem(environment.name, where, times, "is not a secret that Terraform generates", remedy)
        if times < 1:
            yield Problem(environment.name, where, times, "is below 1", "write 1 or more, or leave it out")
