"""Waivers: controls that are knowingly not met, each with a reason and a review date. All are in waivers.toml.

waivers.toml ─ read ─► Waiver ─┬─ covers a finding              → the finding is waived
                               ├─ covers no finding any more    → a finding of its own
                               └─ expires soon, or has expired  → reported; the finding stays waived

No check fails because of a date: a commit has the same result on every day.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from wealist.checks import entries
from wealist.checks.finding import Finding

FILE: Final = Path(__file__).with_name("waivers.toml")
PREFIX: Final = "waivers"
UNUSED: Final = f"{PREFIX}.unused"
NOTICE: Final = dt.timedelta(days=60)
"""A waiver is reported from this long before it expires."""
REVIEW: Final = "review the reason and set a later day, or meet the control and delete the entry"
"""The remedy for an expiring waiver."""
_FIRST_DAY: Final = dt.date(2026, 11, 1)
"""No waiver is older. A clock that shows an earlier day is wrong."""
_STEM: Final = 4
_REMEDY: Final = "each entry names what is waived where, what is asked for, why it is not so here, and until when"


class Checker(Enum):
    """The program that checks a control."""

    WEALIST = auto()
    """`wealist check`."""
    CHECKOV = auto()
    PROWLER = auto()
    """`make audit`."""


def checker_of(control: str) -> Checker:
    """Return the program that checks a control, by the format of its id.

    `S3.14` is one of `wealist check`, `CKV_AWS_18` of Checkov, `s3_bucket_object_lock` of Prowler.
    """
    if control.startswith("CKV"):
        return Checker.CHECKOV
    return Checker.WEALIST if "." in control else Checker.PROWLER


@dataclass(frozen=True)
class Waiver:
    """One entry of the file.

    Attributes:
        controls: Full ids of controls: ours, AWS's, Checkov's, Prowler's.
        stacks: Names of stacks. `*` matches any characters; `unmanaged` is what no stack contains.
        addresses: Terraform addresses in these stacks, with the same wildcard; ARNs of unmanaged resources.
        asks: The requirement, which all of the controls share.
        reason: Why the requirement is not met, for the reviewer. It must refer to `asks`.
        expires: The day of the next review. The waiver stays in effect after that day, and is reported.
        line: The line of the file where the entry begins.
    """

    __pydantic_config__ = entries.STRICT

    controls: entries.Names
    stacks: entries.Names
    addresses: entries.Names
    asks: entries.Reason
    reason: entries.Reason
    expires: entries.Day
    line: int

    @property
    def place(self) -> str:
        """Return the file and line: `waivers.toml:12`."""
        return f"{FILE.name}:{self.line}"

    def covers(self, stack: str, address: str, control: str) -> bool:
        """Return whether the waiver covers a control of a resource."""
        return (
            control in self.controls
            and any(fnmatchcase(stack, pattern) for pattern in self.stacks)
            and any(fnmatchcase(address, pattern) for pattern in self.addresses)
        )


@dataclass(frozen=True)
class CheckResult:
    """Findings, split by the waivers.

    Attributes:
        failed: Findings that no waiver covers.
        waived: Covered findings, each with its waiver.
    """

    failed: tuple[Finding, ...]
    waived: tuple[tuple[Finding, Waiver], ...]


def apply_waivers(findings: Iterable[Finding], waivers: Sequence[Waiver]) -> CheckResult:
    """Split findings into failed and waived ones."""
    failed, waived = [], []
    for finding in findings:
        covering = (each for each in waivers if each.covers(finding.stack, finding.address, finding.control))
        if waiver := next(covering, None):
            waived.append((finding, waiver))
        else:
            failed.append(finding)
    return CheckResult(tuple(failed), tuple(waived))


def expiring(waivers: Iterable[Waiver], today: dt.date) -> list[Waiver]:
    """Return the waivers that have expired or will within `NOTICE`, the earliest first."""
    return sorted((each for each in waivers if each.expires - today <= NOTICE), key=lambda each: each.expires)


def expiry_note(waiver: Waiver, today: dt.date) -> str:
    """Return when a waiver ends. The text changes only on the day it ends."""
    when = "ended" if waiver.expires <= today else "ends"
    return f"{waiver.place} {when} on {waiver.expires}: {', '.join(waiver.controls)}. {waiver.reason}"


def notes(waivers: Iterable[Waiver], today: dt.date) -> list[str]:
    """Return a heading and a note on each expiring waiver; none where none expires. Notes are not failures."""
    if today < _FIRST_DAY:
        return [f"the clock of this machine shows {today}, before the first waiver; set it to learn which waivers end"]
    ending = expiring(waivers, today)
    if not ending:
        return []
    count = f"{len(ending)} waivers have" if len(ending) > 1 else "one waiver has"
    heading = f"{count} ended by {today}, or will within {NOTICE.days} days: {REVIEW}"
    return [heading, *(expiry_note(each, today) for each in ending)]


def unused(
    waivers: Iterable[Waiver], waived: Iterable[tuple[Finding, Waiver]], is_checked: Callable[[str], bool]
) -> list[Finding]:
    """Return a finding for each control of a waiver that covers nothing. Call it for whole syntheses only.

    Args:
        waivers: All waivers.
        waived: The findings that they cover.
        is_checked: Returns whether a control was checked; controls that were not are ignored.
    """
    used = {(waiver, finding.control) for finding, waiver in waived}
    return [
        Finding(
            "waivers",
            waiver.place,
            UNUSED,
            f"nothing fails {control} in {', '.join(waiver.stacks)} at {', '.join(waiver.addresses)}",
            "delete the entry, or the parts of it that cover nothing",
        )
        for waiver in waivers
        for control in waiver.controls
        if is_checked(control) and (waiver, control) not in used
    ]


def read(path: Path = FILE) -> tuple[Waiver, ...]:
    """Read the waivers.

    Raises:
        OperatorError: the file or an entry is not valid, or a reason does not refer to the requirement, or repeats
            another entry's reason; with exit code 2.
    """
    found = tuple(entries.read(path, "waiver", Waiver, remedy=_REMEDY))
    if problems := [problem for waiver in found for problem in _reason_problems(waiver, found)]:
        raise entries.refused(path, problems, _REMEDY)
    return found


def _reason_problems(waiver: Waiver, others: Iterable[Waiver]) -> Iterator[str]:
    shown = f"line {waiver.line}: reason = {waiver.reason!r}"
    if not waiver.reason.endswith("."):
        yield f"{shown} is not a whole sentence"
    if not _stems(waiver.asks) & _stems(waiver.reason):
        yield f"{shown} shares no word with asks = {waiver.asks!r}, so it answers something else"
    if first := next((each for each in others if each.line < waiver.line and each.reason == waiver.reason), None):
        yield f"{shown} repeats the reason of line {first.line}; each entry needs a reason of its own"


def _stems(text: str) -> set[str]:
    """Return the first letters of the longer words, which inflection does not change, and the numbers."""
    return {word[:_STEM] for word in re.findall(r"[a-z0-9]+", text.lower()) if len(word) >= _STEM or word.isdigit()}
