import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wealist import project
from wealist.emulator.kept import announced, kept_environment
from wealist.emulator.server import HOST, EmulatedAws


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
    assert kept_environment() is None


def test_a_kept_aws_is_found_by_its_file(place: Path, port: int) -> None:
    place.write_text(json.dumps({"pid": os.getpid(), "port": port}))
    found = kept_environment()
    assert found is not None
    assert found["AWS_ENDPOINT_URL"] == f"http://{HOST}:{port}"
    assert found["AWS_ACCESS_KEY_ID"] == "embedded"


def test_the_file_of_a_command_that_has_ended_is_ignored(place: Path, port: int) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    place.write_text(json.dumps({"pid": ended.pid, "port": port}))
    assert kept_environment() is None


def test_a_port_on_which_nobody_listens_is_ignored(place: Path) -> None:
    with socket.create_server((HOST, 0)) as listener:
        free = listener.getsockname()[1]
    place.write_text(json.dumps({"pid": os.getpid(), "port": free}))
    assert kept_environment() is None


@pytest.mark.parametrize("text", ["", "{", "{}", '{"pid": 1}'])
def test_a_file_that_says_nothing_useful_is_ignored(place: Path, text: str) -> None:
    place.write_text(text)
    assert kept_environment() is None


def test_an_aws_is_announced_for_as_long_as_it_is_kept(place: Path, port: int) -> None:
    with announced(EmulatedAws(port=port)):
        assert json.loads(place.read_text()) == {"pid": os.getpid(), "port": port}
    assert not place.exists()
