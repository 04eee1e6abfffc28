"""How every control came out for every resource that it is about: as data, and as a table for operators."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final, Literal

from wealist.checks.finding import Finding, Synthesis
from wealist.checks.rules import Outcome, outcomes
from wealist.checks.waivers import Waiver, judge

if TYPE_CHECKING:
    from rich.table import Table

Status = Literal["passed", "waived", "failed"]
_WORSE: Final[tuple[Status, ...]] = ("passed", "waived", "failed")
_STYLES: Final[dict[Status, str]] = {"passed": "green", "waived": "yellow", "failed": "bold red"}


@dataclass(frozen=True, order=True)
class Verdict:
    """How one control came out for one resource.

    Attributes:
        control: The control's id.
        stack: The stack's name.
        address: The resource's address in it.
        status: Whether it is met, knowingly not met, or not met.
        why: The waiver's reason and its end, or the problem; empty where it is met.
    """

    control: str
    stack: str
    address: str
    status: Status
    why: str = ""


def controls(synthesis: Synthesis, waivers: Sequence[Waiver]) -> list[Verdict]:
    """How each control came out for each resource that it is about: as its worst rule did.

    Args:
        synthesis: What was synthesized.
        waivers: As read from the file.

    Returns:
        Verdicts by control, stack and address.
    """
    found = list(outcomes(synthesis))
    waived = dict(judge((finding for *_, finding in found if finding), waivers).waived)
    worst: dict[tuple[str, str, str], Verdict] = {}
    for outcome in found:
        verdict = _verdict(outcome, waived)
        key = (verdict.control, verdict.stack, verdict.address)
        worst[key] = max(worst.get(key, verdict), verdict, key=lambda each: _WORSE.index(each.status))
    return sorted(worst.values())


def _verdict(outcome: Outcome, waived: Mapping[Finding, Waiver]) -> Verdict:
    rule, stack, address, finding = outcome
    if finding is None:
        return Verdict(rule.control, stack, address, "passed")
    if waiver := waived.get(finding):
        return Verdict(rule.control, stack, address, "waived", f"{waiver.reason} (until {waiver.expires})")
    return Verdict(rule.control, stack, address, "failed", finding.problem)


def table(verdicts: Iterable[Verdict]) -> "Table":
    """A table: each control, each address, and how it came out."""
    from rich.markup import escape  # noqa: PLC0415 -- only who prints it pays for rich
    from rich.table import Column, Table  # noqa: PLC0415

    # An address is for copying: it is never cut.
    found = Table("control", Column("address", no_wrap=True), "", "why", box=None, pad_edge=False, header_style="bold")
    for control, group in groupby(verdicts, key=lambda verdict: verdict.control):
        for number, verdict in enumerate(group):
            status = f"[{_STYLES[verdict.status]}]{verdict.status}[/]"
            place = f"{verdict.stack}: {verdict.address}"
            found.add_row("" if number else control, escape(place), status, escape(verdict.why))
    return found
