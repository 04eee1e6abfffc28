"""One table of all checks, or the same as JSON; the exit code says how it came out."""

import io
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from tests.recorded_aws import DENIED, RecordedAws
from tests.synthesized import stacks
from tests.unit.operations.preflight.conftest import TODAY, subject
from wealist import cli
from wealist.errors import OperatorError
from wealist.operations.preflight import command
from wealist.operations.preflight.check import Answer, Check, Group, Outcome, Row, Subject, right
from wealist.operations.preflight.command import exit_code, limits, look, once, show
from wealist.spec.account import SHARED_STACKS

ROWS = [
    Row(Outcome.RIGHT, "account", "290008131187", "290008131187"),
    Row(Outcome.WRONG, "hosted zone wealist.co.kr", "one public zone", "none", "apply the account stack"),
    Row(Outcome.DENIED, "plan", "public", "GitHub refuses GET: 403", "give the token the permissions"),
    Row(Outcome.UNREACHABLE, "image x", "there", "no answer (ReadTimeout)", "run this again"),
]


def who(account: str = "290008131187") -> dict[str, Any]:
    return {"sts.get_caller_identity": {"Account": account, "Arn": f"arn:aws:iam::{account}:user/kim", "UserId": "x"}}


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([Outcome.RIGHT], 0),
        ([Outcome.RIGHT, Outcome.DENIED], 2),
        ([Outcome.UNREACHABLE], 2),
        ([Outcome.WRONG], 1),
        ([Outcome.DENIED, Outcome.WRONG, Outcome.UNREACHABLE], 1),
    ],
)
def test_the_exit_code_is_that_of_the_worst(outcomes: list[Outcome], code: int) -> None:
    assert exit_code([Row(each, "x", "y", "z") for each in outcomes]) == code


@pytest.mark.parametrize("answers", [who("123456789012"), {"sts.get_caller_identity": DENIED}])
def test_with_credentials_of_another_account_nothing_else_is_asked_of_aws(answers: dict[str, Any]) -> None:
    recorded = RecordedAws(answers)
    asked_of_others = Group(lambda _: [Check("download", "there", "", lambda: right("there"))])
    asked_of_aws = Group(
        lambda of: [Check("x", "y", "", lambda: right(str(of.client("ec2").describe_vpcs())))], ("a:b",)
    )
    found = look(subject(client=recorded), (asked_of_others, asked_of_aws))
    assert recorded.operations == {"sts.get_caller_identity"}
    assert found[0].outcome != Outcome.RIGHT
    assert "download" in [row.what for row in found]


def test_rows_keep_the_order_of_the_checks_whichever_is_answered_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def after(number: int) -> Answer:
        time.sleep(0.01 / (number + 1))
        return right("")

    def checks(_: Subject) -> Iterator[Check]:
        yield from (Check(str(number), "", "", partial(after, number)) for number in range(20))

    monkeypatch.setattr(command, "INSIDE", (Group(checks),))
    found = look(subject(client=RecordedAws(who())), ())
    assert [row.what for row in found[1:]] == [str(number) for number in range(20)]


def test_clients_are_made_once_and_never_two_at_a_time() -> None:
    made: list[tuple[str, str | None]] = []
    at_work: list[str] = []

    def client(service: str, region: str | None = None) -> object:
        assert not at_work
        at_work.append(service)
        time.sleep(0.001)
        made.append((service, region))
        at_work.clear()
        return object()

    kept = once(client)
    with ThreadPoolExecutor(8) as workers:
        found = list(workers.map(lambda number: kept("ec2" if number % 2 else "iam"), range(32)))
    assert len(set(map(id, found))) == 2
    assert kept("acm", "us-east-1") is not kept("acm")
    assert sorted(made, key=str) == [("acm", "us-east-1"), ("acm", None), ("ec2", None), ("iam", None)]


def test_every_call_of_boto3_ends() -> None:
    config = limits()
    assert (config.connect_timeout, config.read_timeout) == (5, 20)
    assert config.retries == {"mode": "standard", "total_max_attempts": 4}


@pytest.mark.parametrize("width", [80, 120, 200])
def test_the_table_shows_every_part_of_every_row_at_any_width(width: int) -> None:
    printed = io.StringIO()
    show("prod", ROWS, Console(width=width, file=printed))
    text = printed.getvalue()
    assert all(len(line) <= width for line in text.splitlines())
    flat = " ".join(text.split())
    for row in ROWS:
        assert all(part in flat for part in (row.outcome, row.what, row.expected, row.remedy))
    places = [flat.index(f"{row.outcome} {row.what}") for row in (ROWS[0], ROWS[3], ROWS[2], ROWS[1])]
    assert places == sorted(places)
    assert flat.endswith("prod: 1 right, 1 wrong, 1 not allowed to look, 1 unreachable")


@pytest.fixture
def looking(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Subject]:
    """The command with what it looks at, where each look comes out as above."""
    looked: list[Subject] = []
    for name in (*SHARED_STACKS, "dev"):
        folder = tmp_path / "stacks" / name
        folder.mkdir(parents=True)
        (folder / "cdk.tf.json").write_text(json.dumps(stacks()[name].document))
    monkeypatch.setattr(command, "synthesize_into", lambda _: tmp_path)

    def look_at(of: Subject, _: object) -> list[Row]:
        looked.append(of)
        return ROWS

    monkeypatch.setattr(command, "look", look_at)
    monkeypatch.setattr(command, "today", lambda: TODAY)
    return looked


def test_the_command_prints_the_table_and_ends_with_the_code(looking: list[Subject]) -> None:
    done = CliRunner().invoke(cli.app, ["preflight", "dev"])
    assert done.exit_code == 1
    assert "apply the account stack" in done.stdout
    (of,) = looking
    assert (of.environment.name, of.stack.name, list(of.stacks)) == ("dev", "dev", ["bootstrap", "account", "dev"])


def test_json_is_the_rows_and_nothing_else(looking: list[Subject]) -> None:
    done = CliRunner().invoke(cli.app, ["preflight", "dev", "--json"])
    assert [Row(**{**row, "outcome": Outcome(row["outcome"])}) for row in json.loads(done.stdout)] == ROWS
    assert (done.exit_code, len(looking)) == (1, 1)


def test_an_environment_that_is_not_there_is_refused_before_anything_is_synthesized() -> None:
    done = CliRunner().invoke(cli.app, ["preflight", "proud"])
    assert isinstance(done.exception, OperatorError)
    assert done.exception.exit_code == 2
    assert "did you mean 'prod'?" in done.exception.remedy
