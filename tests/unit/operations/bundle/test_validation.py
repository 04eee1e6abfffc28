"""The health check of a deployment, against real servers on this machine."""

import contextlib
import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.instance import Instance, real
from tests.unit.operations.bundle.agent import TOOLS
from wealist.operations.bundle.contents import contents
from wealist.spec.environments import load

pytestmark = pytest.mark.integration

PATH: Final = "/api/users/actuator/health"


class Answers(http.server.BaseHTTPRequestHandler):
    """Answers each request with the next of the server's answers, and the last one from then on."""

    def do_GET(self) -> None:  # the name is the base class's
        answers: list[tuple[float, int]] = self.server.answers  # type: ignore[attr-defined]  # set below
        delay, status = answers.pop(0) if len(answers) > 1 else answers[0]
        time.sleep(delay)
        with contextlib.suppress(BrokenPipeError):  # curl did not wait for it
            self.send_response(status if self.path == PATH else 404)
            self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextlib.contextmanager
def server(*answers: tuple[float, int], after: float = 0) -> Iterator[int]:
    """A server that answers with (seconds, status); it begins to listen after some seconds. Yields its port."""
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
    """Runs the script of a bundle with another port and times. Returns its exit code, and what it said."""
    instance = Instance(root, tools=(*TOOLS, "curl", "sleep"), stand_ins={"docker": 'echo "docker $*"'})
    (prod,) = load(["prod"])
    chosen = {"port": port, "start_seconds": start, "healthy_within_seconds": seconds}
    for path, file in contents(prod, prod.services[0].model_copy(update=chosen), "latest").items():
        instance.put(f"bundle/{path}", file.content.decode())
    done = instance.run(str(root / "bundle/scripts/validate_service.sh"))
    return done.returncode, done.stdout + done.stderr


def test_this_machine_has_curl() -> None:
    assert real("curl")


def test_a_healthy_service_is_let_through_at_once(tmp_path: Path) -> None:
    with server((0, 200)) as port:
        started = time.monotonic()
        code, said = validate(tmp_path, port, seconds=30)
    assert code == 0, said
    assert time.monotonic() - started < 30
    assert f"is healthy: http://127.0.0.1:{port}{PATH}" in said


def test_nothing_is_asked_before_the_wait_is_over(tmp_path: Path) -> None:
    with server((0, 200)) as port:
        started = time.monotonic()
        code, said = validate(tmp_path, port, seconds=30, start=2)
    assert code == 0, said
    assert time.monotonic() - started >= 2


def test_the_wait_counts_among_the_time_that_a_service_has(tmp_path: Path) -> None:
    with server((0, 503)) as port:
        started = time.monotonic()
        code, said = validate(tmp_path, port, seconds=4, start=3)
    assert code == 1, said
    assert time.monotonic() - started < 3 + 4
    assert "is not healthy after 4 seconds" in said


def test_a_service_that_is_slow_to_start_is_waited_for(tmp_path: Path) -> None:
    with server((0, 503), (0, 503), (0, 200), after=1.5) as port:
        code, said = validate(tmp_path, port, seconds=30)
    assert code == 0, said


def test_a_service_that_never_listens_fails_when_its_time_is_over(tmp_path: Path) -> None:
    with server((0, 200)) as port:
        pass
    started = time.monotonic()
    code, said = validate(tmp_path, port, seconds=3)
    assert code == 1
    assert time.monotonic() - started >= 2
    assert "is not healthy after 3 seconds" in said
    assert "last answered 000" in said


@pytest.mark.parametrize("status", [302, 401, 404, 500, 503])
def test_any_other_answer_than_200_is_a_failure_and_is_named(tmp_path: Path, status: int) -> None:
    with server((0, status)) as port:
        code, said = validate(tmp_path, port, seconds=2)
    assert code == 1
    assert f"last answered {status}" in said
    assert "docker logs --tail 30 user-service" in said


def test_a_service_that_flaps_is_not_healthy(tmp_path: Path) -> None:
    flapping = [(0.0, status) for status in (200, 500) * 20]
    with server(*flapping) as port:
        code, said = validate(tmp_path, port, seconds=5)
    assert code == 1, said


def test_an_answer_that_takes_longer_than_the_load_balancer_waits_is_none(tmp_path: Path) -> None:
    with server((7, 200)) as port:
        code, said = validate(tmp_path, port, seconds=4)
    assert code == 1
    assert "last answered 000" in said
