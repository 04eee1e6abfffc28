"""Starts and stops the embedded AWS, and says how to reach it."""

import json
import os
import selectors
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from wealist.emulator.seed import Seed
from wealist.errors import OperatorError
from wealist.project import ROOT, WORK
from wealist.spec.account import ACCOUNT_ID, REGION

HOST: Final = "127.0.0.1"
READY_WITHIN: Final = 120.0
"""Seconds until the server must answer. It takes two; a busy build machine gets time."""
STOP_WITHIN: Final = 5.0


class EmulatedAws:
    """A whole AWS account in a child process, for as long as the context lasts.

    The child ends with the context, and also when this process dies: it watches the pipe that is its stdin.
    """

    def __init__(
        self, *, seeds: Collection[Seed] = frozenset(Seed), port: int = 0, log: Path = WORK / "emulated" / "aws.log"
    ) -> None:
        """Prepare, start nothing yet.

        Args:
            seeds: What the account already holds.
            port: The port to listen on; 0 takes a free one.
            log: Where the server's requests and errors go.
        """
        self._seeds = seeds
        self._port = port
        self._log = log
        self._process: subprocess.Popen[str] | None = None
        self._answers = False

    @property
    def endpoint(self) -> str:
        """The URL of every AWS service, once it answers."""
        return endpoint_at(self.port)

    @property
    def port(self) -> int:
        """The port it listens on. The first who asks waits until the server answers.

        Raises:
            OperatorError: the server cannot start.
        """
        if self._process and not self._answers:
            self._port = self._await_port(self._process)
            self._answers = True
        return self._port

    def environment(self, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
        """A whole environment in which Terraform and boto3 reach this account, and no other."""
        return environment_at(self.port, environ)

    def __enter__(self) -> Self:
        """Start the server, and go on: it gets ready meanwhile."""
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
        """Stop the server; the account is gone with it."""
        self._stop()

    def _await_port(self, process: "subprocess.Popen[str]") -> int:
        """The port the server listens on, from the one line it prints when it is ready."""
        report = _first_line(process)
        if "port" in report:
            return int(report["port"])
        if "misfit" in report:
            raise OperatorError(report["misfit"], remedy=report["remedy"])
        if "error" in report:
            raise OperatorError(
                f"the embedded AWS cannot listen on port {self._port}: {report['error']}",
                remedy="stop the program that listens there, or let the embedded AWS take a free port",
            )
        raise OperatorError("the embedded AWS did not start", remedy=f"read {self._log}")

    def _stop(self) -> None:
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        self._process = None


def endpoint_at(port: int) -> str:
    """The URL of the embedded AWS on a port."""
    return f"http://{HOST}:{port}"


def environment_at(port: int, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """A whole environment in which Terraform and boto3 reach the embedded AWS on a port, and no other.

    The embedded AWS is also the HTTP proxy. S3 control puts the account before the host of an endpoint, and no name
    server knows 290008131187.127.0.0.1; with a proxy, the AWS provider does not ask one. Requests to 127.0.0.1 itself
    never take a proxy. https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config.ProxyFunc
    """
    endpoint = endpoint_at(port)
    return clean_environment(environ) | {"AWS_ENDPOINT_URL": endpoint, "HTTP_PROXY": endpoint, "http_proxy": endpoint}


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment with dummy credentials, and without any AWS setting of theirs.

    A profile, a session, a CA bundle or an endpoint of the operator must not reach the embedded AWS, and nothing
    that belongs to it may reach theirs. https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html
    """
    kept = {key: value for key, value in environ.items() if not key.startswith("AWS_")}
    no_proxy = ",".join(filter(None, [environ.get("NO_PROXY") or environ.get("no_proxy"), HOST]))
    return kept | {
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
    """Settings of moto.

    http://docs.getmoto.org/en/latest/docs/configuration/environment_variables.html
    """
    return {"MOTO_ACCOUNT_ID": ACCOUNT_ID, "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}


def _first_line(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """The server's report; empty if it ended without one or is late."""
    if process.stdout is None:
        return {}
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        line = process.stdout.readline() if selector.select(READY_WITHIN) else ""
    report: dict[str, Any] = json.loads(line) if line else {}
    return report
