"""Synthesized environments, and the results of checks for recorded answers of AWS."""

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

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


def no_token() -> GitHub:
    raise OperatorError("there is no token", remedy="export one")


def subject(
    name: str = "dev",
    *,
    client: Any = None,
    github: Callable[[], GitHub] = no_token,
    today: dt.date = TODAY,
    config: Environment | None = None,
    document: Mapping[str, Any] | None = None,
) -> Subject:
    """An environment of the tests, or another configuration with the JSON of its stack."""
    by_name = {each: stack(each) for each in (*SHARED_STACKS, name)}
    if document:
        by_name[name] = read(document)
    return Subject(config or environment(name), by_name, client or RecordedAws({}), github, today)


def rows(checks: Checks, of: Subject) -> list[Row]:
    return [run(check) for check in checks(of)]


@functools.cache
def cached_checks(checks: Checks, name: str) -> tuple[RecordedAws, list[Check]]:
    """The checks of an environment, created once: those of the roles' rights take a tenth of a second."""
    client = RecordedAws({})
    return client, list(checks(subject(name, client=client)))


def results(checks: Checks, answers: Mapping[str, Recording], name: str = "dev", **of: Any) -> dict[str, Row]:
    """The rows of some checks by subject, for recorded answers of AWS."""
    if of:
        return {row.what: row for row in rows(checks, subject(name, client=RecordedAws(answers), **of))}
    client, created = cached_checks(checks, name)
    client.answers = answers
    client.asked.clear()
    return {check.what: run(check) for check in created}


def outcomes(found: Mapping[str, Row]) -> set[Outcome]:
    return {row.outcome for row in found.values()}
