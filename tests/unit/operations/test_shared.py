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
    """Where a kept embedded AWS is written down."""
    monkeypatch.setattr(project, "WORK", tmp_path)
    path = tmp_path / "emulated" / "aws.json"
    path.parent.mkdir()
    return path


@pytest.fixture
def port() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.create_server((HOST, 0)) as listener:
        yield int(listener.getsockname()[1])


def test_nothing_is_found_where_nothing_is_kept() -> None:
    assert shared_environment() is None


def test_a_kept_aws_is_found_by_its_file(place: Path, port: int) -> None:
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


def test_a_port_on_which_nobody_listens_is_ignored(place: Path) -> None:
    with socket.create_server((HOST, 0)) as listener:
        free = listener.getsockname()[1]
    place.write_text(json.dumps({"pid": os.getpid(), "port": free}))
    assert shared_environment() is None


@pytest.mark.parametrize("text", ["", "{", "{}", '{"pid": 1}'])
def test_a_file_that_says_nothing_useful_is_ignored(place: Path, text: str) -> None:
    place.write_text(text)
    assert shared_environment() is None


def test_an_aws_is_announced_for_as_long_as_it_is_kept_and_then_as_ready(place: Path, port: int) -> None:
    with publish(EmulatedAws(port=port)) as ready:
        assert json.loads(place.read_text()) == {"pid": os.getpid(), "port": port, "is_ready": False}
        ready()
        assert json.loads(place.read_text()) == {"pid": os.getpid(), "port": port, "is_ready": True}
    assert list(place.parent.iterdir()) == []


@pytest.mark.parametrize("becomes", ["ready", "gone"])
def test_a_kept_aws_that_is_not_ready_is_waited_for(
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
def test_a_second_one_is_refused_while_the_first_gets_ready(port: int) -> None:
    with (
        publish(EmulatedAws(port=port)),
        pytest.raises(OperatorError, match=f"process {os.getpid()} already keeps an embedded AWS running"),
    ):
        shared.refuse_second()
