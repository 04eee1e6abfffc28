"""What keeps the project's own records current. A finding fails `wealist check`, and never stops a synthesis.

inventory.current   the committed inventory describes what was synthesized
types.row           every type in use has a complete row in wealist/model/types.toml
"""

from collections.abc import Iterator
from typing import Final

from wealist.checks.finding import Finding, Synthesis
from wealist.model.stack import StackJson
from wealist.model.types import incomplete

CURRENT: Final = "inventory.current"
ROW: Final = "types.row"
REMEDY: Final = "run `wealist accept`, look at the difference of inventory/, and commit it"


def inventory(synthesis: Synthesis) -> Iterator[Finding]:
    """Find each stack that holds something else than the committed inventory says."""
    accepted, now = synthesis.accepted.holdings, synthesis.holdings
    for stack in sorted(accepted.keys() | now.keys()):
        before, after = accepted.get(stack, {}), now.get(stack, {})
        if differing := sorted(each for each in before.keys() | after.keys() if before.get(each) != after.get(each)):
            more = f" and {len(differing) - 1} more" if len(differing) > 1 else ""
            yield Finding(stack, differing[0], CURRENT, f"differs from the inventory{more}", REMEDY)


def types(synthesis: Synthesis) -> Iterator[Finding]:
    """Find each type in use without a complete row, once, at its first address."""
    used: dict[str, tuple[str, str]] = {}
    for name, stack in sorted(synthesis.stacks.items()):
        for kind, address in _used(stack):
            used.setdefault(kind, (name, address))
    for kind, remedy in incomplete(used).items():
        first, address = used[kind]
        yield Finding(first, address, ROW, f"is of the type {kind}, which no complete row describes", remedy)


def _used(stack: StackJson) -> Iterator[tuple[str, str]]:
    """Types with an address of each. Those of data sources and ephemeral resources begin with their section."""
    for address, resource in (*stack.resources.items(), *stack.data.items()):
        yield resource.kind, address
