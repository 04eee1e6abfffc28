"""The blocks of a stack beside resources and modules.

output ─ as it is     moved ─ see moved.py     check ─ assertions alone     removed ─ what was released     else ─ none

https://developer.hashicorp.com/terraform/language/syntax/json
"""

from collections.abc import Iterator, Mapping
from typing import Final

from wealist.checks.accepted import HOW_TO_RELEASE, Accepted
from wealist.checks.finding import Finding
from wealist.model import types
from wealist.model.stack import StackJson

SECTION: Final = "stack.section"
REMOVED: Final = "stack.removed"
_KNOWN: Final = frozenset(
    {"//", "check", "data", "ephemeral", "module", "moved", "output", "provider", "removed", "resource", "terraform"}
)


def unexpected(stack: StackJson, accepted: Accepted) -> Iterator[Finding]:
    """Return blocks that no guard reads, and those that destroy what nobody has released."""
    for section in sorted(stack.document.keys() - _KNOWN):
        remedy = "leave it out, or teach wealist/checks/stack/sections.py what it may hold"
        yield Finding(stack.name, section, SECTION, "is a block that no guard reads", remedy)
    for name, check in stack.document.get("check", {}).items():
        if check.keys() != {"assert"}:
            problem = f"holds {', '.join(sorted(check.keys() - {'assert'})) or 'no assert'}"
            yield Finding(stack.name, f"check.{name}", SECTION, problem, "let it assert, and nothing else")
    removed = stack.document.get("removed", [])
    for block in removed if isinstance(removed, list) else [removed]:
        yield from _removed(stack, block, accepted)


def _removed(stack: StackJson, block: Mapping[str, object], accepted: Accepted) -> Iterator[Finding]:
    """Without `destroy = false` Terraform destroys what the block names.

    https://developer.hashicorp.com/terraform/language/block/removed
    """
    address, lifecycle = str(block.get("from")), block.get("lifecycle")
    destroys = not isinstance(lifecycle, Mapping) or lifecycle.get("destroy") is not False
    if "provisioner" in block or "connection" in block:
        problem = f"the block that removes {address} runs a program"
        yield Finding(stack.name, address, REMOVED, problem, "take its provisioner away")
    if destroys and _may_hold_data(address.partition(".")[0]) and not accepted.is_released(stack.name, address):
        remedy = f"set lifecycle.destroy to false, or {HOW_TO_RELEASE}"
        yield Finding(stack.name, address, REMOVED, "is destroyed by a removed block without a release", remedy)


def _may_hold_data(kind: str) -> bool:
    """The block tells no arguments: a type of which some resources hold data counts whole."""
    row = types.row(kind)
    return row is None or row.data is not False
