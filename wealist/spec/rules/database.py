"""Rules about the database, its owners and the generated secrets (architecture, section 5)."""

import re
from collections.abc import Iterator
from typing import Final

from wealist.spec.environment import Environment, ManagedDatabase
from wealist.spec.problems import Problem, outside, suggestion
from wealist.spec.services import DATABASE_MASTER_USER

_IDENTIFIER: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")
"""Needs no quotes: https://www.postgresql.org/docs/17/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS."""
_TAKEN: Final = re.compile(rf"pg_.*|rds.*|postgres|public|none|template[01]|{DATABASE_MASTER_USER}")
"""Roles and databases of PostgreSQL and RDS, and the master user."""
_PROTECTED_BACKUP_DAYS: Final = 14
_MOST_BACKUP_DAYS: Final = 35
_SMALLEST_GP3_GIB: Final = 20
_LARGEST_GP3_GIB: Final = 65_536
"""https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html"""
_GROWTH_PERCENT: Final = 10
"""https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html"""


def database_has_backups_and_a_version(environment: Environment) -> Iterator[Problem]:
    """A managed database needs backups, for 14 days in a protected environment (RDS.11), and a version."""
    database = environment.database
    if not isinstance(database, ManagedDatabase):
        return
    least = 1 if environment.may_be_destroyed else _PROTECTED_BACKUP_DAYS
    days, allowed = database.backup_retention_days, range(least, _MOST_BACKUP_DAYS + 1)
    yield from outside("database.backup_retention_days", days, allowed, f"write {_PROTECTED_BACKUP_DAYS}")
    if not re.fullmatch(r"\d{2}(\.\d+)?", database.engine_version):
        remedy = 'write "17", or "17.4" to stay on one minor version'
        yield Problem("database.engine_version", database.engine_version, "is not a version of PostgreSQL", remedy)


def database_has_room_to_grow(environment: Environment) -> Iterator[Problem]:
    """RDS limits the size of gp3 storage, and requires that it can grow by a tenth."""
    database = environment.database
    if not isinstance(database, ManagedDatabase):
        return
    initial, maximum = database.allocated_storage_gib, database.max_allocated_storage_gib
    if initial < _SMALLEST_GP3_GIB:
        remedy = f"write {_SMALLEST_GP3_GIB} or more"
        yield Problem("database.allocated_storage_gib", initial, "is less than RDS accepts for gp3", remedy)
    least = -(-initial * (100 + _GROWTH_PERCENT) // 100)  # rounded up
    if not least <= maximum <= _LARGEST_GP3_GIB:
        message = (
            f"is not between {least} and {_LARGEST_GP3_GIB}: "
            f"RDS requires {_GROWTH_PERCENT} % above allocated_storage_gib = {initial}"
        )
        remedy = f"write {least} or more" if maximum < least else f"write {_LARGEST_GP3_GIB} or less"
        yield Problem("database.max_allocated_storage_gib", maximum, message, remedy)


def databases_and_owners_need_no_quotes(environment: Environment) -> Iterator[Problem]:
    """Names stand unquoted in SQL, connection strings and environment files."""
    for service in environment.services:
        for field in ("database_name", "database_user"):
            value = getattr(service, field)
            where = f"services[{service.name}].{field}"
            if not _IDENTIFIER.fullmatch(value):
                remedy = "write lower-case letters, digits and _, 63 at most, and no digit first"
                yield Problem(where, value, "needs quotes in SQL, or is too long", remedy)
            elif _TAKEN.fullmatch(value):
                remedy = f"write one such as wealist_{service.name}"
                yield Problem(where, value, "is taken by PostgreSQL, RDS or the master user", remedy)


def rotated_secrets_are_generated(environment: Environment) -> Iterator[Problem]:
    """Only secrets that Terraform generates can be rotated."""
    known = list(environment.generated_secrets)
    for path, times in environment.rotated_secrets.items():
        where = f"rotated_secrets[{path}]"
        if path not in known:
            yield Problem(where, times, "is not a secret that Terraform generates", suggestion(path, known))
        if times < 1:
            yield Problem(where, times, "is below 1", "write 1 or more, or leave it out")
