import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wealist import project
from wealist.emulator import shared
from wealist.emulator.server import HOST, EmulatedAws
from wealist.emulator.shared import publish, shared_environment
from wealist.errors import OperatorError


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that names the kept embedded AWS."""
    monkeypatch.setattr(project, "WORK", tmp_path)
    path = tmp_path / "emulated" / "aws.json"
    path.parent.mkdir()
    return path


@pytest.fixture
def port() -> Iterator[int]:
    """A port with a listening server."""
    with socket.create_server((HOST, 0)) as listener:
        yield int(listener.getsockname()[1])


def test_no_embedded_aws_is_found_without_the_file() -> None:
    assert shared_environment() is None


def test_a_kept_embedded_aws_is_found_by_its_file(place: Path, port: int) -> None:
    place.write_text(json.dumps({"pid": os.getpid(), "port": port}))
    found = shared_environment()
    assert found is not None
    assert found["AWS_ENDPOINT_URL"] == f"http://{HOST}:{port}"
    assert found["AWS_ACCESS_KEY_ID"] == "embedded"


def test_the_file_of_a_command_that_has_ended_is_ignored(place: Path, port: int) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    place.write_text(json.dumps({"pid": ended.pid, "port": port}))
    assert shared_environment() is None


def test_a_port_without_a_server_is_ignored(place: Path) -> None:
    with socket.create_server((HOST, 0)) as listener:
        free = listener.getsockname()[1]
    place.write_text(json.dumps({"pid": os.getpid(), "port": free}))
    assert shared_environment() is None


@pytest.mark.parametrize("text", ["", "{", "{}", '{"pid": 1}'])
def test_an_invalid_file_is_ignored(place: Path, text: str) -> None:
    place.write_text(text)
    assert shared_environment() is None


def test_the_file_exists_while_the_embedded_aws_is_kept_and_says_whether_it_is_ready(place: Path, port: int) -> None:
    with publish(EmulatedAws(port=port)) as ready:
        assert json.loads(place.read_text()) == {"pid": os.getpid(), "port": port, "is_ready": False}
        ready()
        assert json.loads(place.read_text()) == {"pid": os.getpid(), "port": port, "is_ready": True}
    assert list(place.parent.iterdir()) == []


@pytest.mark.parametrize("becomes", ["ready", "gone"])
def test_commands_wait_until_a_kept_embedded_aws_is_ready_or_gone(
    becomes: str, place: Path, port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waits: list[float] = []
    with publish(EmulatedAws(port=port)) as ready:

        def wait(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 3:
                ready() if becomes == "ready" else place.unlink()

        monkeypatch.setattr("time.sleep", wait)
        assert (shared_environment() is not None) == (becomes == "ready")
    assert len(waits) == 3
    assert f"wait until the embedded AWS of process {os.getpid()} is ready" in capsys.readouterr().err


@pytest.mark.usefixtures("place")
def test_a_second_embedded_aws_is_refused_before_the_first_is_ready(port: int) -> None:
    with (
        publish(EmulatedAws(port=port)),
        pytest.raises(OperatorError, match=f"process {os.getpid()} already keeps an embedded AWS running"),
    ):
        shared.refuse_second()
