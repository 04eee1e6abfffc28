"""What keeps the project's own records current. A finding fails `wealist check`, and never stops a synthesis.

inventory.current   the committed inventory describes what was synthesized
"""

from collections.abc import Iterator
from typing import Final

from wealist.checks.finding import Finding, Synthesis

CURRENT: Final = "inventory.current"
REMEDY: Final = "run `wealist accept`, look at the difference of inventory/, and commit it"


def inventory(synthesis: Synthesis) -> Iterator[Finding]:
    """Find each stack that holds something else than the committed inventory says."""
    accepted, now = synthesis.accepted.holdings, synthesis.holdings
    for stack in sorted(accepted.keys() | now.keys()):
        before, after = accepted.get(stack, {}), now.get(stack, {})
        if differing := sorted(each for each in before.keys() | after.keys() if before.get(each) != after.get(each)):
            more = f" and {len(differing) - 1} more" if len(differing) > 1 else ""
            yield Finding(stack, differing[0], CURRENT, f"differs from the inventory{more}", REMEDY)
