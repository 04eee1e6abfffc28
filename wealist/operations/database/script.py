"""The SQL that makes an environment's databases and their owners.

    services, passwords ─► wanted: database, owner, verifier
                              ├─► server.sql    checks; roles and databases; who may connect
                              └─► database.sql  in each database: its schema

It is for the master user of RDS, who is no superuser: `CREATEDB`, `CREATEROLE`, and since PostgreSQL 16 only what it
was granted on other roles. Run again, it changes nothing that is right already.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from wealist.errors import OperatorError
from wealist.operations.database.scram import verifier
from wealist.spec.environment import Environment
from wealist.spec.services import Service

_HERE: Final = Path(__file__).parent
_SALT_BYTES: Final = 16
"""As many as PostgreSQL takes itself."""


def script(config: Environment, passwords: Mapping[str, str] | None = None) -> str:
    """The SQL of one environment, for psql.

    Args:
        config: The environment; its services decide.
        passwords: Of each owner, by the name of the role. Without them, the database keeps those that it has.

    Raises:
        OperatorError: a password is empty, or has characters that clients would change before they use it.
    """
    prefix = config.names.environment_prefix
    rows = ",\n  ".join(f"({_row(service, prefix, passwords)})" for service in config.services)
    databases = "".join(
        f"\nSELECT {_literal(service.database_name)} AS database \\gset\n{_read('database.sql')}"
        for service in config.services
    )
    return (
        f"-- The databases of {prefix} and their owners, for psql as the master user. It can be run again.\n"
        "\\set ON_ERROR_STOP on\n"
        "\\set QUIET on\n"
        f"CREATE TEMPORARY TABLE wanted (database, owner, verifier) AS VALUES\n  {rows};\n"
        f"{_read('server.sql')}{databases}"
    )


def _row(service: Service, prefix: str, passwords: Mapping[str, str] | None) -> str:
    owner = service.database_user
    secret = "NULL" if passwords is None else _literal(_verifier(passwords[owner], owner, prefix))
    return f"{_literal(service.database_name)}::text, {_literal(owner)}::text, {secret}::text"


def _verifier(password: str, owner: str, prefix: str) -> str:
    # A role's salt is its own, and stays: the same password is the same verifier, and a second run changes nothing.
    salt = sha256(f"{prefix}/{owner}".encode()).digest()[:_SALT_BYTES]
    try:
        return verifier(password, salt=salt)
    except ValueError as error:
        raise OperatorError(
            f"the password of {owner} {error}", remedy="have Terraform make it anew: raise its entry in rotated_secrets"
        ) from None


def _literal(text: str) -> str:
    """A string constant: https://www.postgresql.org/docs/17/sql-syntax-lexical.html#SQL-SYNTAX-CONSTANTS."""
    return "'" + text.replace("'", "''") + "'"


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
