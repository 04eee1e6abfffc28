"""The SQL creates the databases and owners in PostgreSQL servers."""

import pytest

from tests.integration.database.rds import BOARD, DATABASES, PROD, USER, Rds
from tests.postgresql import SUPERUSER
from tests.synthesized import environment
from wealist.operations.database.script import script
from wealist.spec.services import DATABASE_MASTER_USER, Service

OTHER = {USER: BOARD, BOARD: USER}


@pytest.fixture(params=[USER, BOARD])
def owner(request: pytest.FixtureRequest) -> str:
    """Each of the two owners."""
    return str(request.param)


def test_each_database_belongs_to_its_owner_without_further_rights(rds: Rds) -> None:
    rds.bootstrap()
    found = rds.server.query(
        """SELECT datname, rolname, rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls,
                  pg_encoding_to_char(encoding)
           FROM pg_database JOIN pg_authid ON pg_authid.oid = datdba WHERE rolname ~ '_service$' ORDER BY datname"""
    )
    assert found == [f"{DATABASES[owner]}|{owner}|t|f|f|f|f|f|UTF8" for owner in (BOARD, USER)]


def test_the_databases_and_their_connection_limits_are_printed(rds: Rds) -> None:
    done = rds.bootstrap()
    assert done.stderr == ""
    # Of 100 by default, 3 are reserved and 10 kept; half of the rest.
    assert done.stdout.splitlines() == [
        f"{database} belongs to {owner}, who may open 43 connections" for owner, database in DATABASES.items()
    ]


@pytest.mark.parametrize("passwords_again", [True, False])
def test_a_second_run_changes_nothing(rds: Rds, passwords_again: bool) -> None:  # noqa: FBT001 -- a parameter
    rds.bootstrap()
    rds.query_as(USER, "CREATE TABLE users (id bigint PRIMARY KEY); INSERT INTO users VALUES (7)")
    before = rds.catalogs()
    if passwords_again:
        rds.bootstrap()
    else:
        rds.bootstrap(passwords=None)
    assert rds.catalogs() == before
    assert rds.query_as(USER, "SELECT id FROM users") == ["7"]


def test_owners_may_create_and_change_objects(rds: Rds, owner: str) -> None:
    rds.bootstrap()
    answers = rds.query_as(
        owner,
        """
        CREATE TABLE things (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, made timestamptz);
        CREATE UNIQUE INDEX CONCURRENTLY things_by_name ON things (name);
        INSERT INTO things (name) VALUES ('하나'), ('둘');
        UPDATE things SET made = now(); DELETE FROM things WHERE name = '둘';
        ALTER TABLE things ADD COLUMN note text DEFAULT '';
        CREATE VIEW names AS SELECT name FROM things;
        CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1 * 2';
        CREATE SCHEMA audit; CREATE TABLE audit.log (at timestamptz);
        CREATE TEMPORARY TABLE scratch (id integer);
        SELECT name, twice(21) FROM names;
        TRUNCATE things; DROP VIEW names; DROP TABLE things; DROP SCHEMA audit CASCADE;
        """,
    )
    assert answers == ["하나|42"]


def test_owners_may_not_connect_to_other_databases(rds: Rds, owner: str) -> None:
    rds.bootstrap()
    for database in (DATABASES[OTHER[owner]], "postgres", "template1"):
        assert f'permission denied for database "{database}"' in rds.error_as(owner, "SELECT 1", database=database)


def test_grants_between_the_owners_are_revoked(rds: Rds, owner: str) -> None:
    rds.bootstrap()
    database, other = DATABASES[owner], OTHER[owner]
    rds.query_as(owner, f"GRANT ALL ON DATABASE {database} TO {other}, PUBLIC")
    assert rds.run("SELECT 1", user=other, database=database).returncode == 0
    rds.bootstrap()
    assert "permission denied" in rds.error_as(other, "SELECT 1", database=database)


def test_owners_have_no_rights_on_the_server(rds: Rds, owner: str) -> None:
    rds.bootstrap()
    for sql, reason in {
        "CREATE ROLE mine": "permission denied to create role",
        "CREATE DATABASE mine": "permission denied to create database",
        f"SET ROLE {DATABASE_MASTER_USER}": "permission denied to set role",
        "SELECT rolpassword FROM pg_authid": "permission denied",
        "ALTER SYSTEM SET log_statement = 'none'": "permission denied",
    }.items():
        assert reason in rds.error_as(owner, sql)


