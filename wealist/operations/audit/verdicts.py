"""Judge the rows of an audit: every failed row is accepted, not ours to fix, or open.

row that failed ─┬─ audit.toml: an error of the embedded AWS, or the account owner's duty ─► emulator, account
                 ├─ waivers.toml ──────────────────────────────────────────────────────────► accepted
                 └─ neither ───────────────────────────────────────────────────────────────► open: the audit fails

Prowler reports ARNs; the states of the stacks map them to Terraform's addresses.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from wealist.checks import entries, waivers
from wealist.checks.finding import Finding
from wealist.checks.waivers import Checker, Waiver
from wealist.operations.audit.prowler import Row

FILE: Final = waivers.FILE.with_name("audit.toml")
UNUSED: Final = "audit.unused"
UNMANAGED: Final = "unmanaged"
"""The stack's name of resources in no stack: the account itself, AWS's own resources, instances of a group."""
_LOG_STREAMS: Final = ":*"
"""The end of a log group's ARN, which is optional."""
_JUDGED: Final = ("PASS", "FAIL")


class Verdict(StrEnum):
    """The judgement of a row."""

    PASSED = "passed"
    ACCEPTED = "accepted"
    EMULATOR = "emulator"
    ACCOUNT = "account"
    OPEN = "open"


_WHOSE: Final = (Verdict.EMULATOR, Verdict.ACCOUNT)


@dataclass(frozen=True)
class Entry:
    """One entry of audit.toml.

    Attributes:
        checks: Prowler's check ids, in full.
        addresses: Terraform addresses, or for resources in no stack the ids that Prowler reports, mostly ARNs. `*`
            matches any text.
        whose: `emulator` if the embedded AWS answers differently than AWS; `account` if the owner of the account or of
            the organisation acts (docs/account.md).
        reason: What the embedded AWS does differently, or who acts and where.
        line: The entry's first line in the file.
        passes: Whether the entry covers rows that passed, and that AWS might fail, instead of rows that failed.
    """

    __pydantic_config__ = entries.STRICT

    checks: entries.Names
    addresses: entries.Names
    whose: Verdict
    reason: entries.Reason
    line: int
    passes: bool = False

    def covers(self, finding: Finding, *, passed: bool) -> bool:
        """Return whether the entry covers a row."""
        matches = finding.control in self.checks and any(fnmatchcase(finding.address, each) for each in self.addresses)
        return matches and passed is self.passes


@dataclass(frozen=True)
class Answer:
    """A judged row.

    Attributes:
        finding: The row, at Terraform's address.
        verdict: The judgement.
        why: The entry or waiver that decided; None if the row passed or is open.
    """

    finding: Finding
    verdict: Verdict
    why: Entry | Waiver | None = None


def read(path: Path = FILE) -> list[Entry]:
    """Read audit.toml; raises as `entries.read` does."""
    listed = entries.read(path, "entry", Entry, remedy="each says which checks fail where, whose it is, and why")
    invalid = [
        f"line {each.line}: whose = {each.whose.value!r} is neither 'emulator' nor 'account'"
        for each in listed
        if each.whose not in _WHOSE
    ]
    if invalid:
        raise entries.refused(path, invalid, f"accepted findings belong into {waivers.FILE.name}")
    return listed


Places = Mapping[str, tuple[str, str]]
"""ARN → stack and Terraform address."""


def index_arns(states: Mapping[str, Mapping[str, Any]]) -> Places:
    """Return where managed resources are, from the states of all stacks as `terraform state pull` prints them."""
    return {arn: (stack, address) for stack, state in states.items() for arn, address in _arns(state)}


def _arns(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for resource in state["resources"]:
        if resource["mode"] == "managed":
            module = f"{resource['module']}." if resource.get("module") else ""
            for instance in resource["instances"]:
                if arn := instance["attributes"].get("arn"):
                    yield arn.removesuffix(_LOG_STREAMS), f"{module}{resource['type']}.{resource['name']}"


def judge(
    rows: Iterable[Row], places: Places, known_waivers: Sequence[Waiver], audit_entries: Sequence[Entry]
) -> list[Answer]:
    """Judge rows. Rows with the status MANUAL are left out."""
    return [
        _judge(_finding(row, places), row.status, known_waivers, audit_entries) for row in rows if row.status in _JUDGED
    ]


def _finding(row: Row, places: Places) -> Finding:
    stack, address = places.get(row.resource.removesuffix(_LOG_STREAMS), (UNMANAGED, row.resource))
    remedy = f"meet it, or waive it in {waivers.FILE.name} with a reason ({row.guide or 'no guide'})"
    return Finding(stack, address, row.check, row.problem, remedy)


def _judge(finding: Finding, status: str, known_waivers: Sequence[Waiver], audit_entries: Sequence[Entry]) -> Answer:
    passed = status == "PASS"
    if entry := next((each for each in audit_entries if each.covers(finding, passed=passed)), None):
        return Answer(finding, entry.whose, entry)
    if passed:
        return Answer(finding, Verdict.PASSED)
    if waiver := next(
        (each for each in known_waivers if each.covers(finding.stack, finding.address, finding.control)), None
    ):
        return Answer(finding, Verdict.ACCEPTED, waiver)
    return Answer(finding, Verdict.OPEN)


def problems(
    answers: Iterable[Answer], known_waivers: Sequence[Waiver], audit_entries: Sequence[Entry], checks: Collection[str]
) -> tuple[list[Finding], list[Finding]]:
    """Return the open findings, which fail the audit, and the unused entries and waivers, which do not.

    Entries for other checks than those that ran are unused.
    """
    answers = list(answers)
    accepted = [(each.finding, each.why) for each in answers if isinstance(each.why, Waiver)]
    unused = waivers.unused(known_waivers, accepted, lambda control: waivers.checker_of(control) is Checker.PROWLER)
    used = {(each.why, each.finding.control) for each in answers}
    for entry in audit_entries:
        unused += [
            Finding(
                "audit",
                f"{FILE.name}:{entry.line}",
                UNUSED,
                f"nothing fails {check} at {', '.join(entry.addresses)}"
                if check in checks
                else f"no framework asks {check}",
                "delete the entry, or the part of it that covers nothing",
            )
            for check in entry.checks
            if (entry, check) not in used
        ]
    return [each.finding for each in answers if each.verdict is Verdict.OPEN], unused
