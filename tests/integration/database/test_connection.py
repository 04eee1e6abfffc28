"""The documented procedure: passwords from SSM, a forwarded port, and TLS."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.integration.database.rds import DATABASES, PASSWORDS, PROD, USER, Rds
from tests.postgresql import running
from wealist import project
from wealist.emulator.server import EmulatedAws
from wealist.operations.aws import clients
from wealist.operations.database.script import script
from wealist.spec.services import DATABASE_MASTER_USER

HOST = "wealist-prod-rds.abc.ap-northeast-2.rds.amazonaws.com"
PARAMETERS = {f"/wealist/prod/db/{name}_db_password": PASSWORDS[f"{name}_service"] for name in ("user", "board")}


def certificate() -> tuple[bytes, bytes]:
    """Return a self-signed certificate with the host's name, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "RDS")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    return made.public_bytes(pem), key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)


@pytest.fixture(scope="module")
def certificates() -> tuple[bytes, bytes]:
    return certificate()


@pytest.fixture(scope="module")
def forwarded(certificates: tuple[bytes, bytes]) -> Iterator[Rds]:
    """A server with few connections, at a forwarded port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    network = {"listen_addresses": "127.0.0.1", "max_connections": "17"}
    with running("17", port=port, tls=certificates, **network) as server:
        rds = Rds(server)
        rds.reset()
        yield rds


@pytest.fixture
def bundle(certificates: tuple[bytes, bytes], tmp_path: Path) -> Path:
    """The file with the certificates that AWS publishes."""
    path = tmp_path / "bundle.pem"
    path.write_bytes(certificates[0])
    return path


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """The process environment for an empty embedded AWS."""
    with EmulatedAws(seeds=(), log=tmp_path_factory.mktemp("aws") / "log") as running_aws:
        yield running_aws.environment()


def through(rds: Rds, more: str, sql: str = "SELECT 1", user: str = DATABASE_MASTER_USER) -> tuple[int, str]:
    """Run psql with the guide's connection string. Return its exit code and error output."""
    connection = f"host={HOST} hostaddr=127.0.0.1 port={rds.server.port} user={user} dbname=postgres {more}"
    done = rds.server.psql(sql, options=[connection], settings={"PGPASSWORD": PASSWORDS[user]})
    return done.returncode, done.stderr


def command(environ: Mapping[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m wealist database prod`."""
    argv = [sys.executable, "-m", "wealist", "database", "prod", *options]
    return subprocess.run(argv, cwd=project.ROOT, env=environ, capture_output=True, text=True, check=False)


def test_missing_passwords_are_reported(aws: Mapping[str, str]) -> None:
    done = command(aws, "--passwords")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[0] == f"error: missing parameters: {', '.join(PARAMETERS)}"
    assert "terraform apply" in done.stderr


def test_the_printed_sql_creates_the_databases_with_the_passwords_in_ssm(
    aws: Mapping[str, str], forwarded: Rds, bundle: Path
) -> None:
    for name, value in PARAMETERS.items():
        clients(aws)("ssm").put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)
    printed = command(aws, "--passwords")
    assert printed.returncode == 0, printed.stderr
    assert not [value for value in PARAMETERS.values() if value in printed.stdout + printed.stderr]
    tls = f"sslmode=verify-full sslrootcert={bundle}"
    assert through(forwarded, tls, printed.stdout) == (0, "")
    # \\connect keeps the other connection parameters: without TLS, the check would fail.
    again = "".join(f"\\connect {name}\n" for name in ("postgres", "template1")) + printed.stdout
    assert through(forwarded, tls, again) == (0, "")
    for owner in DATABASES:
        assert forwarded.query_as(owner, "SELECT current_user") == [owner]


def test_the_command_calls_aws_only_for_passwords() -> None:
    nowhere = os.environ | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
    done = command(nowhere)
    assert (done.returncode, done.stdout) == (0, script(PROD))
    refused = command(nowhere | {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}, "--passwords")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "cannot read the passwords of prod from SSM" in refused.stderr


def test_a_connection_without_tls_changes_nothing(forwarded: Rds) -> None:
    before = forwarded.catalogs()
    code, error = through(forwarded, "sslmode=disable", script(PROD))
    assert code == 3
    assert "the connection is not encrypted; add sslmode=verify-full" in error
    assert forwarded.catalogs() == before


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("sslmode=verify-full sslrootcert={missing}", "does not exist"),
        ("sslmode=verify-full sslrootcert={other}", "certificate verify failed"),
        ("sslmode=verify-full sslrootcert={bundle} host=localhost", "does not match host name"),
        ("sslmode=verify-full sslrootcert={bundle} port=9", "Connection refused"),
    ],
)
def test_the_documented_connection_errors_occur(forwarded: Rds, bundle: Path, more: str, message: str) -> None:
    other = bundle.with_name("other.pem")
    other.write_bytes(certificate()[0])
    filled = more.format(missing=bundle.with_name("missing.pem"), other=other, bundle=bundle)
    code, error = through(forwarded, filled)
    assert code == 2
    assert message in error


def test_connections_of_an_owner_are_limited(forwarded: Rds) -> None:
    forwarded.bootstrap()
    # Of 17, 3 are reserved and 10 kept: 2 for each.
    shares = forwarded.server.query("SELECT rolname, rolconnlimit FROM pg_roles WHERE rolconnlimit > 0 ORDER BY 1")
    assert shares == ["board_service|2", "user_service|2"]
    own = f"dbname={DATABASES[USER]} user={USER} host={forwarded.server.folder}"
    nested = f"""\\! psql -X -w "{own}" -c '\\! psql -X -w "{own}" -c "SELECT 1"'\n"""
    done = forwarded.run(nested, user=USER, database=DATABASES[USER])
    assert f'too many connections for role "{USER}"' in done.stderr
