"""The SQL reports all problems together, before any change."""

from tests.integration.database.rds import BOARD, DATABASES, PROD, USER, Rds
from tests.postgresql import SUPERUSER
from tests.synthesized import environment
from wealist.operations.database.script import script
from wealist.spec.services import DATABASE_MASTER_USER, Service


def test_a_database_of_another_owner_is_refused(rds: Rds) -> None:
    rds.superuser([f"CREATE DATABASE wealist_user_db OWNER {DATABASE_MASTER_USER}"])
    (problem,) = rds.problems()
    message, _, remedy = problem.partition("; ")
    assert message == f"the database wealist_user_db belongs to {DATABASE_MASTER_USER}, not to user_service"
    assert remedy == "rename it, and load it (pg_dump --no-owner) into the new one"
    done = rds.run("ALTER DATABASE wealist_user_db RENAME TO before")
    assert done.returncode == 0, done.stderr
    rds.bootstrap()
    assert rds.query_as(USER, "SELECT current_user") == [USER]


def test_all_problems_are_reported_together(rds: Rds) -> None:
    rds.superuser(
        [
            f"CREATE DATABASE wealist_board_db OWNER {SUPERUSER}",
            f"CREATE ROLE {USER} LOGIN REPLICATION IN ROLE rds_superuser",
            "CREATE ROLE helper LOGIN PASSWORD 'helper'",
        ]
    )
    problems = rds.problems(user="helper", password="helper")
    assert [problem.partition(";")[0] for problem in problems if "WITH ADMIN OPTION" not in problem] == [
        "helper may not create roles and databases",
        "user_service is a superuser, replicates or bypasses row security",
        "user_service is a member of rds_superuser",
        "the database wealist_board_db belongs to rdsadmin, not to board_service",
    ]


def test_an_owner_cannot_be_the_master_user(rds: Rds, chat: Service) -> None:
    own = chat.model_copy(update={"database_user": DATABASE_MASTER_USER})
    assert f"{DATABASE_MASTER_USER} is the role of this connection, and would own wealist_chat_db" in str(
        rds.problems(environment("prod", services=(own,)))
    )


def test_an_owner_that_is_a_member_of_the_other_is_refused(rds: Rds) -> None:
    rds.bootstrap()
    rds.superuser([f"GRANT {USER} TO {BOARD}"])
    (problem,) = rds.problems()
    assert problem == f"{BOARD} is a member of {USER}; REVOKE {USER} FROM {BOARD}"
    rds.superuser([problem.partition("; ")[2]])
    rds.bootstrap()


def test_an_existing_role_is_used_if_postgresql_allows_changes(rds: Rds) -> None:
    rds.superuser([f"CREATE ROLE {USER} CREATEDB CREATEROLE VALID UNTIL '2020-01-01'"])
    if rds.server.version == "15":
        rds.bootstrap()  # CREATEROLE allows changes of every role that is not a superuser
    else:
        (problem,) = rds.problems()
        message, _, remedy = problem.partition("; ")
        assert message == f"{DATABASE_MASTER_USER} may not change the role {USER}"
        rds.superuser([remedy.removesuffix(", as who made it")])
        rds.bootstrap()
    assert rds.query_as(USER, "SELECT current_user") == [USER]
    assert rds.query_as(USER, "SELECT rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = user") == ["f|f"]


def test_a_schema_of_another_owner_is_reported_with_the_remedy(rds: Rds) -> None:
    rds.bootstrap()
    rds.superuser([f"ALTER SCHEMA public OWNER TO {SUPERUSER}"], database=DATABASES[USER])
    done = rds.run(script(PROD))
    assert done.returncode == 3
    message, _, remedy = done.stderr.splitlines()[-1].partition("; ")
    assert message.endswith(f"{USER} does not own the schema public of {DATABASES[USER]}")
    rds.superuser([remedy.removesuffix(", as its owner")], database=DATABASES[USER])
    rds.bootstrap()


def test_more_owners_than_connections_are_refused(rds: Rds, chat: Service) -> None:
    crowd = tuple(
        chat.model_copy(update={"database_name": f"db{number}", "database_user": f"owner{number}"})
        for number in range(88)  # of 100 by default, 3 are reserved and 10 kept
    )
    assert rds.problems(environment("prod", services=crowd)) == [
        "max_connections = 100 leaves 0 for each owner; raise it"
    ]


def test_other_users_than_the_master_user_are_refused(rds: Rds) -> None:
    rds.bootstrap()
    problems = rds.problems(user=USER, database=DATABASES[USER])
    assert f"{USER} may not create roles and databases; connect as the master user" in problems
