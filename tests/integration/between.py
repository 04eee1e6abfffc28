"""A proxy in front of the embedded AWS, with rules that reject or hold requests.

Terraform ──→ Between: the first rule with an answer ──→ else the embedded AWS
"""

import http.client
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

from wealist.emulator.server import HOST
from wealist.operations.terraform import Terraform

PATIENCE: Final = 60.0
"""Timeout of every wait, in seconds."""

OF_THE_CONNECTION: Final = {"connection", "content-length", "date", "server", "transfer-encoding"}
"""Headers that are not forwarded."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def service(self) -> str:
        """The service in the signature of the request."""
        scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", self.headers.get("Authorization", ""))
        return scope[1] if scope else ""

    @property
    def operation(self) -> str:
        """The operation, such as `CreateRole`, if the protocol names it, else `PUT /bucket/key`."""
        target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        return target or self.argument("Action") or f"{self.method} {urlsplit(self.path).path}"

    def argument(self, name: str) -> str:
        """Return an argument of a request with a form body; empty if it is missing."""
        values = parse_qs(self.body.decode(errors="replace")).get(name)
        return values[0] if values else ""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


Forward = Callable[[], Answer]
Rule = Callable[[Request, Forward], Answer | None]
"""Answers a request; None leaves it to the next rule."""


def error(request: Request, status: int, code: str) -> Answer:
    """Return an error response in the protocol of the service.

    https://smithy.io/2.0/aws/protocols/index.html
    """
    message = f"{code}, says the test"
    if "json" in request.headers.get("Content-Type", ""):
        body = json.dumps({"__type": code, "message": message})
        return Answer(status, body.encode(), {"Content-Type": "application/json", "X-Amzn-ErrorType": code})
    element = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    of_ec2 = f"<Response><Errors>{element}</Errors><RequestID>test</RequestID></Response>"
    of_others = f"<ErrorResponse>{element}<RequestId>test</RequestId></ErrorResponse>"
    xml = {"s3": element, "ec2": of_ec2}.get(request.service, of_others)
    return Answer(status, xml.encode(), {"Content-Type": "text/xml"})


def concerns(request: Request, operation: str, about: str) -> bool:
    return request.operation.startswith(operation) and about.encode() in request.body


class Hold:
    """Holds one request before AWS receives it, or after AWS has executed it."""

    def __init__(self, operation: str, about: str = "", *, done: bool = False) -> None:
        self._operation, self._about, self._done = operation, about, done
        self._reached, self._decided = threading.Event(), threading.Event()
        self._dropped = False

    def reached(self) -> bool:
        """Wait for the request."""
        return self._reached.wait(PATIENCE)

    def release(self) -> None:
        """Release the request."""
        self._decided.set()

    def drop(self) -> None:
        """Reject the request if it was not released before."""
        self._dropped = not self._decided.is_set()
        self._decided.set()

    def __call__(self, request: Request, forward: Forward) -> Answer | None:
        if not concerns(request, self._operation, self._about):
            return None
        answer = forward() if self._done else None
        self._reached.set()
        self._decided.wait(PATIENCE)
        return answer or (error(request, 503, "Dropped") if self._dropped else forward())


class Between:
    """The proxy, which runs within the context."""

    def __init__(self, environ: Mapping[str, str], *rules: Rule) -> None:
        self.asked: list[Request] = []
        """Every request, in order."""
        self._environ = environ
        self._rules = rules
        self._behind = urlsplit(environ["AWS_ENDPOINT_URL"]).netloc
        self._server = _Server(self._answer)

    def environment(self) -> dict[str, str]:
        """Return the process environment that uses this proxy."""
        return {**self._environ, "AWS_ENDPOINT_URL": f"http://{HOST}:{self._server.server_port}"}

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for rule in self._rules:
            if isinstance(rule, Hold):
                rule.drop()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: Request) -> Answer:
        self.asked.append(request)
        answers = (rule(request, lambda: self._forward(request)) for rule in self._rules)
        return next((answer for answer in answers if answer), None) or self._forward(request)

    def _forward(self, request: Request) -> Answer:
        connection = http.client.HTTPConnection(self._behind, timeout=PATIENCE)
        try:
            connection.request(request.method, request.path, request.body, dict(request.headers))
            got = connection.getresponse()
            length = {"Content-Length": got.headers["Content-Length"]} if request.method == "HEAD" else {}
            headers = {name: value for name, value in got.getheaders() if name.lower() not in OF_THE_CONNECTION}
            return Answer(got.status, got.read(), headers | length)
        finally:
            connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        super().__init__((HOST, 0), _Handler)
        self.answer = answer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Write no log: a killed Terraform does not read the answer."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = self.server.answer(Request(self.command, self.path, dict(self.headers), body))
        self.send_response(answer.status)
        for name, value in ({"Content-Length": str(len(answer.body))} | dict(answer.headers)).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":  # a body would be read as the next response
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 -- the base class's names

    def log_message(self, *_message: Any) -> None:
        """Write no log."""


class Started(subprocess.Popen[str]):
    """A running Terraform. Its output goes to a file, as a full pipe would block it."""

    def __init__(self, terraform: Terraform, *args: str) -> None:
        self._output = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 -- read after Terraform has ended
        super().__init__(
            [*terraform.executable.argv, *args, "-no-color"],
            cwd=terraform.workdir,
            env=terraform.env,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def ended(self) -> str:
        """Wait until it has ended. Returns its output."""
        self.wait(PATIENCE)
        self._output.seek(0)
        return self._output.read()

    def close(self) -> None:
        self._output.close()


@contextmanager
def running(terraform: Terraform, *args: str) -> Iterator[Started]:
    """Run Terraform in its own process group, which is killed when the context ends."""
    process = Started(terraform, *args)
    try:
        yield process
    finally:
        kill(process)
        process.close()


def kill(process: Started) -> None:
    """Kill Terraform and its provider at once, as a power failure would."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(PATIENCE)
