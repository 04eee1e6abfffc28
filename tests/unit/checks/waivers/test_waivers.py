"""A waiver has a reason and a day of review, and covers exactly what it names on every day."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from tests.guarded import synthesis
from wealist.checks import rules, waivers
from wealist.checks.finding import Finding
from wealist.checks.waivers import REVIEW, UNUSED, Asker, Waiver, asker, judge, notes, unused
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


@pytest.mark.parametrize("day", [dt.date(1999, 1, 1), dt.date(2027, 1, 1), dt.date(2999, 1, 1)])
def test_what_a_waiver_covers_is_waived_whenever_it_ends(day: dt.date) -> None:
    assert judge([SITE], [ends(day)]) == waivers.Judged((), ((SITE, ends(day)),))


@pytest.mark.parametrize(("left", "reported"), [(-400, True), (0, True), (1, True), (60, True), (61, False)])
def test_a_waiver_is_reported_from_sixty_days_before_its_end(left: int, *, reported: bool) -> None:
    waiver = ends(TODAY + dt.timedelta(days=left))
    assert bool(notes([waiver], TODAY)) is reported


def test_those_that_end_first_are_reported_first_under_what_is_to_be_done() -> None:
    early, late = ends(TODAY, line=9), ends(TODAY + dt.timedelta(days=9), line=2)
    assert notes([late, early], TODAY) == [
        f"2 waivers have ended by 2026-11-22, or will within 60 days: {REVIEW}",
        "waivers.toml:9 ended on 2026-11-22: S3.14, CKV_AWS_21. as documented",
        "waivers.toml:2 ends on 2026-12-01: S3.14, CKV_AWS_21. as documented",
    ]


def test_where_none_ends_there_is_no_note() -> None:
    assert notes([ends(dt.date(2028, 1, 1))], TODAY) == []


def test_by_a_clock_that_is_behind_it_is_said_that_nothing_can_be_told() -> None:
    (note,) = notes([ends(dt.date(1999, 1, 1))], dt.date(2000, 1, 1))
    assert note.startswith("the clock of this machine says 2000-01-01")


@pytest.mark.parametrize(
    "other",
    [
        Finding("prod", SITE.address, "S3.5", "", ""),
        Finding("prod", "aws_s3_bucket.access_logs_logs_bucket", "S3.14", "", ""),
    ],
    ids=["another control", "another address"],
)
def test_nothing_else_is_waived(other: Finding) -> None:
    assert judge([other], [WAIVER]).failed == (other,)


def test_a_waiver_of_one_stack_covers_no_other() -> None:
    of_dev = replace(WAIVER, stacks=("dev",), addresses=("*",))
    assert judge([SITE], [of_dev]).failed == (SITE,)


def test_a_control_that_nothing_needs_waived_is_told_one_by_one() -> None:
    found = unused([WAIVER], [(SITE, WAIVER)], lambda _: True)
    assert [(finding.control, finding.address) for finding in found] == [(UNUSED, "waivers.toml:7")]
    assert "CKV_AWS_21" in found[0].problem


def test_of_controls_that_were_not_asked_about_nothing_is_said() -> None:
    assert unused([WAIVER], [], lambda control: control == "S3.14")[0].problem.startswith("nothing fails S3.14")
    assert len(unused([WAIVER], [], lambda control: control == "S3.14")) == 1


def test_the_committed_waivers_are_all_needed() -> None:
    known = waivers.read()
    outcome = judge(rules.prove(synthesis()), known)
    assert outcome.failed == ()
    assert unused(known, outcome.waived, lambda control: waivers.asker(control) is Asker.CHECK) == []


def test_a_waiver_is_read_with_its_place(tmp_path: Path) -> None:
    (read,) = waivers.read(file(tmp_path, f"# why\n{ENTRY}"))
    assert read.place == "waivers.toml:3"
    assert read.covers("prod", SITE.address, "S3.14")
    assert read.expires == dt.date(2027, 11, 1)


@pytest.mark.parametrize(
    ("control", "asks"),
    [
        ("S3.14", Asker.CHECK),
        ("launch_template.hop_limit", Asker.CHECK),
        ("CKV_AWS_21", Asker.CHECKOV),
        ("CKV2_AWS_5", Asker.CHECKOV),
        ("s3_bucket_object_versioning", Asker.PROWLER),
    ],
)
def test_a_controls_form_tells_who_asks(control: str, asks: Asker) -> None:
    assert asker(control) is asks


@pytest.mark.parametrize(
    ("reason", "problem"),
    [
        (
            "Versioning is disabled as documented",
            r"line 2: reason = 'Versioning is disabled as documented' is no whole",
        ),
        ("It costs more than it is worth.", 'shares no word with asks = "Versioning of a bucket\'s objects"'),
        ("It is not so, on the day of an apply.", "shares no word with asks"),
    ],
    ids=["no sentence", "cost alone", "small words alone"],
)
def test_a_reason_that_does_not_answer_what_is_asked_is_refused(reason: str, problem: str, tmp_path: Path) -> None:
    text = ENTRY.replace("Versioning is disabled as documented.", reason)
    with pytest.raises(OperatorError, match=problem) as refused:
        waivers.read(file(tmp_path, text))
    assert "what is asked for, why it is not so here" in refused.value.remedy


@pytest.mark.parametrize("reason", ["The site's repository has the versions.", "Its objects are built anew each day."])
def test_a_reason_that_speaks_of_what_is_asked_is_read(reason: str, tmp_path: Path) -> None:
    (read,) = waivers.read(file(tmp_path, ENTRY.replace("Versioning is disabled as documented.", reason)))
    assert read.reason == reason


def test_two_questions_never_share_a_reason(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="is that of line 2: an entry answers one question"):
        waivers.read(file(tmp_path, ENTRY + ENTRY.replace("S3.14", "CKV_AWS_145")))


@pytest.mark.parametrize(
    ("stack", "address", "control"),
    [
        ("prod", "aws_autoscaling_group.monitoring_fleet_asg", "autoscaling_group_multiple_az"),
        ("prod", "aws_ebs_volume.monitoring_data_volume", "ec2_ebs_volume_snapshots_exists"),
        ("prod", "aws_vpc_endpoint.endpoints_s3", "vpc_endpoint_connections_trust_boundaries"),
        (
            "dev",
            "aws_elasticache_replication_group.cache_replication_group",
            "elasticache_redis_cluster_backup_enabled",
        ),
    ],
)
def test_what_decisions_accept_stands_among_the_waivers(stack: str, address: str, control: str) -> None:
    assert [each for each in waivers.read() if each.covers(stack, address, control)]


def test_short_backups_are_accepted_of_dev_alone() -> None:
    address = "aws_elasticache_replication_group.cache_replication_group"
    assert not [
        each for each in waivers.read() if each.covers("prod", address, "elasticache_redis_cluster_backup_enabled")
    ]
