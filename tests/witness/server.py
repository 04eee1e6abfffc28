"""Run ministack, an independent emulator of AWS, by HTTPS on this machine, with IAM enforced on every call."""

import json
import os
import socket
import ssl
import subprocess
import time
import tomllib
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.virtualenvs import install
from wealist.emulator.server import HOST, clean_environment
from wealist.project import ROOT
from wealist.set_up import requirements
from wealist.spec.account import ACCOUNT_ID, REGION

READY_WITHIN: Final = 60.0
_PACKAGES: Final = Path(__file__).with_name("ministack.toml")
_TLS: Final = "from ministack.core import hypercorn_conf; print(hypercorn_conf.__file__)"
_ROOT: Final = {"AWS_ACCESS_KEY_ID": "root", "AWS_SECRET_ACCESS_KEY": "root"}


class Ministack:
    """A running ministack with one empty account; a context manager."""

    def __init__(self, folder: Path) -> None:
        """Prepare without starting it.

        Args:
            folder: The folder for the certificate and the log.
        """
        self._folder = folder
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.certificate = folder / "certificate.pem"

    @property
    def endpoint(self) -> str:
        """The URL of every AWS service."""
        return f"https://{HOST}:{self._port}"

    def environment(self, credentials: Mapping[str, str] = _ROOT) -> dict[str, str]:
        """Return a process environment in which Terraform and boto3 reach only this account, by default as its root."""
        reached = {"AWS_ENDPOINT_URL": self.endpoint, "AWS_CA_BUNDLE": str(self.certificate)}
        return clean_environment(os.environ) | reached | dict(credentials)

    def __enter__(self) -> Self:
        """Start, and wait until the health check succeeds."""
        python = install("ministack", _requirements())
        self._folder.mkdir(parents=True, exist_ok=True)
        key = self._folder / "key.pem"
        _write_certificate(self.certificate, key)
        settings = {
            "AUTH": "true",
            "USE_SSL": "1",
            "MINISTACK_SSL_CERT": str(self.certificate),
            "MINISTACK_SSL_KEY": str(key),
            "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
            "MINISTACK_REGION": REGION,
            "MINISTACK_HOST": HOST,
            "GATEWAY_PORT": str(self._port),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        }
        tls = subprocess.run([python, "-c", _TLS], check=True, capture_output=True, text=True).stdout.strip()
        # `python -m ministack` would also listen on port 443 if it can.
        program = ["-m", "hypercorn", "--config", f"file:{tls}", "--bind", f"{HOST}:{self._port}", "ministack.app:app"]
        with (self._folder / "ministack.log").open("w") as log:
            self._process = subprocess.Popen(
                [python, *program], env=clean_environment(os.environ) | settings | _ROOT, stdout=log, stderr=log
            )
        self._wait_until_healthy()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop. The account is lost."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def reset(self) -> None:
        """Empty the account."""
        self._ask("/_ministack/reset", method="POST")

    def _ask(self, path: str, *, method: str = "GET") -> Any:
        request = urllib.request.Request(f"{self.endpoint}{path}", method=method)  # noqa: S310  our own https endpoint
        context = ssl.create_default_context(cafile=str(self.certificate))
        with urllib.request.urlopen(request, context=context) as answer:  # noqa: S310
            return json.loads(answer.read())

    def _wait_until_healthy(self) -> None:
        end = time.monotonic() + READY_WITHIN
        while time.monotonic() < end:
            with suppress(OSError):
                self._ask("/_ministack/health")
                return
            time.sleep(0.2)
        self.__exit__(None, None, None)
        raise SystemExit(f"ministack does not answer; read {self._folder / 'ministack.log'}")


def _requirements() -> list[str]:
    packages = tomllib.loads(_PACKAGES.read_text(encoding="utf-8"))
    lock = requirements(json.loads((ROOT / "Pipfile.lock").read_text(encoding="utf-8")))
    shared = [line for line in lock if line.partition("==")[0] in packages["from_lock"]]
    return [*packages["packages"], *shared]


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


def _write_certificate(certificate: Path, key: Path) -> None:
    """Write a self-signed certificate for the loopback address, valid for one day."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key.touch(mode=0o600)
    key.write_bytes(private.private_bytes(encoding, form, serialization.NoEncryption()))
