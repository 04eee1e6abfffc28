"""What reaches the server is a verifier: the password is in force, and nowhere to be read."""

import os
import subprocess

import pytest

from tests.integration.database.rds import BOARD, DATABASES, PASSWORDS, PROD, USER, Rds
from tests.tools import tool
from wealist.operations.database.script import scram_verifier, script

pytestmark = pytest.mark.parametrize("server", ["17"], indirect=True)
NEW = PASSWORDS | {USER: "NewUserPassword0123456789abcdefghijklmno"}


def log_in(rds: Rds, user: str, password: str) -> str:
    """Why somebody cannot log in with a password; empty when they can."""
    return rds.run("SELECT 1", user=user, database=DATABASES[user], password=password).stderr


def test_a_password_is_neither_in_the_sql_nor_in_what_the_server_logs(rds: Rds) -> None:
    before = len(rds.server.log)
    done = rds.bootstrap()
    logged = rds.server.log[before:]
    assert "CREATE TEMPORARY TABLE wanted" in logged  # log_statement=all: every statement is there
    for owner in DATABASES:
        assert log_in(rds, owner, PASSWORDS[owner]) == ""
        for text in (script(PROD, PASSWORDS), logged, done.stdout, done.stderr):
            assert PASSWORDS[owner] not in text


def test_only_the_password_itself_logs_an_owner_in(rds: Rds) -> None:
    rds.bootstrap()
    for wrong in ("wrong", PASSWORDS[BOARD], scram_verifier(PASSWORDS[USER], salt=b"salt")):
        assert f'password authentication failed for user "{USER}"' in log_in(rds, USER, wrong)


def test_the_server_keeps_scram_verifiers_alone(rds: Rds) -> None:
    rds.bootstrap()
    kept = rds.server.query("SELECT left(rolpassword, 19) FROM pg_authid WHERE rolname ~ '_service$'")
    assert kept == ["SCRAM-SHA-256$4096:"] * 2


def test_without_passwords_nobody_can_log_in_to_a_new_role(rds: Rds) -> None:
    rds.bootstrap(passwords=None)
    assert rds.server.query(f"SELECT rolpassword IS NULL FROM pg_authid WHERE rolname = '{USER}'") == ["t"]  # noqa: S608
    assert "password authentication failed" in log_in(rds, USER, PASSWORDS[USER])


def test_a_changed_password_is_in_force_at_once_and_the_other_owners_stays(rds: Rds) -> None:
    rds.bootstrap()
    rds.bootstrap(passwords=NEW)
    assert log_in(rds, USER, NEW[USER]) == ""
    assert "password authentication failed" in log_in(rds, USER, PASSWORDS[USER])
    assert log_in(rds, BOARD, PASSWORDS[BOARD]) == ""


def test_connections_that_are_open_live_through_a_change(rds: Rds) -> None:
    """A rotation depends on this: open connections survive a change of the password."""
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


def test_every_printable_character_may_stand_in_a_password(rds: Rds) -> None:
    odd = "".join(map(chr, range(0x20, 0x7F)))
    rds.bootstrap(passwords=PASSWORDS | {USER: odd})
    assert log_in(rds, USER, odd) == ""
