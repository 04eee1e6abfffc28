"""Gates that stop a plan, and the acknowledgements that let a change pass.

--fail-on stateful → each change that loses data stops the plan, unless the change is acknowledged

An acknowledgement is a line `Acknowledge: destroy ADDRESS`, or `Acknowledge: SHORT_FORM` for labels, which are limited
to 50 characters. It must match exactly: it applies neither to another action on the resource nor to a deposed object.
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
"""Hexadecimal digits of a short form."""
LOSSES: Final = frozenset({Kind.STATEFUL, Kind.UNDECIDED})
"""Kinds of findings about a loss, or a possible loss, of data."""
_LINE: Final = re.compile(r"[\s>*-]*Acknowledge:(.*)", re.IGNORECASE)
_UNSEEN: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
"""An HTML comment, which is invisible in a description. An unclosed one hides the rest of the text."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A change that must be acknowledged.

    Attributes:
        change: The change.
        gates: The gates that it fails.
    """

    change: Change
    gates: tuple[Gate, ...]

    @property
    def name(self) -> str:
        """The name in an acknowledgement: `destroy aws_s3_bucket.a`."""
        deposed = f" deposed {self.change.deposed}" if self.change.deposed else ""
        return f"{self.change.action.value} {self.change.address}{deposed}"


@dataclass(frozen=True)
class GateResult:
    """The result of a plan's gates.

    Attributes:
        stopped: Changes that stop the plan, the worst first.
        acknowledged: Changes that are acknowledged and would have stopped it.
        unused: Acknowledgements that match no stopped change: misspelt, or of a change that is not in this plan.
    """

    stopped: tuple[Stop, ...] = ()
    acknowledged: tuple[Stop, ...] = ()
    unused: tuple[str, ...] = ()

    @cached_property
    def acknowledged_keys(self) -> frozenset[Key]:
        """The objects whose change is acknowledged."""
        return frozenset(stop.change.key for stop in self.acknowledged)


def parse_acknowledgements(text: str) -> frozenset[str]:
    """Return the names and short forms that a text acknowledges."""
    found = (_LINE.match(line) for line in _UNSEEN.sub("", text).split("\n"))
    written = (each[1].strip().removeprefix("`").removesuffix("`") for each in found if each)
    return frozenset(each for each in written if each)


def short_form(name: str) -> str:
    """Return the short form of a change's name: the beginning of its SHA-256."""
    return hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:SHORT]


def evaluate_gates(
    plan: Plan, findings: Iterable[Finding], gates: frozenset[Gate], acknowledgements: frozenset[str]
) -> GateResult:
    """Return the changes that gates stop, and those that are acknowledged.

    Args:
        plan: The plan.
        findings: All findings about it, the worst first.
        gates: The gates to apply.
        acknowledgements: Names and short forms of changes that may pass.
    """
    found = group_by_object(findings)
    failing = [
        Stop(change, failed) for change in plan.changes if (failed := _failed(change, found.get(change.key, []), gates))
    ]
    failing.sort(key=lambda stop: object_rank(found.get(stop.change.key, [])))
    names = [{stop.name, short_form(stop.name)} for stop in failing]
    return GateResult(
        stopped=tuple(stop for stop, own in zip(failing, names, strict=True) if not own & acknowledgements),
        acknowledged=tuple(stop for stop, own in zip(failing, names, strict=True) if own & acknowledgements),
        unused=tuple(sorted(acknowledgements.difference(*names))),
    )


def _failed(change: Change, found: Iterable[Finding], gates: frozenset[Gate]) -> tuple[Gate, ...]:
    failed = {
        Gate.DESTROY: change.action is Action.DESTROY,
        Gate.REPLACE: change.action is Action.REPLACE,
        Gate.STATEFUL: any(finding.kind in LOSSES for finding in found),
    }
    return tuple(gate for gate, fails in failed.items() if fails and gate in gates)
