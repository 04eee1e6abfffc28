"""Start and stop the embedded AWS in a child process, and return the process environment that leads to it."""

import json
import os
import selectors
import subprocess
import sys
from collections.abc import Collection, Mapping
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from wealist.errors import OperatorError
from wealist.project import ROOT, WORK
from wealist.spec.account import ACCOUNT_ID, REGION

HOST: Final = "127.0.0.1"
_START_TIMEOUT: Final = 120.0
"""Seconds. The server usually starts within two."""
_STOP_TIMEOUT: Final = 5.0


class Seed(StrEnum):
    """A resource that exists in the account before Terraform runs."""

    STATE_BUCKET = "state-bucket"
    """Created by the `bootstrap` stack."""
    HOSTED_ZONE = "hosted-zone"
    """Created by the `account` stack."""
    GITHUB_OIDC = "github-oidc"
    """Created by the `account` stack."""


class EmulatedAws:
    """A context manager that runs an AWS account in a child process.

    The child process ends with the context. It also ends if this process dies, because it reads from a pipe until the
    pipe is closed.
    """

    def __init__(
        self, *, seeds: Collection[Seed] = frozenset(Seed), port: int = 0, log: Path = WORK / "emulated" / "aws.log"
    ) -> None:
        """Store the settings. The server starts when the context is entered.

        Args:
            seeds: The resources that the account contains at the start. Defaults to all.
            port: The port to listen on. Defaults to a free port.
            log: The file for the server's requests and errors.
        """
        self._seeds = seeds
        self._port = port
        self._log = log
        self._process: subprocess.Popen[str] | None = None
        self._answers = False

    @property
    def endpoint(self) -> str:
        """The endpoint URL of all AWS services. Waits until the server answers."""
        return endpoint_at(self.port)

    @property
    def port(self) -> int:
        """The port that the server listens on. Waits until the server answers.

        Raises:
            OperatorError: the server cannot start.
        """
        if self._process and not self._answers:
            self._port = self._await_port(self._process)
            self._answers = True
        return self._port

    def environment(self, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
        """Return a process environment in which Terraform and boto3 use this account only."""
        return environment_at(self.port, environ)

    def __enter__(self) -> Self:
        """Start the server without waiting until it answers."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "wealist.emulator.server_process", str(self._port), *self._seeds],
                cwd=ROOT,
                env=clean_environment(os.environ) | _moto_settings(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop the server. The account and its resources are lost."""
        self._stop()

    def _await_port(self, process: "subprocess.Popen[str]") -> int:
        """Return the port from the line that the server prints when it is ready."""
        report = _first_line(process)
        if "port" in report:
            return int(report["port"])
        if "incompatible" in report:
            raise OperatorError(report["incompatible"], remedy=report["remedy"])
        if "error" in report:
            raise OperatorError(
                f"the embedded AWS cannot listen on port {self._port}: {report['error']}",
                remedy="stop the program that uses this port, or leave out the port to use a free port",
            )
        raise OperatorError("the embedded AWS did not start", remedy=f"read {self._log}")

    def _stop(self) -> None:
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        self._process = None


def endpoint_at(port: int) -> str:
    """Return the endpoint URL of the embedded AWS on a port."""
    return f"http://{HOST}:{port}"


def environment_at(port: int, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return a process environment in which Terraform and boto3 use the embedded AWS on a port, and no other account.

    The embedded AWS is also the HTTP proxy: the S3 Control API puts the account id in front of the endpoint's host, and
    the name 290008131187.127.0.0.1 cannot be resolved. The AWS provider does not resolve names when it uses a proxy.
    Requests to 127.0.0.1 itself never use it. https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config.ProxyFunc
    """
    endpoint = endpoint_at(port)
    return clean_environment(environ) | {"AWS_ENDPOINT_URL": endpoint, "HTTP_PROXY": endpoint, "http_proxy": endpoint}


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the caller's process environment with dummy credentials and without the caller's AWS settings.

    The operator's profile, session, CA bundle and endpoint would otherwise reach the embedded AWS.
    https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html
    """
    others = {key: value for key, value in environ.items() if not key.startswith("AWS_")}
    no_proxy = ",".join(filter(None, [environ.get("NO_PROXY") or environ.get("no_proxy"), HOST]))
    return others | {
        "AWS_ACCESS_KEY_ID": "embedded",
        "AWS_SECRET_ACCESS_KEY": "embedded",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
    }


def _moto_settings() -> dict[str, str]:
    """Return the process environment variables that configure moto.

    http://docs.getmoto.org/en/latest/docs/configuration/environment_variables.html
    """
    return {"MOTO_ACCOUNT_ID": ACCOUNT_ID, "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}


def _first_line(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """Return the server's report. Empty if the server ended without a report or timed out."""
    if process.stdout is None:
        return {}
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        line = process.stdout.readline() if selector.select(_START_TIMEOUT) else ""
    report: dict[str, Any] = json.loads(line) if line else {}
    return report
