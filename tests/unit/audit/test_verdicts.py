"""A failed row is accepted, not ours to mend, or open; an entry that covers nothing is reported."""

import datetime as dt
from pathlib import Path

import pytest

from wealist.checks.waivers import Waiver
from wealist.errors import OperatorError
from wealist.operations.audit.addresses import UNMANAGED, Addresses
from wealist.operations.audit.prowler import Row
from wealist.operations.audit.verdicts import UNUSED, Answer, Entry, Verdict, judge, problems, read

BUCKET, VAULT = "arn:aws:s3:::wealist-dev-site", "arn:aws:backup:ap-northeast-2:1:vault"
PLACES = Addresses({BUCKET: ("dev", "aws_s3_bucket.site")})
WAIVER = Waiver(
    ("s3_replicated", "CKV_AWS_144"), ("dev",), ("aws_s3_bucket.*",), "A copy", "one region", dt.date(2027, 1, 1), 7
)
FORGETS = Entry(("s3_locked",), ("aws_s3_bucket.*",), Verdict.EMULATOR, "moto keeps no locks", 3)
OWNER = Entry(("backup_vault_exists",), ("arn:aws:backup:*",), Verdict.ACCOUNT, "the organisation backs up", 9)
NOT_OURS = (FORGETS, OWNER)


def row(check: str, status: str = "FAIL", resource: str = BUCKET) -> Row:
    return Row(check, status, "it is not so", resource, "https://guide")


def judged(*rows: Row) -> list[Answer]:
    return judge(rows, PLACES, [WAIVER], NOT_OURS)


@pytest.mark.parametrize(
    ("asked", "verdict", "why"),
    [
        (row("s3_replicated"), Verdict.ACCEPTED, WAIVER),
        (row("s3_locked"), Verdict.EMULATOR, FORGETS),
        (row("backup_vault_exists", resource=VAULT), Verdict.ACCOUNT, OWNER),
        (row("s3_encrypted"), Verdict.OPEN, None),
        (row("s3_encrypted", "PASS"), Verdict.PASSED, None),
        (row("s3_replicated", "PASS"), Verdict.PASSED, None),
        (row("s3_replicated", resource="arn:aws:s3:::other"), Verdict.OPEN, None),
        (row("s3_locked", resource="arn:aws:s3:::other"), Verdict.OPEN, None),
        (row("backup_vault_exists"), Verdict.OPEN, None),
    ],
)
def test_a_row_is_judged_by_what_names_its_check_and_its_resource(
    asked: Row, verdict: Verdict, why: Entry | Waiver | None
) -> None:
    (answer,) = judged(asked)
    assert (answer.verdict, answer.why) == (verdict, why)


def test_what_only_people_can_answer_is_no_answer() -> None:
    assert judged(row("s3_locked", "MANUAL")) == []


def test_what_is_open_names_the_check_the_resource_and_the_remedy() -> None:
    failed, _ = problems(judged(row("s3_encrypted"), row("s3_encrypted", resource=VAULT)), [], (), {"s3_encrypted"})
    assert [(each.stack, each.address, each.control) for each in failed] == [
        ("dev", "aws_s3_bucket.site", "s3_encrypted"),
        (UNMANAGED, VAULT, "s3_encrypted"),
    ]
    assert all("waive it in waivers.toml" in each.remedy and "https://guide" in each.remedy for each in failed)


def test_what_is_not_open_does_not_fail() -> None:
    answers = judged(row("s3_replicated"), row("s3_locked"), row("s3_encrypted", "PASS"))
    assert problems(answers, [], (), {"s3_replicated"}) == ([], [])


def test_an_entry_that_covers_nothing_is_reported_check_by_check() -> None:
    answers = judged(row("s3_replicated"), row("backup_vault_exists", resource=VAULT))
    wider = Entry(("backup_vault_exists", "backup_gone"), ("*",), Verdict.ACCOUNT, "theirs", 12)
    failed, needless = problems(answers, [WAIVER], (*NOT_OURS, wider), {"s3_locked", "backup_vault_exists"})
    assert failed == []
    assert [(each.control, each.address) for each in needless] == [
        (UNUSED, "audit.toml:3"),
        (UNUSED, "audit.toml:12"),
        (UNUSED, "audit.toml:12"),
    ]
    assert needless[0].problem == "nothing fails s3_locked at aws_s3_bucket.*"
    assert needless[2].problem == "no framework asks backup_gone"


def test_a_waiver_that_covers_nothing_is_reported_for_prowlers_checks_alone() -> None:
    _, needless = problems([], [WAIVER], (), {"s3_replicated"})
    assert [each.problem for each in needless] == ["nothing fails s3_replicated in dev at aws_s3_bucket.*"]


ENTRY = """
[[entry]]
checks = ["s3_locked"]
addresses = ["*"]
whose = "emulator"
reason = "The embedded AWS keeps no locks of objects."
"""


def test_an_entry_is_read_with_its_place(tmp_path: Path) -> None:
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
        ("addresses", "address", "line 2: address is no column; did you mean 'addresses'"),
    ],
)
def test_an_entry_that_is_not_as_it_must_be_is_refused(old: str, new: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "audit.toml"
    path.write_text(ENTRY.replace(old, new))
    with pytest.raises(OperatorError, match=problem):
        read(path)


def test_what_the_embedded_aws_lets_pass_is_taken_back_by_an_entry_about_it() -> None:
    pretends = Entry(("macie_on",), ("*",), Verdict.EMULATOR, "it pretends", 20, passes=True)
    passed, failed = judge([row("macie_on", "PASS"), row("macie_on")], PLACES, [], [pretends])
    assert (passed.verdict, passed.why) == (Verdict.EMULATOR, pretends)
    assert failed.verdict is Verdict.OPEN
