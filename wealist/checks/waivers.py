"""What is knowingly not as a control asks: one reviewed file, with a reason and a day of review for each entry.

waivers.toml ─ read ─► Waiver ─┬─ matches a finding             → waived
                               ├─ matches nothing more          → a finding of its own
                               └─ ends soon, or has ended       → reported, and still waived

No date decides what fails: the same commit is judged alike on every day.
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
"""How long before its end a waiver is reported."""
REVIEW: Final = "review the reason and set a later day, or meet the control and delete the entry"
"""What to do about a waiver that ends."""
_FIRST_DAY: Final = dt.date(2026, 11, 1)
"""No waiver was written before it. A clock that says so is wrong."""


class Asker(Enum):
    """Who asks about a control."""

    CHECK = auto()
    """`wealist check`."""
    CHECKOV = auto()
    PROWLER = auto()
    """`make audit`."""


def asker(control: str) -> Asker:
    """Return who asks about a control, by the form of its id: `S3.14`, `CKV_AWS_18`, `s3_bucket_object_lock`."""
    if control.startswith("CKV"):
        return Asker.CHECKOV
    return Asker.CHECK if "." in control else Asker.PROWLER


@dataclass(frozen=True)
class Waiver:
    """One entry of the file.

    Attributes:
        controls: Ids of controls, in full: ours, AWS's, Checkov's, Prowler's.
        stacks: Names of stacks; `*` stands for anything, `unmanaged` for what no stack holds.
        addresses: Terraform addresses within them, likewise; ARNs of what no stack holds.
        asks: What the controls ask for, all of them the same.
        reason: Why it is not so here, for whoever reviews it. It speaks of what is asked.
        expires: The day by which somebody reviews it again. It goes on waiving after that day, and is reported.
        line: Where it begins in the file.
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
        """Its name in findings: `waivers.toml:12`."""
        return f"{FILE.name}:{self.line}"

    def covers(self, stack: str, address: str, control: str) -> bool:
        """Whether it is about a control of a resource."""
        return (
            control in self.controls
            and any(fnmatchcase(stack, pattern) for pattern in self.stacks)
            and any(fnmatchcase(address, pattern) for pattern in self.addresses)
        )


@dataclass(frozen=True)
class Judged:
    """Findings, held against the waivers.

    Attributes:
        failed: Those that no waiver covers.
        waived: Those that one covers, each with it.
    """

    failed: tuple[Finding, ...]
    waived: tuple[tuple[Finding, Waiver], ...]


def judge(findings: Iterable[Finding], waivers: Sequence[Waiver]) -> Judged:
    """Holds findings against the waivers.

    Args:
        findings: Of any guard.
        waivers: As read from the file.
    """
    failed, waived = [], []
    for finding in findings:
        covering = next(
            (each for each in waivers if each.covers(finding.stack, finding.address, finding.control)), None
        )
        if covering is not None:
            waived.append((finding, covering))
        else:
            failed.append(finding)
    return Judged(tuple(failed), tuple(waived))


def ending(waivers: Iterable[Waiver], today: dt.date) -> list[Waiver]:
    """The waivers that have ended, or end within `NOTICE`, the earliest first.

    Args:
        waivers: As read from the file.
        today: By the clock of this machine.
    """
    return sorted((each for each in waivers if each.expires - today <= NOTICE), key=lambda each: each.expires)


def described(waiver: Waiver, today: dt.date) -> str:
    """When a waiver ends, in words that stay the same until it has ended."""
    when = "ended" if waiver.expires <= today else "ends"
    return f"{waiver.place} {when} on {waiver.expires}: {', '.join(waiver.controls)}. {waiver.reason}"


def notes(waivers: Iterable[Waiver], today: dt.date) -> list[str]:
    """Return notes on the waivers that end; empty where none does. No note is a failure.

    Args:
        waivers: As read from the file.
        today: By the clock of this machine.
    """
    if today < _FIRST_DAY:
        return [f"the clock of this machine says {today}, before any waiver was written; set it to learn which end"]
    found = ending(waivers, today)
    if not found:
        return []
    count = f"{len(found)} waivers have" if len(found) > 1 else "one waiver has"
    heading = f"{count} ended by {today}, or will within {NOTICE.days} days: {REVIEW}"
    return [heading, *(described(each, today) for each in found)]


def unused(
    waivers: Iterable[Waiver], waived: Iterable[tuple[Finding, Waiver]], asked: Callable[[str], bool]
) -> list[Finding]:
    """A finding for each control of each waiver that covers nothing, to be asked of whole syntheses only.

    Args:
        waivers: As read from the file.
        waived: What they covered.
        asked: Tells whether a control was asked about: the others are left out.
    """
    used = {(waiver, finding.control) for finding, waiver in waived}
    return [
        Finding(
            "waivers",
            waiver.place,
            UNUSED,
            f"nothing fails {control} in {', '.join(waiver.stacks)} at {', '.join(waiver.addresses)}",
            "delete the entry, or what of it covers nothing",
        )
        for waiver in waivers
        for control in waiver.controls
        if asked(control) and (waiver, control) not in used
    ]


def read(path: Path = FILE) -> tuple[Waiver, ...]:
    """Read the waivers.

    Raises:
        OperatorError: as `entries.read` does; and where a reason does not speak of what is asked, or is another one's.
    """
    remedy = "each says what is waived where, what is asked for, why it is not so here, and until when"
    found = tuple(entries.read(path, "waiver", Waiver, remedy=remedy))
    if problems := [problem for waiver in found for problem in _of_form(waiver, found)]:
        raise entries.refused(path, problems, remedy)
    return found


def _of_form(waiver: Waiver, others: Iterable[Waiver]) -> Iterator[str]:
    """What form tells of a reason that answers another question."""
    shown = f"line {waiver.line}: reason = {waiver.reason!r}"
    if not waiver.reason.endswith("."):
        yield f"{shown} is no whole sentence"
    if not _stems(waiver.asks) & _stems(waiver.reason):
        yield f"{shown} shares no word with asks = {waiver.asks!r}, so it answers something else"
    if first := next((each for each in others if each.line < waiver.line and each.reason == waiver.reason), None):
        yield f"{shown} is that of line {first.line}: an entry answers one question"


def _stems(text: str) -> set[str]:
    """The beginnings of the words that carry a sentence: those that a plural or a tense leaves alone."""
    return {word[:_STEM] for word in re.findall(r"[a-z0-9]+", text.lower()) if len(word) >= _STEM or word.isdigit()}


_STEM: Final = 4
