"""The command prints a table or JSON, and its exit code is that of the worst row."""

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
from wealist.operations.preflight.command import cached_clients, exit_code, limits, print_table, run_checks
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
def test_the_exit_code_is_that_of_the_worst_outcome(outcomes: list[Outcome], code: int) -> None:
    assert exit_code([Row(each, "x", "y", "z") for each in outcomes]) == code


@pytest.mark.parametrize("answers", [who("123456789012"), {"sts.get_caller_identity": DENIED}])
def test_with_credentials_of_another_account_aws_is_asked_nothing_else(answers: dict[str, Any]) -> None:
    recorded = RecordedAws(answers)
    outside = Group(lambda _: [Check("download", "there", "", lambda: right("there"))])
    inside = Group(lambda of: [Check("x", "y", "", lambda: right(str(of.client("ec2").describe_vpcs())))], ("a:b",))
    found = run_checks(subject(client=recorded), (outside, inside))
    assert recorded.operations == {"sts.get_caller_identity"}
    assert found[0].outcome != Outcome.RIGHT
    assert "download" in [row.what for row in found]


def test_rows_are_in_the_order_of_the_checks_whichever_ends_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def after(number: int) -> Answer:
        time.sleep(0.01 / (number + 1))
        return right("")

    def checks(_: Subject) -> Iterator[Check]:
        yield from (Check(str(number), "", "", partial(after, number)) for number in range(20))

    monkeypatch.setattr(command, "INSIDE", (Group(checks),))
    found = run_checks(subject(client=RecordedAws(who())), ())
    assert [row.what for row in found[1:]] == [str(number) for number in range(20)]


def test_clients_are_created_once_and_never_concurrently() -> None:
    made: list[tuple[str, str | None]] = []
    active: list[str] = []

    def client(service: str, region: str | None = None) -> object:
        assert not active
        active.append(service)
        time.sleep(0.001)
        made.append((service, region))
        active.clear()
        return object()

    cached = cached_clients(client)
    with ThreadPoolExecutor(8) as workers:
        found = list(workers.map(lambda number: cached("ec2" if number % 2 else "iam"), range(32)))
    assert len(set(map(id, found))) == 2
    assert cached("acm", "us-east-1") is not cached("acm")
    assert sorted(made, key=str) == [("acm", "us-east-1"), ("acm", None), ("ec2", None), ("iam", None)]


def test_boto3s_calls_have_time_outs_and_four_attempts() -> None:
    config = limits()
    assert (config.connect_timeout, config.read_timeout) == (5, 20)
    assert config.retries == {"mode": "standard", "total_max_attempts": 4}


@pytest.mark.parametrize("width", [80, 120, 200])
def test_the_table_shows_every_cell_at_any_width(width: int) -> None:
    printed = io.StringIO()
    print_table("prod", ROWS, Console(width=width, file=printed))
    text = printed.getvalue()
    assert all(len(line) <= width for line in text.splitlines())
    flat = " ".join(text.split())
    for row in ROWS:
        assert all(part in flat for part in (row.outcome, row.what, row.expected, row.remedy))
    positions = [flat.index(f"{row.outcome} {row.what}") for row in (ROWS[0], ROWS[3], ROWS[2], ROWS[1])]
    assert positions == sorted(positions)
    assert flat.endswith("prod: 1 right, 1 wrong, 1 not allowed to look, 1 unreachable")


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Subject]:
    """Replace the checks by `ROWS`, and return the subjects that were checked."""
    subjects: list[Subject] = []
    for name in (*SHARED_STACKS, "dev"):
        folder = tmp_path / "stacks" / name
        folder.mkdir(parents=True)
        (folder / "cdk.tf.json").write_text(json.dumps(stacks()[name].document))
    monkeypatch.setattr(command, "synthesize_into", lambda _: tmp_path)

    def run_checks(of: Subject, _: object) -> list[Row]:
        subjects.append(of)
        return ROWS

    monkeypatch.setattr(command, "run_checks", run_checks)
    monkeypatch.setattr(command, "today", lambda: TODAY)
    return subjects


def test_the_command_prints_the_table_and_returns_the_exit_code(checked: list[Subject]) -> None:
    done = CliRunner().invoke(cli.app, ["preflight", "dev"])
    assert done.exit_code == 1
    assert "apply the account stack" in done.stdout
    (of,) = checked
    assert (of.environment.name, of.stack.name, list(of.stacks)) == ("dev", "dev", ["bootstrap", "account", "dev"])


def test_json_contains_only_the_rows(checked: list[Subject]) -> None:
    done = CliRunner().invoke(cli.app, ["preflight", "dev", "--json"])
    assert [Row(**{**row, "outcome": Outcome(row["outcome"])}) for row in json.loads(done.stdout)] == ROWS
    assert (done.exit_code, len(checked)) == (1, 1)


def test_an_unknown_environment_is_refused() -> None:
    done = CliRunner().invoke(cli.app, ["preflight", "proud"])
    assert isinstance(done.exception, OperatorError)
    assert done.exception.exit_code == 2
    assert "did you mean 'prod'?" in done.exception.remedy