def test_new_databases_are_not_copied_from_template1(rds: Rds) -> None:
    rds.superuser(["CREATE TABLE left_behind (id integer)"], database="template1")
    rds.bootstrap()
    rds.superuser(["DROP TABLE left_behind"], database="template1")
    assert rds.query_as(USER, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == ["0"]


def test_the_master_user_has_no_access_to_the_databases(rds: Rds, owner: str) -> None:
    rds.bootstrap()
    rds.query_as(owner, "CREATE TABLE secrets (id integer)")
    done = rds.run("TABLE secrets", database=DATABASES[owner])
    assert "permission denied for database" in done.stderr
    held = rds.server.query(f"SELECT pg_has_role('{DATABASE_MASTER_USER}', '{owner}', 'USAGE')")
    assert held == ["f"]


def test_other_roles_may_neither_connect_nor_use_the_schema_public(rds: Rds, owner: str) -> None:
    rds.bootstrap()
    rds.superuser(["CREATE ROLE guest LOGIN PASSWORD 'guest'"])
    done = rds.run("SELECT 1", user="guest", database=DATABASES[owner], password="guest")
    assert "does not have CONNECT privilege" in done.stderr
    schema = "SELECT has_schema_privilege('guest', 'public', kind) FROM unnest('{CREATE,USAGE}'::text[]) AS kind"
    assert rds.server.query(schema, database=DATABASES[owner]) == ["f", "f"]


def test_statements_and_idle_transactions_have_timeouts(rds: Rds, owner: str) -> None:
    rds.bootstrap()
    shown = "SHOW statement_timeout; SHOW lock_timeout; SHOW idle_in_transaction_session_timeout"
    assert rds.query_as(owner, shown) == ["1min", "10s", "1min"]
    # A migration may override it.
    assert rds.query_as(owner, "SET statement_timeout = 0; SHOW statement_timeout") == ["0"]


def test_the_next_run_completes_an_aborted_one(rds: Rds) -> None:
    whole = script(PROD)
    first, gexec, _ = whole.partition("\\gexec")
    done = rds.run(f"{first}LIMIT 1 {gexec}\n")
    assert done.returncode == 0
    assert rds.server.query("SELECT datname FROM pg_database WHERE datname ~ '^wealist'") == ["wealist_board_db"]
    rds.bootstrap()
    finished = rds.catalogs()
    rds.bootstrap()
    assert rds.catalogs() == finished
    for owner in DATABASES:
        assert rds.query_as(owner, "SELECT current_user") == [owner]
        assert "permission denied" in rds.error_as(owner, "SELECT 1", database=DATABASES[OTHER[owner]])
    assert rds.server.query(f"SELECT pg_has_role('{DATABASE_MASTER_USER}', '{USER}', 'USAGE')") == ["f"]


def test_a_second_run_works_without_the_schema_public(rds: Rds) -> None:
    rds.bootstrap()
    rds.query_as(USER, "DROP SCHEMA public")
    rds.bootstrap()
    assert rds.query_as(USER, "SELECT current_user") == [USER]


def test_a_third_service_can_be_added(rds: Rds, chat: Service) -> None:
    rds.bootstrap()
    rds.query_as(USER, "CREATE TABLE users (id bigint)")
    config = environment("prod", services=(*PROD.services, chat))
    rds.bootstrap(config, passwords=None)
    owners = "SELECT datname, rolname FROM pg_database JOIN pg_roles r ON r.oid = datdba WHERE rolname ~ 'service'"
    assert rds.server.query(f"{owners} ORDER BY 1")[1] == f"{chat.database_name}|{chat.database_user}"
    assert rds.query_as(USER, "SELECT count(*) FROM users") == ["0"]
    connect = f"SELECT has_database_privilege('{chat.database_user}', 'wealist_user_db', 'CONNECT')"
    assert rds.server.query(connect) == ["f"]


def test_names_that_need_quotes_are_quoted(rds: Rds, chat: Service) -> None:
    odd = chat.model_copy(update={"database_name": """o'dd "db" \\ :x""", "database_user": """Us'er "x" \\ :y"""})
    rds.bootstrap(environment("prod", services=(odd,)), passwords=None)
    rows = "SELECT datname, rolname FROM pg_database JOIN pg_roles r ON r.oid = datdba WHERE datname ~ 'dd'"
    assert rds.server.query(rows) == [f"{odd.database_name}|{odd.database_user}"]


def test_other_databases_that_owners_may_connect_to_are_reported(rds: Rds) -> None:
    rds.superuser([f"ALTER DATABASE postgres OWNER TO {SUPERUSER}"])
    warnings = rds.bootstrap().stderr.splitlines()
    assert [line.partition("WARNING:  ")[2] for line in warnings] == [
        f"{owner} may connect to the database postgres too; "
        "REVOKE CONNECT ON DATABASE postgres FROM PUBLIC, as its owner"
        for owner in (BOARD, USER)
    ]
