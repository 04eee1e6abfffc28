"""What stops a plan, and which of that somebody has acknowledged.

--fail-on stateful → each stateful resource that is destroyed or replaced stops it, unless its address is acknowledged

An acknowledgement is a line `Acknowledge: ADDRESS`, or with the address's short form in its place: labels hold 50
characters, and most such lines are longer. Both are whole and exact, so that no line lets something else pass.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from wealist.review.changes import Action, Change, Plan
from wealist.review.options import Gate
from wealist.review.risks.lost import lost

SHORT: Final = 12
"""Hexadecimal digits of an address's SHA-256."""
_LINE: Final = re.compile(r"[\s>*-]*Acknowledge:(.*)", re.IGNORECASE)
_UNSEEN: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
"""A comment of HTML, which no reader of a description sees; one that is not closed hides all that follows."""


@dataclass(frozen=True)
class GateResult:
    """What a plan's gates say.

    Attributes:
        stopped: the changes that stop the plan, with the gates that each of them fails.
        acknowledged: the addresses that would have stopped it.
        idle: acknowledged addresses that stop nothing: misspelt, or not in this plan.
    """

    stopped: tuple[tuple[Change, tuple[Gate, ...]], ...] = ()
    acknowledged: frozenset[str] = frozenset()
    idle: tuple[str, ...] = ()


def acknowledged(text: str) -> frozenset[str]:
    """The addresses that a text acknowledges, as they are written: whole, or in their short form."""
    found = (_LINE.match(line) for line in _UNSEEN.sub("", text).split("\n"))
    written = (each[1].strip().removeprefix("`").removesuffix("`") for each in found if each)
    return frozenset(each for each in written if each)


def short(address: str) -> str:
    """What stands for an address where it has no room."""
    return hashlib.sha256(address.encode()).hexdigest()[:SHORT]


def gate_result(plan: Plan, gates: frozenset[Gate], acknowledgements: frozenset[str]) -> GateResult:
    """What a plan must not do, less what is acknowledged."""
    failing = [(change, failed) for change in plan.changes if (failed := _failed(change, gates))]
    names = {change.address: {change.address, short(change.address)} for change, _ in failing}
    return GateResult(
        stopped=tuple((change, failed) for change, failed in failing if not names[change.address] & acknowledgements),
        acknowledged=frozenset(address for address, ways in names.items() if ways & acknowledgements),
        idle=tuple(sorted(acknowledgements.difference(*names.values()))),
    )


def _failed(change: Change, gates: frozenset[Gate]) -> tuple[Gate, ...]:
    destroyed, replaced = change.action is Action.DESTROY, change.action is Action.REPLACE
    failed = {
        Gate.DESTROY: destroyed,
        Gate.REPLACE: replaced,
        Gate.STATEFUL: lost(change) is not None,
    }
    return tuple(gate for gate, fails in failed.items() if fails and gate in gates)
