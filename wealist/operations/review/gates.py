"""What stops a plan, and who said that it may pass.

--fail-on stateful → each stateful resource that is destroyed or replaced stops it, unless its address is acknowledged

An acknowledgement is a line `Acknowledge: ADDRESS`: a trailer of a commit, a line of the pull request's description, or
one that a workflow writes for a label. Addresses are whole and exact, so that no line lets something else pass.
"""

import re
from dataclasses import dataclass
from typing import Final

from wealist.operations.review.changes import Action, Change, Plan
from wealist.operations.review.options import Gate
from wealist.operations.review.risks.lost import lost

_LINE: Final = re.compile(r"^[\s>*-]*Acknowledge:[ \t]*`?([^`\r\n]+?)`?[ \t\r]*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Passage:
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
    """The addresses that a text acknowledges."""
    return frozenset(_LINE.findall(text))


def passage(plan: Plan, gates: frozenset[Gate], addresses: frozenset[str]) -> Passage:
    """What a plan must not do, less what is acknowledged."""
    failing = [(change, failed) for change in plan.changes if (failed := _failed(change, gates))]
    named = {change.address for change, _ in failing}
    return Passage(
        stopped=tuple((change, failed) for change, failed in failing if change.address not in addresses),
        acknowledged=frozenset(named & addresses),
        idle=tuple(sorted(addresses - named)),
    )


def _failed(change: Change, gates: frozenset[Gate]) -> tuple[Gate, ...]:
    destroyed, replaced = change.action is Action.DESTROY, change.action is Action.REPLACE
    failed = {
        Gate.DESTROY: destroyed,
        Gate.REPLACE: replaced,
        Gate.STATEFUL: lost(change) is not None,
    }
    return tuple(gate for gate, fails in failed.items() if fails and gate in gates)
