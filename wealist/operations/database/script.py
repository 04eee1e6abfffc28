r"""The SQL that creates an environment's databases and their owners.

    services ───────────────────────┬─► server.sql    checks; roles and databases; who may connect
    passwords in SSM ─► verifiers ──┘   database.sql  in each database: its schema

psql runs it as the master user of RDS, who is not a superuser: it has `CREATEDB`, `CREATEROLE`, and since PostgreSQL 16
only the rights that it was granted on other roles. A second run changes nothing.

A verifier is what PostgreSQL stores of a password. The server accepts one in place of a password, as psql's `\password`
sends it, so that the password itself reaches neither the server nor its log:

    password ─PBKDF2(salt, 4096)─► salted ─┬─ HMAC "Client Key" ─► SHA-256: StoredKey
                                           └─ HMAC "Server Key" ─► ServerKey

https://www.postgresql.org/docs/17/catalog-pg-authid.html, RFC 5802 (section 3), RFC 7677.
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from hashlib import pbkdf2_hmac, sha256
from pathlib import Path
from typing import Any, Final

from wealist.errors import OperatorError
from wealist.operations.aws import clients
from wealist.spec import parameters as paths
from wealist.spec.account import ACCOUNT_ID
from wealist.spec.environment import Environment
from wealist.spec.services import Service

_HERE: Final = Path(__file__).parent
_SALT_BYTES: Final = 16
"""PostgreSQL's own default."""
_ITERATIONS: Final = 4096
"""PostgreSQL's own default. More iterations slow every log-in; a generated password of 40 characters does not need
them."""


def script(config: Environment, passwords: Mapping[str, str] | None = None) -> str:
    """Return the SQL of one environment, for psql.

    Args:
        config: The environment, whose services own the databases.
        passwords: Role name → password. Without them, the roles keep their current passwords.

    Raises:
        OperatorError: A password is empty, or has characters that clients normalize before they use it.
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
    # Each role has a constant salt of its own, so that a second run with the same password changes nothing.
    salt = sha256(f"{prefix}/{owner}".encode()).digest()[:_SALT_BYTES]
    try:
        return scram_verifier(password, salt=salt)
    except ValueError as error:
        raise OperatorError(
            f"the password of {owner} {error}",
            remedy="have Terraform generate a new one: raise its entry in rotated_secrets",
        ) from None


def scram_verifier(password: str, *, salt: bytes) -> str:
    """Return `SCRAM-SHA-256$4096:<salt>$<StoredKey>:<ServerKey>`.

    Args:
        password: Printable ASCII, which SASLprep (RFC 4013) does not change.
        salt: 16 bytes, unique to the role. A salt is not secret: the server sends it to clients that log in.

    Raises:
        ValueError: The password is empty or has other characters.
    """
    if not (password and password.isascii() and password.isprintable()):
        raise ValueError("is empty, or has characters other than printable ASCII")
    salted = pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    stored_key = sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    encoded = [b64encode(part).decode() for part in (salt, stored_key, server_key)]
    return "SCRAM-SHA-256${}:{}${}:{}".format(_ITERATIONS, *encoded)


def _literal(text: str) -> str:
    """Return a string constant: https://www.postgresql.org/docs/17/sql-syntax-lexical.html#SQL-SYNTAX-CONSTANTS."""
    return "'" + text.replace("'", "''") + "'"


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def read_passwords(config: Environment, environ: Mapping[str, str]) -> dict[str, str]:
    """Read the owners' passwords that Terraform wrote to SSM, by role name.

    Args:
        config: The environment, whose services own the databases.
        environ: The process environment with AWS credentials.

    Raises:
        OperatorError: The credentials belong to another account, AWS denies access, or parameters are missing. All
            missing parameters are named.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 -- slow, and `script` does not need it

    names = {service.database_user: config.names.parameter(paths.db_password(service)) for service in config.services}
    client = clients(environ)
    try:
        _refuse_other_account(client("sts").get_caller_identity()["Account"], config)
        ssm = client("ssm")
        # One by one: `GetParameters` accepts at most ten names, and there may be more services.
        passwords = {owner: _read_parameter(ssm, name) for owner, name in names.items()}
    except (BotoCoreError, ClientError) as error:
        raise OperatorError(
            f"cannot read the passwords of {config.name} from SSM: {error}",
            remedy=f"use credentials of account {ACCOUNT_ID} that may read "
            f"{config.names.parameter('db/*')} and decrypt with alias/{config.names.environment_prefix}",
        ) from None
    if missing := [names[owner] for owner, password in passwords.items() if password is None]:
        raise OperatorError(
            f"missing parameters: {', '.join(missing)}",
            remedy=f"run `terraform apply` for {config.name} first: it creates the passwords",
        )
    return {owner: password for owner, password in passwords.items() if password is not None}


def _refuse_other_account(account: str, config: Environment) -> None:
    if account != ACCOUNT_ID:
        raise OperatorError(
            f"the credentials belong to account {account}, and {config.name} is in account {ACCOUNT_ID}",
            remedy=f"use credentials of account {ACCOUNT_ID}: `aws sts get-caller-identity` shows the current ones",
        )


def _read_parameter(ssm: Any, name: str) -> str | None:  # noqa: ANN401 -- a boto3 client
    try:
        return str(ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
    except ssm.exceptions.ParameterNotFound:
        return None
