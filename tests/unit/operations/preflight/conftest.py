"""What preflight looks at in tests: synthesized environments of the tests, and whatever AWS and GitHub answer."""

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.github_server import GitHubServer, github_server
from tests.recorded_aws import RecordedAws, Recording
from tests.synthesized import environment, stacks
from wealist.errors import OperatorError
from wealist.model.stack import StackJson, parse
from wealist.operations.pipeline.github import GitHub
from wealist.operations.preflight.check import Check, Outcome, Row, Subject, run
from wealist.spec.account import SHARED_STACKS
from wealist.spec.environment import Environment

TODAY = dt.date(2026, 11, 28)
Checks = Callable[[Subject], Iterable[Check]]


def read(document: Mapping[str, Any]) -> StackJson:
    return parse(document, Path("cdk.tf.json"))


@functools.cache
def stack(name: str) -> StackJson:
    return read(stacks()[name].document)


def nobody() -> GitHub:
    raise OperatorError("there is no token", remedy="export one")


def subject(
    name: str = "dev",
    *,
    client: Any = None,
    github: Callable[[], GitHub] = nobody,
    today: dt.date = TODAY,
    config: Environment | None = None,
    document: Mapping[str, Any] | None = None,
) -> Subject:
    """An environment of the tests, or another one by the document of its stack."""
    made = {each: stack(each) for each in (*SHARED_STACKS, name)}
    if document:
        made[name] = read(document)
    return Subject(config or environment(name), made, client or RecordedAws({}), github, today)


def rows(checks: Checks, of: Subject) -> list[Row]:
    return [run(check) for check in checks(of)]


def looked(checks: Checks, answers: Mapping[str, Recording], name: str = "dev", **of: Any) -> dict[str, Row]:
    """The rows of some checks by what they are about, where AWS answers as recorded."""
    return {row.what: row for row in rows(checks, subject(name, client=RecordedAws(answers), **of))}


def outcomes(found: Mapping[str, Row]) -> set[Outcome]:
    return {row.outcome for row in found.values()}


@pytest.fixture
def hub() -> Iterator[GitHubServer]:
    with github_server(GitHubServer()) as server:
        yield server
