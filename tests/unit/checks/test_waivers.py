"""A waiver needs a reason and a review date, and covers exactly what it names, on every day."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from tests.syntheses import synthesis
from wealist.checks import rules, waivers
from wealist.checks.finding import Finding
from wealist.checks.waivers import REVIEW, UNUSED, Checker, Waiver, apply_waivers, checker_of, notes, unused
from wealist.errors import OperatorError

TODAY = dt.date(2026, 11, 22)
SITE = Finding("prod", "aws_s3_bucket.frontend_site_bucket", "S3.14", "versioning is off", "enable it")
ASKS = "Versioning of a bucket's objects"
WAIVER = Waiver(
    ("S3.14", "CKV_AWS_21"), ("*",), ("aws_s3_bucket.frontend_*",), ASKS, "as documented", dt.date(2027, 1, 1), 7
)
ENTRY = """
[[waiver]]
controls = ["S3.14"]
stacks = ["*"]
addresses = ["aws_s3_bucket.frontend_site_bucket"]
asks = "Versioning of a bucket's objects"
reason = "Versioning is disabled as documented."
expires = 2027-11-01
"""


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "waivers.toml"
    path.write_text(text, encoding="utf-8")
    return path


def ends(day: dt.date, line: int = 7) -> Waiver:
    return replace(WAIVER, expires=day, line=line)


@pytest.mark.parametrize("day", [dt.date(1999, 1, 1), dt.date(2999, 1, 1)])
def test_a_finding_stays_waived_after_the_waiver_expires(day: dt.date) -> None:
    assert apply_waivers([SITE], [ends(day)]) == waivers.CheckResult((), ((SITE, ends(day)),))


@pytest.mark.parametrize(("left", "reported"), [(-400, True), (0, True), (60, True), (61, False)])
def test_a_waiver_is_reported_from_sixty_days_before_it_expires(left: int, *, reported: bool) -> None:
    waiver = ends(TODAY + dt.timedelta(days=left))
    assert bool(notes([waiver], TODAY)) is reported


def test_expiring_waivers_are_listed_by_date_under_a_remedy() -> None:
    early, late = ends(TODAY, line=9), ends(TODAY + dt.timedelta(days=9), line=2)
    assert notes([late, early], TODAY) == [
        f"2 waivers have ended by 2026-11-22, or will within 60 days: {REVIEW}",
        "waivers.toml:9 ended on 2026-11-22: S3.14, CKV_AWS_21. as documented",
        "waivers.toml:2 ends on 2026-12-01: S3.14, CKV_AWS_21. as documented",
    ]


def test_a_clock_before_the_first_waiver_is_reported_instead() -> None:
    (note,) = notes([ends(dt.date(1999, 1, 1))], dt.date(2000, 1, 1))
    assert note.startswith("the clock of this machine shows 2000-01-01")


@pytest.mark.parametrize(
    ("waiver", "finding"),
    [
        (WAIVER, replace(SITE, control="S3.5")),
        (WAIVER, replace(SITE, address="aws_s3_bucket.access_logs_logs_bucket")),
        (replace(WAIVER, stacks=("dev",), addresses=("*",)), SITE),
    ],
    ids=["another control", "another address", "another stack"],
)
def test_other_findings_are_not_waived(waiver: Waiver, finding: Finding) -> None:
    assert apply_waivers([finding], [waiver]).failed == (finding,)


def test_a_control_of_a_waiver_that_covers_nothing_is_a_finding() -> None:
    (finding,) = unused([WAIVER], [(SITE, WAIVER)], lambda _: True)
    assert (finding.control, finding.address) == (UNUSED, "waivers.toml:7")
    assert "CKV_AWS_21" in finding.problem


def test_controls_that_were_not_checked_are_not_reported_as_unused() -> None:
    (finding,) = unused([WAIVER], [], lambda control: control == "S3.14")
    assert finding.problem.startswith("nothing fails S3.14")


def test_every_committed_waiver_is_used() -> None:
    known = waivers.read()
    result = apply_waivers(rules.prove(synthesis()), known)
    assert result.failed == ()
    assert unused(known, result.waived, lambda control: checker_of(control) is Checker.WEALIST) == []


def test_a_waiver_is_read_with_its_line(tmp_path: Path) -> None:
    (read,) = waivers.read(file(tmp_path, f"# why\n{ENTRY}"))
    assert read.place == "waivers.toml:3"
    assert read.covers("prod", SITE.address, "S3.14")
    assert read.expires == dt.date(2027, 11, 1)


@pytest.mark.parametrize(
    ("control", "checker"),
    [
        ("S3.14", Checker.WEALIST),
        ("launch_template.hop_limit", Checker.WEALIST),
        ("CKV2_AWS_5", Checker.CHECKOV),
        ("s3_bucket_object_versioning", Checker.PROWLER),
    ],
)
def test_the_format_of_a_control_identifies_its_checker(control: str, checker: Checker) -> None:
    assert checker_of(control) is checker


@pytest.mark.parametrize(
    ("reason", "problem"),
    [
        ("Versioning is disabled as documented", r"line 2: reason = 'Versioning is .*' is not a whole sentence"),
        ("It costs more than it is worth.", 'shares no word with asks = "Versioning of a bucket\'s objects"'),
        ("It is not so, on the day of an apply.", "shares no word with asks"),
    ],
    ids=["not a sentence", "about the costs only", "common words only"],
)
def test_a_reason_that_does_not_refer_to_the_requirement_is_rejected(reason: str, problem: str, tmp_path: Path) -> None:
    text = ENTRY.replace("Versioning is disabled as documented.", reason)
    with pytest.raises(OperatorError, match=problem) as refused:
        waivers.read(file(tmp_path, text))
    assert "what is asked for, why it is not so here" in refused.value.remedy


@pytest.mark.parametrize("reason", ["The site's repository has the versions.", "Its objects are built anew each day."])
def test_a_reason_that_shares_a_word_with_the_requirement_is_accepted(reason: str, tmp_path: Path) -> None:
    (read,) = waivers.read(file(tmp_path, ENTRY.replace("Versioning is disabled as documented.", reason)))
    assert read.reason == reason


def test_two_entries_with_the_same_reason_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="repeats the reason of line 2"):
        waivers.read(file(tmp_path, ENTRY + ENTRY.replace("S3.14", "CKV_AWS_145")))


def test_short_backups_are_waived_in_dev_only() -> None:
    address, control = "aws_elasticache_replication_group.cache_replication_group", "elasticache_redis_cluster_backup"
    covering = {
        stack
        for stack in ("dev", "prod")
        for each in waivers.read()
        if each.covers(stack, address, f"{control}_enabled")
    }
    assert covering == {"dev"}
