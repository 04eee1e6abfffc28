"""The server receives only verifiers, and accepts only the passwords."""

import os
import subprocess

import pytest

from tests.integration.database.rds import BOARD, DATABASES, PASSWORDS, PROD, USER, Rds
from tests.tools import tool
from wealist.operations.database.script import scram_verifier, script

pytestmark = pytest.mark.parametrize("server", ["17"], indirect=True)
NEW = PASSWORDS | {USER: "NewUserPassword0123456789abcdefghijklmno"}


def log_in(rds: Rds, user: str, password: str) -> str:
    """Log in with a password. Return the error, empty on success."""
    return rds.run("SELECT 1", user=user, database=DATABASES[user], password=password).stderr


def test_passwords_are_neither_in_the_sql_nor_in_the_servers_log(rds: Rds) -> None:
    before = len(rds.server.log)
    done = rds.bootstrap()
    logged = rds.server.log[before:]
    assert "CREATE TEMPORARY TABLE wanted" in logged  # log_statement=all
    for owner in DATABASES:
        assert log_in(rds, owner, PASSWORDS[owner]) == ""
        for text in (script(PROD, PASSWORDS), logged, done.stdout, done.stderr):
            assert PASSWORDS[owner] not in text


def test_owners_log_in_only_with_their_password(rds: Rds) -> None:
    rds.bootstrap()
    for wrong in ("wrong", PASSWORDS[BOARD], scram_verifier(PASSWORDS[USER], salt=b"salt")):
        assert f'password authentication failed for user "{USER}"' in log_in(rds, USER, wrong)


def test_the_server_stores_scram_verifiers(rds: Rds) -> None:
    rds.bootstrap()
    kept = rds.server.query("SELECT left(rolpassword, 19) FROM pg_authid WHERE rolname ~ '_service$'")
    assert kept == ["SCRAM-SHA-256$4096:"] * 2


def test_new_roles_without_a_password_cannot_log_in(rds: Rds) -> None:
    rds.bootstrap(passwords=None)
    assert rds.server.query(f"SELECT rolpassword IS NULL FROM pg_authid WHERE rolname = '{USER}'") == ["t"]  # noqa: S608
    assert "password authentication failed" in log_in(rds, USER, PASSWORDS[USER])


def test_a_changed_password_takes_effect_immediately_and_does_not_change_the_others(rds: Rds) -> None:
    rds.bootstrap()
    rds.bootstrap(passwords=NEW)
    assert log_in(rds, USER, NEW[USER]) == ""
    assert "password authentication failed" in log_in(rds, USER, PASSWORDS[USER])
    assert log_in(rds, BOARD, PASSWORDS[BOARD]) == ""


def test_open_connections_survive_a_change_of_the_password(rds: Rds) -> None:
    """Rotations depend on this."""
    rds.bootstrap()
    environ = os.environ | {"PGHOST": str(rds.server.folder), "PGPORT": str(rds.server.port)}
    environ |= {"PGUSER": USER, "PGDATABASE": DATABASES[USER], "PGPASSWORD": PASSWORDS[USER]}
    argv = [tool("psql", package="postgresql-client-15"), "--no-psqlrc", "--tuples-only", "--no-align", "--quiet"]
    with subprocess.Popen(argv, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdin
        assert service.stdout
        service.stdin.write("SELECT 'before';\n")
        service.stdin.flush()
        assert service.stdout.readline() == "before\n"
        rds.bootstrap(passwords=NEW)
        assert "password authentication failed" in log_in(rds, USER, PASSWORDS[USER])
        service.stdin.write("CREATE TABLE since (id integer); SELECT 'after';\n")
        service.stdin.close()
        assert service.stdout.read() == "after\n"


def test_passwords_may_contain_every_printable_character(rds: Rds) -> None:
    odd = "".join(map(chr, range(0x20, 0x7F)))
    rds.bootstrap(passwords=PASSWORDS | {USER: odd})
    assert log_in(rds, USER, odd) == ""
