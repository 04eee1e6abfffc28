"""`moved`: the object of one address goes on as that of another, of the same type and with the same name.

An address that takes over the object of another one takes over whatever rests on it: a group that holds other members,
a role that others assume. What an address named before is in the accepted inventory.

https://developer.hashicorp.com/terraform/language/block/moved
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from wealist.checks.finding import Finding
from wealist.model.stack import Resource, StackJson

CONTROL: Final = "stack.moved"
_REMEDY: Final = "move one address, which is gone from the code, to one of the same type, which is there"
_NAMING: Final = ("bucket", "domain_name", "identifier", "name", "replication_group_id", "tag Name")
_KEY: Final = re.compile(r"\[[^\]]*\]")


def wrong(stack: StackJson, held: Mapping[str, Any]) -> Iterator[Finding]:
    """Return moves between types, between objects, onto what is not there, away from what stays, or of several.

    Args:
        stack: The stack.
        held: Address → arguments, of what it held when it was last accepted.
    """
    moves = Resource("moved", "moved", stack.document).blocks("moved")
    pairs = [(str(move.get("from")), str(move.get("to"))) for move in moves]
    ends = Counter(end for pair in pairs for end in pair)
    for move, (before, after) in zip(moves, pairs, strict=True):
        if problem := _problem(stack, held, before, after) or _repeated(ends, before, after):
            yield Finding(stack.name, after, CONTROL, f"is moved from {before}, {problem}", _REMEDY)
        elif more := sorted(move.keys() - {"from", "to", "//"}):
            yield Finding(stack.name, after, CONTROL, f"is moved with {', '.join(more)}", _REMEDY)


def _problem(stack: StackJson, held: Mapping[str, Any], before: str, after: str) -> str | None:
    there = {**stack.resources, **stack.modules}
    old, new = _KEY.sub("", before), _KEY.sub("", after)
    if _type(old) != _type(new):
        return f"another type: {_type(old)}"
    if new not in there:
        return "and is not in the code"
    if old in there and old != new:
        return "which is still in the code"
    was, becomes = _names(held.get(old, {})), _names(there[new].values)
    other = [
        f"{key} {was[key]} and not {becomes[key]}" for key in was.keys() & becomes.keys() if was[key] != becomes[key]
    ]
    return f"which has the {', '.join(sorted(other))}" if other else None


def _names(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return the arguments that name an object."""
    tags = arguments.get("tags")
    named = {**arguments, "tag Name": tags.get("Name") if isinstance(tags, Mapping) else None}
    return {key: named[key] for key in _NAMING if isinstance(named.get(key), str)}


def _repeated(ends: Counter[str], before: str, after: str) -> str | None:
    twice = [end for end in (before, after) if ends[end] > 1]
    return f"and {twice[0]} is moved more than once" if twice else None


def _type(address: str) -> str:
    """`aws_vpc.network_vpc` → `aws_vpc`; of what a module makes, the resource's; `module` for a call."""
    steps = address.split(".")
    return steps[-2] if len(steps) > 1 else address
