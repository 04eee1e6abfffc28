"""Certificates and versions are reported before they expire."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.synthesized import environment
from wealist.operations.pipeline import reminders
from wealist.operations.pipeline.reminders import certificates
from wealist.operations.preflight import end_of_support
from wealist.operations.preflight.end_of_support import Support

TODAY = dt.datetime.now(dt.UTC).date()
HOST = "127.0.0.1"


def certificate(folder: Path, lasts: dt.timedelta) -> Path:
    """A self-signed certificate for this machine, with its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + lasts)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
    return file


@contextmanager
def served(file: Path) -> Iterator[int]:
    """Run a TLS server, and yield its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with socket.create_server((HOST, 0)) as server:

        def accept() -> None:
            while True:
                try:
                    client, _ = server.accept()
                    context.wrap_socket(client, server_side=True).close()
                except ssl.SSLError:
                    continue
                except OSError:  # shut down
                    return

        thread = threading.Thread(target=accept)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the only certificate that TLS clients trust."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    return tmp_path


def reported(folder: Path, lasts: dt.timedelta) -> list[str]:
    with served(certificate(folder, lasts)) as port:
        return list(certificates([(HOST, port)], TODAY))


def test_a_certificate_that_is_valid_for_long_is_not_reported(trusted: Path) -> None:
    assert reported(trusted, dt.timedelta(days=60)) == []


@pytest.mark.parametrize("days", [1, 30])
def test_a_certificate_that_soon_expires_is_reported_with_its_day(trusted: Path, days: int) -> None:
    ends = (dt.datetime.now(dt.UTC) + dt.timedelta(days=days)).date()
    assert reported(trusted, dt.timedelta(days=days)) == [f"{HOST}: its certificate ends on {ends}"]


def test_an_untrusted_certificate_is_reported(tmp_path: Path) -> None:
    (line,) = reported(tmp_path, dt.timedelta(days=60))
    assert line.startswith(f"{HOST}: its certificate cannot be verified: ")


def test_an_expired_certificate_is_reported(trusted: Path) -> None:
    (line,) = reported(trusted, dt.timedelta(hours=-1))
    assert "its certificate cannot be verified" in line


def test_an_unreachable_host_is_reported_and_the_next_one_is_checked(trusted: Path) -> None:
    with socket.create_server((HOST, 0)) as closed:
        closed_port = closed.getsockname()[1]
    with served(certificate(trusted, dt.timedelta(days=5))) as port:
        lines = list(certificates([(HOST, closed_port), (HOST, port)], TODAY))
    assert ["cannot be verified" in line for line in lines] == [True, False]


def test_a_version_is_reported_before_and_after_the_end_of_its_support_and_without_a_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    end = dt.date(2030, 1, 31)
    row = Support.model_validate({"end": end, "source": "https://example.com/calendar"})
    others = Support.model_validate({"end": "", "source": "https://example.com/calendar"})
    used = end_of_support.in_use([environment("prod")])
    rows: dict[str, dict[str, Support]] = {product: {} for product, _ in used}
    for product, version in used:
        rows[product][version] = row if product == "redis" else others
    monkeypatch.setattr(end_of_support, "read", lambda: rows)
    assert end_of_support.ending([environment("prod")], end - end_of_support.NOTICE - dt.timedelta(days=1)) == []
    (line,) = end_of_support.ending([environment("prod")], end)
    assert line == "redis 7: its support ends on 2030-01-31 (https://example.com/calendar)"
    (line,) = end_of_support.ending([environment("prod")], end + dt.timedelta(days=1))
    assert "ended on 2030-01-31" in line
    del rows["redis"]["7"]
    (line,) = end_of_support.ending([environment("prod")], end)
    assert line == f"redis 7: {end_of_support.SHOWN} has no row for it"


def test_each_action_and_runner_of_the_workflows_has_a_row() -> None:
    rows = end_of_support.read()
    used = end_of_support.in_use([environment("dev"), environment("prod")])
    assert {"actions/checkout", "runner", "node", "python"} <= {product for product, _ in used}
    assert [(product, version) for product, version in used if version not in rows.get(product, {})] == []


def test_reminders_have_different_markers_and_titles() -> None:
    every = reminders.reminders()
    assert {each.name for each in every} == {"waivers", "certificates", "versions"}
    assert len({each.marker for each in every}) == len({each.title for each in every}) == len(every)
