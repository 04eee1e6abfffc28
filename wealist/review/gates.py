"""What stops a plan, and which of that somebody has acknowledged.

--fail-on stateful → each change by which data is lost stops the plan, unless the change is acknowledged

An acknowledgement is a line `Acknowledge: destroy ADDRESS`, or with the change's short form in place of its name:
labels hold 50 characters, and most such lines are longer. Both are whole and exact: a line lets pass what it names, and
neither another action on the same resource nor a deposed object of it.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from wealist.review.changes import Action, Change, Plan
from wealist.review.finding import Finding, Key, Kind, group_by_object, object_rank
from wealist.review.options import Gate

SHORT: Final = 12
"""Hexadecimal digits of the SHA-256 of a change's name."""
LOSSES: Final = frozenset({Kind.STATEFUL, Kind.UNDECIDED})
"""Kinds of findings by which data is lost, or may be."""
_LINE: Final = re.compile(r"[\s>*-]*Acknowledge:(.*)", re.IGNORECASE)
_UNSEEN: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
"""A comment of HTML, which no reader of a description sees; one that is not closed hides all that follows."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A change that a plan must not make unacknowledged.

    Attributes:
        change: The change.
        gates: The gates that it fails.
    """

    change: Change
    gates: tuple[Gate, ...]

    @property
    def name(self) -> str:
        """What acknowledges it: `destroy aws_s3_bucket.a`."""
        deposed = f" deposed {self.change.deposed}" if self.change.deposed else ""
        return f"{self.change.action.value} {self.change.address}{deposed}"


@dataclass(frozen=True)
class GateResult:
    """What a plan's gates say.

    Attributes:
        stopped: What stops the plan, the worst first.
        acknowledged: What would have stopped it.
        idle: Acknowledgements that let nothing pass: misspelt, or of what this plan does not do.
    """

    stopped: tuple[Stop, ...] = ()
    acknowledged: tuple[Stop, ...] = ()
    idle: tuple[str, ...] = ()

    @cached_property
    def passed(self) -> frozenset[Key]:
        """The objects that change by what is acknowledged."""
        return frozenset(stop.change.key for stop in self.acknowledged)


def parse_acknowledgements(text: str) -> frozenset[str]:
    """What a text acknowledges, as it is written: by name, or in the short form."""
    found = (_LINE.match(line) for line in _UNSEEN.sub("", text).split("\n"))
    written = (each[1].strip().removeprefix("`").removesuffix("`") for each in found if each)
    return frozenset(each for each in written if each)


def short_form(name: str) -> str:
    """What stands for a change where its name has no room."""
    return hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:SHORT]


def evaluate_gates(
    plan: Plan, findings: Iterable[Finding], gates: frozenset[Gate], acknowledgements: frozenset[str]
) -> GateResult:
    """What a plan must not do, less what is acknowledged.

    Args:
        plan: The plan.
        findings: What was found about it, the worst first.
        gates: What may not pass.
        acknowledgements: What may pass all the same.
    """
    found = group_by_object(findings)
    failing = [
        Stop(change, failed) for change in plan.changes if (failed := _failed(change, found.get(change.key, []), gates))
    ]
    failing.sort(key=lambda stop: object_rank(found.get(stop.change.key, [])))
    ways = [{stop.name, short_form(stop.name)} for stop in failing]
    return GateResult(
        stopped=tuple(stop for stop, names in zip(failing, ways, strict=True) if not names & acknowledgements),
        acknowledged=tuple(stop for stop, names in zip(failing, ways, strict=True) if names & acknowledgements),
        idle=tuple(sorted(acknowledgements.difference(*ways))),
    )


def _failed(change: Change, found: Iterable[Finding], gates: frozenset[Gate]) -> tuple[Gate, ...]:
    failed = {
        Gate.DESTROY: change.action is Action.DESTROY,
        Gate.REPLACE: change.action is Action.REPLACE,
        Gate.STATEFUL: any(finding.kind in LOSSES for finding in found),
    }
    return tuple(gate for gate, fails in failed.items() if fails and gate in gates)
