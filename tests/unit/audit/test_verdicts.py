"""A failed row is accepted, not ours to fix, or open; unused entries are reported."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from wealist.checks.waivers import Waiver
from wealist.errors import OperatorError
from wealist.operations.audit.prowler import Row
from wealist.operations.audit.verdicts import (
    UNMANAGED,
    UNUSED,
    Answer,
    Entry,
    Verdict,
    index_arns,
    judge,
    problems,
    read,
)

BUCKET, VAULT = "arn:aws:s3:::wealist-dev-site", "arn:aws:backup:ap-northeast-2:1:vault"
PLACES = {BUCKET: ("dev", "aws_s3_bucket.site")}
WAIVER = Waiver(
    ("s3_replicated", "CKV_AWS_144"), ("dev",), ("aws_s3_bucket.*",), "A copy", "one region", dt.date(2027, 1, 1), 7
)
EMULATED = Entry(("s3_locked",), ("aws_s3_bucket.*",), Verdict.EMULATOR, "moto stores no locks", 3)
OWNER = Entry(("backup_vault_exists",), ("arn:aws:backup:*",), Verdict.ACCOUNT, "the organisation backs up", 9)
ENTRIES = (EMULATED, OWNER)


KEY = "arn:aws:kms:ap-northeast-2:1:key/k"
LOGS = "arn:aws:logs:ap-northeast-2:1:log-group:/wealist/dev"


def resource(kind: str, name: str, arn: str | None, **more: Any) -> dict[str, Any]:
    return {"mode": "managed", "type": kind, "name": name, "instances": [{"attributes": {"arn": arn}}]} | more


STATES = {
    "dev": {
        "resources": [
            resource("aws_kms_key", "encryption_key", KEY),
            resource("aws_cloudwatch_log_group", "logs", f"{LOGS}:*"),
            resource("aws_route", "way_out", None),
            resource("aws_kms_alias", "theirs", "arn:of-data", mode="data"),
        ]
    },
    "bootstrap": {
        "resources": [resource("aws_s3_bucket", "state", "arn:aws:s3:::state", module="module.state_backend")]
    },
}


@pytest.mark.parametrize(
    ("arn", "place"),
    [
        (KEY, ("dev", "aws_kms_key.encryption_key")),
        (LOGS, ("dev", "aws_cloudwatch_log_group.logs")),
        (f"{LOGS}:*", ("dev", "aws_cloudwatch_log_group.logs")),
        ("arn:aws:s3:::state", ("bootstrap", "module.state_backend.aws_s3_bucket.state")),
        ("arn:of-data", (UNMANAGED, "arn:of-data")),
        (f"{KEY}2", (UNMANAGED, f"{KEY}2")),
        ("", (UNMANAGED, "")),
    ],
)
def test_a_finding_has_the_stack_and_address_of_its_arn(arn: str, place: tuple[str, str]) -> None:
    (answer,) = judge([row("a_check", resource=arn)], index_arns(STATES), [], [])
    assert (answer.finding.stack, answer.finding.address) == place


def row(check: str, status: str = "FAIL", resource: str = BUCKET) -> Row:
    return Row(check, status, "it is not so", resource, "https://guide")


def judged(*rows: Row) -> list[Answer]:
    return judge(rows, PLACES, [WAIVER], ENTRIES)


@pytest.mark.parametrize(
    ("asked", "verdict", "why"),
    [
        (row("s3_replicated"), Verdict.ACCEPTED, WAIVER),
        (row("s3_locked"), Verdict.EMULATOR, EMULATED),
        (row("backup_vault_exists", resource=VAULT), Verdict.ACCOUNT, OWNER),
        (row("s3_encrypted"), Verdict.OPEN, None),
        (row("s3_encrypted", "PASS"), Verdict.PASSED, None),
        (row("s3_replicated", "PASS"), Verdict.PASSED, None),
        (row("s3_replicated", resource="arn:aws:s3:::other"), Verdict.OPEN, None),
        (row("s3_locked", resource="arn:aws:s3:::other"), Verdict.OPEN, None),
        (row("backup_vault_exists"), Verdict.OPEN, None),
    ],
)
def test_a_row_is_judged_by_the_entry_or_waiver_for_its_check_and_resource(
    asked: Row, verdict: Verdict, why: Entry | Waiver | None
) -> None:
    (answer,) = judged(asked)
    assert (answer.verdict, answer.why) == (verdict, why)


def test_manual_checks_are_not_judged() -> None:
    assert judged(row("s3_locked", "MANUAL")) == []


def test_an_open_finding_names_the_check_the_resource_and_the_remedy() -> None:
    failed, _ = problems(judged(row("s3_encrypted"), row("s3_encrypted", resource=VAULT)), [], (), {"s3_encrypted"})
    assert [(each.stack, each.address, each.control) for each in failed] == [
        ("dev", "aws_s3_bucket.site", "s3_encrypted"),
        (UNMANAGED, VAULT, "s3_encrypted"),
    ]
    assert all("waive it in waivers.toml" in each.remedy and "https://guide" in each.remedy for each in failed)


def test_accepted_and_passed_rows_do_not_fail() -> None:
    answers = judged(row("s3_replicated"), row("s3_locked"), row("s3_encrypted", "PASS"))
    assert problems(answers, [], (), {"s3_replicated"}) == ([], [])


def test_unused_checks_of_entries_are_reported() -> None:
    answers = judged(row("s3_replicated"), row("backup_vault_exists", resource=VAULT))
    wider = Entry(("backup_vault_exists", "backup_gone"), ("*",), Verdict.ACCOUNT, "theirs", 12)
    failed, unused = problems(answers, [WAIVER], (*ENTRIES, wider), {"s3_locked", "backup_vault_exists"})
    assert failed == []
    assert [(each.control, each.address) for each in unused] == [
        (UNUSED, "audit.toml:3"),
        (UNUSED, "audit.toml:12"),
        (UNUSED, "audit.toml:12"),
    ]
    assert unused[0].problem == "nothing fails s3_locked at aws_s3_bucket.*"
    assert unused[2].problem == "no framework asks backup_gone"


def test_unused_waivers_are_reported_for_prowlers_checks_only() -> None:
    _, unused = problems([], [WAIVER], (), {"s3_replicated"})
    assert [each.problem for each in unused] == ["nothing fails s3_replicated in dev at aws_s3_bucket.*"]


ENTRY = """
[[entry]]
checks = ["s3_locked"]
addresses = ["*"]
whose = "emulator"
reason = "The embedded AWS keeps no locks of objects."
"""


def test_an_entry_is_read_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "audit.toml"
    path.write_text(ENTRY)
    assert read(path) == [
        Entry(("s3_locked",), ("*",), Verdict.EMULATOR, "The embedded AWS keeps no locks of objects.", 2)
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"emulator"', '"nobody"', r"line 2: whose = 'nobody'"),
        ('"emulator"', '"accepted"', r"line 2: whose = 'accepted' is neither 'emulator' nor 'account'"),
        ('checks = ["s3_locked"]', "checks = []", "line 2: checks"),
        ('reason = "The embedded AWS keeps no locks of objects."', 'reason = "no"', "line 2: reason = 'no'"),
        ("addresses", "address", "line 2: address is not a column; did you mean 'addresses'"),
    ],
)
def test_an_invalid_entry_is_rejected(old: str, new: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "audit.toml"
    path.write_text(ENTRY.replace(old, new))
    with pytest.raises(OperatorError, match=problem):
        read(path)


def test_an_entry_can_cover_rows_that_pass_in_the_embedded_aws_only() -> None:
    pretends = Entry(("macie_on",), ("*",), Verdict.EMULATOR, "it pretends", 20, passes=True)
    passed, failed = judge([row("macie_on", "PASS"), row("macie_on")], PLACES, [], [pretends])
    assert (passed.verdict, passed.why) == (Verdict.EMULATOR, pretends)
    assert failed.verdict is Verdict.OPEN
