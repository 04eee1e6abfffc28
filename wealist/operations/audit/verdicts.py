"""What becomes of an audit's rows: every failed one is accepted, not ours to mend, or open.

row that failed ─┬─ audit.toml: the embedded AWS's, or the account's owner's ─► not ours
                 ├─ waivers.toml ─────────────────────────────────────────────► accepted
                 └─ neither ──────────────────────────────────────────────────► open: the audit fails
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from wealist.checks import entries, waivers
from wealist.checks.finding import Finding
from wealist.checks.waivers import Checker, Waiver
from wealist.operations.audit.addresses import Addresses
from wealist.operations.audit.prowler import Row

FILE: Final = waivers.FILE.with_name("audit.toml")
UNUSED: Final = "audit.unused"


class Verdict(StrEnum):
    """What becomes of a row."""

    PASSED = "passed"
    ACCEPTED = "accepted"
    EMULATOR = "emulator"
    ACCOUNT = "account"
    OPEN = "open"


@dataclass(frozen=True)
class Entry:
    """One entry of audit.toml.

    Attributes:
        checks: Prowler's ids, in full.
        addresses: Terraform addresses; of what no stack holds, what Prowler names, mostly its ARN. `*` stands for
            anything.
        whose: `emulator`, where the embedded AWS answers otherwise than AWS; `account`, where it is for the owner of
            the account or of the organisation (docs/account.md).
        reason: What the embedded AWS forgets, or who does it, and where.
        line: Where it begins in the file.
        passes: Whether it is about what the embedded AWS lets pass and AWS might not, and not about what fails.
    """

    __pydantic_config__ = entries.STRICT

    checks: entries.Names
    addresses: entries.Names
    whose: Verdict
    reason: entries.Reason
    line: int
    passes: bool = False

    def covers(self, finding: Finding, *, passed: bool) -> bool:
        """Whether it is about a row."""
        named = finding.control in self.checks and any(fnmatchcase(finding.address, each) for each in self.addresses)
        return named and passed is self.passes


@dataclass(frozen=True)
class Answer:
    """A row, judged.

    Attributes:
        finding: What failed, or passed, at Terraform's address.
        verdict: What becomes of it.
        why: The entry or waiver that says so; None of what passed or is open.
    """

    finding: Finding
    verdict: Verdict
    why: Entry | Waiver | None = None


def read(path: Path = FILE) -> list[Entry]:
    """Read audit.toml; raises as `entries.read` does."""
    listed = entries.read(path, "entry", Entry, remedy="each says which checks fail where, whose it is, and why")
    wrong = [
        f"line {each.line}: whose = {each.whose.value!r} is neither 'emulator' nor 'account'"
        for each in listed
        if each.whose not in _WHOSE
    ]
    if wrong:
        raise entries.refused(path, wrong, f"what is accepted stands in {waivers.FILE.name}")
    return listed


_WHOSE: Final = (Verdict.EMULATOR, Verdict.ACCOUNT)


def judge(rows: Iterable[Row], places: Addresses, known: Sequence[Waiver], not_ours: Sequence[Entry]) -> list[Answer]:
    """Judge rows. Those that only people can answer are left out.

    Args:
        rows: As Prowler wrote them.
        places: Terraform's addresses.
        known: The waivers.
        not_ours: The entries of audit.toml.
    """
    return [_judged(_finding(row, places), row.status, known, not_ours) for row in rows if row.status in _ANSWERED]


_ANSWERED: Final = ("PASS", "FAIL")


def _finding(row: Row, places: Addresses) -> Finding:
    stack, address = places.of(row.resource)
    remedy = f"meet it, or waive it in {waivers.FILE.name} with a reason ({row.guide or 'no guide'})"
    return Finding(stack, address, row.check, row.problem, remedy)


def _judged(finding: Finding, status: str, known: Sequence[Waiver], not_ours: Sequence[Entry]) -> Answer:
    passed = status == "PASS"
    if entry := next((each for each in not_ours if each.covers(finding, passed=passed)), None):
        return Answer(finding, entry.whose, entry)
    if passed:
        return Answer(finding, Verdict.PASSED)
    if waiver := next((each for each in known if each.covers(finding.stack, finding.address, finding.control)), None):
        return Answer(finding, Verdict.ACCEPTED, waiver)
    return Answer(finding, Verdict.OPEN)


def problems(
    answers: Iterable[Answer], known: Sequence[Waiver], not_ours: Sequence[Entry], asked: Collection[str]
) -> tuple[list[Finding], list[Finding]]:
    """What is to be done about an audit.

    Args:
        answers: Everything judged.
        known: The waivers.
        not_ours: The entries of audit.toml.
        asked: The checks that ran.

    Returns:
        What is open, which fails; and what of the entries covers nothing, which is reported.
    """
    answers = list(answers)
    accepted = [(each.finding, each.why) for each in answers if isinstance(each.why, Waiver)]
    needless = waivers.unused(known, accepted, lambda control: waivers.checker_of(control) is Checker.PROWLER)
    used = {(each.why, each.finding.control) for each in answers}
    for entry in not_ours:
        needless += [
            Finding(
                "audit",
                f"{FILE.name}:{entry.line}",
                UNUSED,
                f"nothing fails {check} at {', '.join(entry.addresses)}"
                if check in asked
                else f"no framework asks {check}",
                "delete the entry, or what of it covers nothing",
            )
            for check in entry.checks
            if (entry, check) not in used
        ]
    return [each.finding for each in answers if each.verdict is Verdict.OPEN], needless
