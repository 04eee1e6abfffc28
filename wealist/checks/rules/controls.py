"""How every control came out for every resource that it is about: as data, and as a table for operators."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal, NamedTuple

from wealist.checks.finding import Finding, Synthesis
from wealist.checks.rules import outcomes
from wealist.checks.tables import Table
from wealist.checks.waivers import Waiver, judge

Status = Literal["passed", "waived", "failed"]
_STYLES: Final = {"passed": "green", "waived": "yellow", "failed": "bold red"}


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


def table(verdicts: Iterable[Verdict]) -> Table:
    """Each control, each address, and how it came out, to be printed."""
    rows = [(each.status, each.control, f"{each.stack}: {each.address}", each.why) for each in verdicts]
    return Table("controls", ("status", "control", "address", "why"), rows, _STYLES)
