"""A server with the roles of RDS: the superuser is `rdsadmin`, and the master user is not a superuser."""

import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from tests.postgresql import SUPERUSER, Server
from tests.synthesized import environment
from wealist.operations.database.script import script
from wealist.spec.environment import Environment
from wealist.spec.services import DATABASE_MASTER_USER

PROD: Final = environment("prod")
USER: Final = "user_service"
BOARD: Final = "board_service"
DATABASES: Final = {USER: "wealist_user_db", BOARD: "wealist_board_db"}
PASSWORDS: Final = {
    DATABASE_MASTER_USER: "the-password-of-the-master",
    USER: "UserPassword0123456789abcdefghijklmnopqr",
    BOARD: "BoardPassword0123456789abcdefghijklmnopq",
}

_CATALOGS: Final = (
    "SELECT * FROM pg_authid ORDER BY oid",
    "SELECT * FROM pg_auth_members ORDER BY roleid, member",
    "SELECT oid, datname, datdba, encoding, datacl, datconnlimit FROM pg_database ORDER BY oid",
    "SELECT * FROM pg_db_role_setting ORDER BY setdatabase, setrole",
    "SELECT * FROM pg_shdepend ORDER BY dbid, classid, objid, refobjid, deptype",
)
_CATALOGS_OF_A_DATABASE: Final = (
    "SELECT * FROM pg_namespace WHERE nspname !~ 'temp' ORDER BY oid",
    "SELECT oid, relname, relowner, relacl FROM pg_class WHERE relpersistence <> 't' ORDER BY oid",
    "SELECT * FROM pg_default_acl ORDER BY oid",
    "SELECT oid, proname, proacl FROM pg_proc WHERE pronamespace::regnamespace::text !~ 'temp' ORDER BY oid",
)


@dataclass(frozen=True)
class Rds:
    """A PostgreSQL server that simulates an RDS instance."""

    server: Server

    def reset(self) -> None:
        """Restore the state of a new RDS instance, without databases and owners."""
        drop = (
            "SELECT format('DROP DATABASE %I', datname) FROM pg_database WHERE datname !~ '^(postgres|template[01])$'"
        )
        roles = "SELECT format('DROP ROLE %I', rolname) FROM pg_roles WHERE rolname !~ '^pg_'"
        done = self.server.psql(
            f"""
            ALTER DATABASE postgres OWNER TO {SUPERUSER}; ALTER DATABASE template1 OWNER TO {SUPERUSER};
            GRANT CONNECT, TEMPORARY ON DATABASE postgres TO PUBLIC; GRANT CONNECT ON DATABASE template1 TO PUBLIC;
            {drop} \\gexec
            {roles} AND rolname <> '{SUPERUSER}' \\gexec
            CREATE ROLE rds_superuser;
            CREATE ROLE {DATABASE_MASTER_USER} LOGIN CREATEDB CREATEROLE IN ROLE rds_superuser
              PASSWORD '{PASSWORDS[DATABASE_MASTER_USER]}';
            ALTER DATABASE postgres OWNER TO {DATABASE_MASTER_USER};
            ALTER DATABASE template1 OWNER TO {DATABASE_MASTER_USER};
            """,
            options=["--set=ON_ERROR_STOP=1"],
        )
        assert done.returncode == 0, done.stderr

    def run(
        self, sql: str, *, user: str = DATABASE_MASTER_USER, database: str = "postgres", password: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run psql as a role with its password."""
        settings = {"PGPASSWORD": password or PASSWORDS[user]}
        return self.server.psql(sql, user=user, database=database, settings=settings)

    def bootstrap(
        self, config: Environment = PROD, passwords: Mapping[str, str] | None = PASSWORDS
    ) -> subprocess.CompletedProcess[str]:
        """Run the script as the master user, and assert that it succeeds."""
        done = self.run(script(config, passwords))
        assert done.returncode == 0, done.stderr
        return done

    def problems(self, config: Environment = PROD, **who: str) -> list[str]:
        """Run the script, and assert that it changes nothing. Return the reported problems."""
        before = self.catalogs()
        done = self.run(script(config), **who)
        assert done.returncode == 3, done.stderr
        assert self.catalogs() == before
        first, *problems = done.stderr.splitlines()
        assert first.endswith("ERROR:  nothing was changed, because")
        return [problem.strip() for problem in problems]

    def query_as(self, user: str, sql: str) -> list[str]:
        """Run statements as an owner in its database, and assert that they succeed. Return the rows."""
        done = self.server.psql(
            sql,
            user=user,
            database=DATABASES[user],
            options=["--tuples-only", "--no-align", "--quiet", "--set=ON_ERROR_STOP=1"],
            settings={"PGPASSWORD": PASSWORDS[user]},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def error_as(self, user: str, sql: str, *, database: str | None = None) -> str:
        """Run a statement as an owner, and assert that it fails. Return the error."""
        done = self.run(f"\\set ON_ERROR_STOP on\n{sql}", user=user, database=database or DATABASES[user])
        assert done.returncode in {2, 3}, done.stdout
        return done.stderr

    def catalogs(self) -> dict[str, list[str]]:
        """Return the rows of all catalogs that the script could change: database ('' for the server) → rows."""
        databases = self.server.query("SELECT datname FROM pg_database WHERE datallowconn ORDER BY datname")
        inside = ";".join(_CATALOGS_OF_A_DATABASE)
        return {"": self.server.query(";".join(_CATALOGS))} | {
            database: self.server.query(inside, database=database) for database in databases
        }

    def superuser(self, statements: Iterable[str], *, database: str = "postgres") -> None:
        """Run statements as the superuser."""
        self.server.query(";\n".join(statements), database=database)
