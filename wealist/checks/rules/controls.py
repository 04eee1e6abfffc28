"""How every control came out for every resource that it is about: as data, and as a table for operators."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from wealist.checks.finding import Finding, Synthesis
from wealist.checks.rules import outcomes
from wealist.checks.waivers import Waiver, judge

if TYPE_CHECKING:
    from rich.table import Table

Status = Literal["passed", "waived", "failed"]
_STYLES: Final[dict[Status, str]] = {"passed": "green", "waived": "yellow", "failed": "bold red"}


class Verdict(NamedTuple):
    """How one control came out for one resource, and why: the waiver's reason and its end, or the problem."""

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
    found: dict[tuple[str, str, str], list[Finding]] = {}
    for rule, stack, address, finding in outcomes(synthesis):
        found.setdefault((rule.control, stack, address), []).extend([finding] if finding else [])
    return sorted(_verdict(key, findings, waivers) for key, findings in found.items())


def _verdict(key: tuple[str, str, str], findings: list[Finding], waivers: Sequence[Waiver]) -> Verdict:
    judged = judge(findings, waivers)
    if judged.failed:
        return Verdict(*key, "failed", judged.failed[0].problem)
    if judged.waived:
        waiver = judged.waived[0][1]
        return Verdict(*key, "waived", f"{waiver.reason} (until {waiver.expires})")
    return Verdict(*key, "passed")


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
