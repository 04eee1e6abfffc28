import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from wealist.emulator import server
from wealist.emulator.server import HOST, EmulatedAws, clean_environment, environment_at
from wealist.errors import OperatorError

PARENT = """
import sys, time
from pathlib import Path
from wealist.emulator.server import EmulatedAws
with EmulatedAws(seeds=(), log=Path(sys.argv[1])) as aws:
    print(aws.endpoint, flush=True)
    time.sleep(60)
"""


def answers(endpoint: str) -> bool:
    host, _, port = endpoint.removeprefix("http://").partition(":")
    with socket.socket() as client:
        return client.connect_ex((host, int(port))) == 0


def test_the_embedded_aws_runs_while_its_context_lasts(tmp_path: Path) -> None:
    with EmulatedAws(seeds=(), log=tmp_path / "aws.log") as aws:
        assert aws.environment({})["AWS_ENDPOINT_URL"] == aws.endpoint
        assert answers(aws.endpoint)
    assert not answers(aws.endpoint)


def test_starting_the_embedded_aws_does_not_block(tmp_path: Path) -> None:
    started = time.monotonic()
    with EmulatedAws(seeds=(), log=tmp_path / "aws.log") as aws:
        returned = time.monotonic() - started
        assert answers(aws.endpoint)
        ready = time.monotonic() - started
    assert returned < ready / 2


def test_an_incompatible_moto_is_reported_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = {"incompatible": "corrections was written for moto 5.2: FakeDb has no zone", "remedy": "run `make setup`"}
    monkeypatch.setattr(server, "_first_line", lambda _: report)
    with EmulatedAws(log=tmp_path / "log") as aws, pytest.raises(OperatorError) as refused:
        _ = aws.port
    assert (refused.value.message, refused.value.remedy) == (report["incompatible"], report["remedy"])


def test_a_port_in_use_is_reported(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(OperatorError, match=f"cannot listen on port {port}") as error,
            EmulatedAws(seeds=(), port=port, log=tmp_path / "aws.log") as aws,
        ):
            aws.environment()
    assert "free port" in error.value.remedy


def test_a_failed_start_is_reported_with_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    log = tmp_path / "aws.log"
    with pytest.raises(OperatorError, match="did not start") as error, EmulatedAws(log=log) as aws:
        aws.environment()
    assert error.value.remedy == f"read {log}"


def test_the_embedded_aws_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "aws.log")], stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        endpoint = parent.stdout.readline().strip()
        assert answers(endpoint)
        os.kill(parent.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while answers(endpoint) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not answers(endpoint)


def test_the_operators_aws_settings_do_not_reach_the_embedded_aws() -> None:
    environment = clean_environment({"AWS_PROFILE": "prod", "AWS_CA_BUNDLE": "/ca.pem", "AWS_SESSION_TOKEN": "t"})
    assert not {"AWS_PROFILE", "AWS_CA_BUNDLE", "AWS_SESSION_TOKEN"} & environment.keys()
    assert environment["AWS_SECRET_ACCESS_KEY"] == "embedded"


def test_the_operators_proxy_is_not_used_for_the_embedded_aws() -> None:
    environment = environment_at(1, {"HTTP_PROXY": "http://proxy:3128", "NO_PROXY": "intranet"})
    assert environment["NO_PROXY"] == "intranet,127.0.0.1"
    assert environment["HTTP_PROXY"] == environment["http_proxy"] == environment["AWS_ENDPOINT_URL"]
