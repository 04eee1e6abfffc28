"""The result of a requirement, and the reports of an audit."""

import datetime as dt
import random
from pathlib import Path

import pytest

from wealist.checks.finding import Finding
from wealist.checks.rules import Verdict as Own
from wealist.checks.waivers import Waiver
from wealist.operations.audit.prowler import Framework, Requirement
from wealist.operations.audit.report import Results, write
from wealist.operations.audit.verdicts import Answer, Entry, Verdict

WAIVER = Waiver(("a",), ("*",), ("*",), "A copy", "One region | holds all.", dt.date(2027, 1, 1), 7)
EMULATED = Entry(("a",), ("*",), Verdict.EMULATOR, "It forgets copies.", 3)
OWNER = Entry(("a",), ("*",), Verdict.ACCOUNT, "The organisation copies.", 9)
WHY: dict[Verdict, Entry | Waiver] = {Verdict.ACCEPTED: WAIVER, Verdict.EMULATOR: EMULATED, Verdict.ACCOUNT: OWNER}
FRAMEWORK = Framework("fsbp_9", "Best Practices", "audit-fsbp.md")


def answer(verdict: Verdict, check: str = "a", resource: str = "aws_s3_bucket.site") -> Answer:
    return Answer(Finding("dev", resource, check, f"{resource} has none", "meet it"), verdict, WHY.get(verdict))


PASSED, ACCEPTED, EMULATOR, ACCOUNT, OPEN = map(answer, Verdict)


@pytest.mark.parametrize(
    ("answers", "result"),
    [
        ([PASSED, PASSED], "passed"),
        ([PASSED, EMULATOR], "not covered: the embedded AWS cannot tell"),
        ([PASSED, ACCEPTED, EMULATOR], "accepted"),
        ([PASSED, ACCEPTED, ACCOUNT], "not covered: the account's owner"),
        ([PASSED, ACCEPTED, EMULATOR, ACCOUNT, OPEN], "**open**"),
        ([answer(Verdict.OPEN, "another_check")], "not covered: nothing answered"),
        ([], "not covered: nothing answered"),
    ],
)
def test_a_requirement_has_the_result_of_its_worst_answer(answers: list[Answer], result: str) -> None:
    assert Results(answers, []).result(Requirement("S3.1", "Block", ("a", "b"))) == result


@pytest.mark.parametrize(
    ("statuses", "result"),
    [
        (("passed", "passed"), "passed by `wealist check`"),
        (("passed", "waived"), "accepted by `wealist check`"),
        (("passed", "waived", "failed"), "**open** by `wealist check`"),
        ((), "not covered: Prowler does not ask"),
    ],
)
def test_our_rule_decides_a_requirement_without_an_answer_of_prowler(statuses: tuple[str, ...], result: str) -> None:
    own = [Own("S3.1", "dev", "aws_s3_bucket.site", status) for status in statuses]  # type: ignore[arg-type]
    assert Results([], own).result(Requirement("S3.1", "Block", ())) == result
    assert Results([PASSED], own).result(Requirement("S3.1", "Block", ("a",))) == "passed"


def test_our_rule_decides_if_the_embedded_aws_cannot_tell_and_no_answer_is_worse() -> None:
    own = [Own("S3.1", "dev", "aws_s3_bucket.site", "passed")]
    requirement = Requirement("S3.1", "Block", ("a",))
    assert Results([PASSED, EMULATOR], own).result(requirement) == "passed by `wealist check`"
    assert Results([ACCEPTED, EMULATOR], own).result(requirement) == "accepted"
    assert Results([OPEN, EMULATOR], own).result(requirement) == "**open**"


FRAMEWORKS = {FRAMEWORK: [Requirement("S3.1", "Block | all", ("a", "b")), Requirement("1.1", "Boards meet", ())]}


def written(folder: Path, answers: list[Answer]) -> tuple[str, str]:
    """Write the pages, and return the overview and the framework's page."""
    write(answers, FRAMEWORKS, [], folder / "audit.md")
    return (folder / "audit.md").read_text(), (folder / "audit-fsbp.md").read_text()


def test_a_frameworks_page_lists_failed_checks_and_counts_passed_ones(tmp_path: Path) -> None:
    _, page = written(
        tmp_path, [PASSED, PASSED, ACCEPTED, answer(Verdict.EMULATOR, "b"), answer(Verdict.OPEN, "other")]
    )
    assert page.startswith("# Best Practices\n")
    assert page.splitlines()[-2:] == [
        "| S3.1 Block \\| all | accepted | 2 | accepted: `a`; emulator: `b` |",
        "| 1.1 Boards meet | not covered: Prowler does not ask | 0 |  |",
    ]


def test_the_overview_has_each_reason_once_with_its_checks(tmp_path: Path) -> None:
    first, _ = written(tmp_path, [ACCEPTED, ACCEPTED, answer(Verdict.ACCEPTED, "b"), ACCOUNT, EMULATOR, PASSED])
    assert "| `a` 2, `b` 1 | One region \\| holds all. |" in first
    assert "| `a` 1 | The organisation copies. |" in first
    assert "| accepted | 3 |" in first
    assert "| [Best Practices](audit-fsbp.md) | 0 | 0 | 2 | 0 |" in first
    assert "## Open" not in first


def test_the_order_and_ids_of_answers_do_not_change_the_text(tmp_path: Path) -> None:
    answers = [PASSED, ACCEPTED, EMULATOR, ACCOUNT, OPEN, answer(Verdict.OPEN, "b")]
    shuffled = [answer(each.verdict, each.finding.control, f"i-{number}") for number, each in enumerate(answers)]
    random.Random(7).shuffle(shuffled)  # noqa: S311  an order, not a secret
    assert written(tmp_path / "one", answers) == written(tmp_path / "other", shuffled)
