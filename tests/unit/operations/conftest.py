"""Fixtures for code that calls GitHub, AWS or any other HTTP server."""

from collections.abc import Iterator

import pytest

from tests.github_server import GitHubServer, github_server


@pytest.fixture(scope="session")
def loopback_github() -> Iterator[GitHubServer]:
    """One server for all tests; starting and stopping one takes longer than most tests."""
    with github_server(GitHubServer()) as server:
        yield server


@pytest.fixture
def hub(loopback_github: GitHubServer, monkeypatch: pytest.MonkeyPatch) -> GitHubServer:
    """A GitHub without content, which the process environment leads to."""
    loopback_github.clear()
    for name, value in loopback_github.environ.items():
        monkeypatch.setenv(name, value)
    return loopback_github


@pytest.fixture
def immediate_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries by requests and by boto3 follow at once instead of after a backoff of up to seconds."""
    monkeypatch.setattr("urllib3.util.Retry.get_backoff_time", lambda _: 0)
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
