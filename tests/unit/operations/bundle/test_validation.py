"""The health check of a deployment, with HTTP servers on this machine."""

import contextlib
import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.instance import Instance
from tests.unit.operations.bundle.agent import TOOLS
from wealist.operations.bundle.contents import contents
from wealist.spec.environments import load

pytestmark = pytest.mark.integration

PATH: Final = "/api/users/actuator/health"


class Answers(http.server.BaseHTTPRequestHandler):
    """Sends the next of the server's responses to each request, and repeats the last one."""

    def do_GET(self) -> None:  # name of the base class
        answers: list[tuple[float, int]] = self.server.answers  # type: ignore[attr-defined]  # set below
        delay, status = answers.pop(0) if len(answers) > 1 else answers[0]
        time.sleep(delay)
        with contextlib.suppress(BrokenPipeError):  # curl timed out
            self.send_response(status if self.path == PATH else 404)
            self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextlib.contextmanager
def server(*answers: tuple[float, int], after: float = 0) -> Iterator[int]:
    """Serve responses (delay in seconds, status), after some seconds. Yield the port."""
    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers, bind_and_activate=False)
    listening.answers = list(answers)  # type: ignore[attr-defined]  # read above
    listening.server_bind()

    def serve() -> None:
        time.sleep(after)
        listening.server_activate()
        listening.serve_forever(poll_interval=0.05)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.server_port
    finally:
        time.sleep(max(0, after))
        listening.shutdown()
        thread.join()
        listening.server_close()


def validate(root: Path, port: int, *, seconds: int, start: int = 0) -> tuple[int, str]:
    """Run the script with other ports and times. Return its exit code and its output."""
    instance = Instance(root, tools=(*TOOLS, "curl", "sleep"), stand_ins={"docker": 'echo "docker $*"'})
    (prod,) = load(["prod"])
    chosen = {"port": port, "start_seconds": start, "healthy_within_seconds": seconds}
    for path, file in contents(prod, prod.services[0].model_copy(update=chosen), "latest").items():
        instance.put(f"bundle/{path}", file.content.decode())
    done = instance.run(str(root / "bundle/scripts/validate_service.sh"))
    return done.returncode, done.stdout + done.stderr


def test_a_healthy_service_succeeds_immediately(tmp_path: Path) -> None:
    with server((0, 200)) as port:
        started = time.monotonic()
        code, output = validate(tmp_path, port, seconds=30)
    assert code == 0, output
    assert time.monotonic() - started < 30
    assert f"is healthy: http://127.0.0.1:{port}{PATH}" in output


def test_the_first_request_is_sent_after_the_wait(tmp_path: Path) -> None:
    with server((0, 200)) as port:
        started = time.monotonic()
        code, output = validate(tmp_path, port, seconds=30, start=2)
    assert code == 0, output
    assert time.monotonic() - started >= 2


def test_the_wait_is_part_of_the_time_limit(tmp_path: Path) -> None:
    with server((0, 503)) as port:
        started = time.monotonic()
        code, output = validate(tmp_path, port, seconds=4, start=3)
    assert code == 1, output
    assert time.monotonic() - started < 3 + 4
    assert "is not healthy after 4 seconds" in output


def test_a_slow_service_is_waited_for(tmp_path: Path) -> None:
    with server((0, 503), (0, 503), (0, 200), after=1.5) as port:
        code, output = validate(tmp_path, port, seconds=30)
    assert code == 0, output


def test_a_service_that_does_not_listen_fails_after_the_time_limit(tmp_path: Path) -> None:
    with server((0, 200)) as port:
        pass
    started = time.monotonic()
    code, output = validate(tmp_path, port, seconds=3)
    assert code == 1
    assert time.monotonic() - started >= 2
    assert "is not healthy after 3 seconds" in output
    assert "last answered 000" in output


@pytest.mark.parametrize("status", [302, 401, 404, 500, 503])
def test_other_status_codes_than_200_fail_and_are_reported(tmp_path: Path, status: int) -> None:
    with server((0, status)) as port:
        code, output = validate(tmp_path, port, seconds=2)
    assert code == 1
    assert f"last answered {status}" in output
    assert "docker logs --tail 30 user-service" in output


def test_an_unstable_service_is_not_healthy(tmp_path: Path) -> None:
    flapping = [(0.0, status) for status in (200, 500) * 20]
    with server(*flapping) as port:
        code, output = validate(tmp_path, port, seconds=5)
    assert code == 1, output


def test_a_response_slower_than_the_load_balancers_timeout_fails(tmp_path: Path) -> None:
    with server((7, 200)) as port:
        code, output = validate(tmp_path, port, seconds=4)
    assert code == 1
    assert "last answered 000" in output
