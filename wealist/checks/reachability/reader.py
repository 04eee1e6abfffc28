"""Read references, address blocks and flags of a stack, and record each value that cannot be read."""

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

from wealist.model.network import address_block
from wealist.model.stack import Resource, StackJson

_TRUE: Final = (True, "true")
_ABSENT: Final[tuple[object, ...]] = (None, False, "false", "", [], {})


@dataclass(frozen=True, order=True)
class Gap:
    """A part of a stack's network that the proof cannot read, so that it cannot rely on it.

    Attributes:
        address: The address of the resource.
        problem: The argument and its value.
    """

    address: str
    problem: str


class Reader:
    """Reads one stack.

    Attributes:
        stack: The stack.
        gaps: The values that could not be read so far.
    """

    def __init__(self, stack: StackJson) -> None:
        self.stack = stack
        self.gaps: list[Gap] = []

    def reject(self, resource: Resource, problem: str) -> None:
        """Record a value that cannot be read."""
        gap = Gap(resource.address, problem)
        if gap not in self.gaps:
            self.gaps.append(gap)

    def resource(self, owner: Resource, argument: str, *types: str, value: object = None) -> Resource | None:
        """Return the resource that an argument refers to; None, and a gap, if it is not such a reference.

        Args:
            owner: The resource with the argument.
            argument: Its name; for a nested argument, the path to show in messages.
            types: The types that it may refer to.
            value: The value of a nested argument.
        """
        value = owner.get(argument) if value is None else value
        target = self.stack.target(value)
        if target is None or target.type not in types:
            self.reject(owner, f"{argument} = {value!r} is not a reference to {' or '.join(types)} in this stack")
            return None
        return target

    def resources(self, owner: Resource, argument: str, *types: str, value: object = None) -> list[Resource]:
        """Return the resources that the elements of an argument refer to; empty if it is not set."""
        values = owner.get(argument) if value is None else value
        if values is None:
            return []
        if not isinstance(values, list):
            self.reject(owner, f"{argument} = {values!r} is not a list of references to {' or '.join(types)}")
            return []
        targets = [self.resource(owner, argument, *types, value=each or "") for each in values]
        return [target for target in targets if target]

    def block(self, owner: Resource, argument: str, *, value: object = None) -> IPv4Network | None:
        """Return an IPv4 block: a literal one, or the `cidr_block` of a VPC or subnet of this stack."""
        value = owner.get(argument) if value is None else value
        target = self.stack.target(value)
        if target and target.type in {"aws_vpc", "aws_subnet"} and value == f"${{{target.address}.cidr_block}}":
            owner, argument, value = target, "cidr_block", target.get("cidr_block")
        block = address_block(value)
        if not isinstance(block, IPv4Network):
            self.reject(owner, f"{argument} = {value!r} is not an IPv4 block")
            return None
        return block

    def flag(self, owner: Resource, argument: str, value: object) -> bool:
        """Return a flag, which cdktf writes as `true` or `"true"`. Any unknown value is a gap, and counts as true."""
        if value in _TRUE:
            return True
        if not is_absent(value):
            self.reject(owner, f"{argument} = {value!r} is neither true nor false")
            return True
        return False


def is_absent(value: object) -> bool:
    """Return whether a value is equivalent to an unset argument: null, false or empty."""
    return value in _ABSENT
