"""References, blocks and flags of the JSON, each read or reported: a proof must not rest on what it skipped.

Resource ─ Reader ─┬─ resources, address blocks, flags
                   └─ unread: what the proof does not understand, which fails closed
"""

from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError
from typing import Final

from wealist.model.stack import Resource, StackJson

_TRUE: Final = (True, "true")
_FALSE: Final[tuple[object, ...]] = (None, False, "false", "", [], {})


@dataclass(frozen=True, order=True)
class Unread:
    """Something in the JSON that carries network meaning and that the proof does not understand.

    Attributes:
        address: Of the resource.
        problem: What it is, with the value that was found.
    """

    address: str
    problem: str


class Reader:
    """Reads one stack.

    Attributes:
        unread: What could not be read so far.
    """

    def __init__(self, stack: StackJson) -> None:
        self.stack = stack
        self.unread: list[Unread] = []

    def reject(self, resource: Resource, problem: str) -> None:
        """Notes something that is not understood."""
        self.unread.append(Unread(resource.address, problem))

    def resource(self, owner: Resource, argument: str, *types: str, value: object = None) -> Resource | None:
        """The resource that an argument refers to.

        Args:
            owner: Whose argument it is.
            argument: Its name; of a nested one, for messages only.
            types: What it may be.
            value: The argument's value, where it is nested.
        """
        found = owner.get(argument) if value is None else value
        target = self.stack.target(found)
        if target is None or target.type not in types:
            self.reject(owner, f"{argument} = {found!r} is not a reference to {' or '.join(types)} in this stack")
            return None
        return target

    def resources(self, owner: Resource, argument: str, type_: str, *, value: object = None) -> list[Resource]:
        """The resources that the elements of an argument refer to; none where it is absent."""
        found = owner.get(argument) if value is None else value
        if found is None:
            return []
        if not isinstance(found, list):
            self.reject(owner, f"{argument} = {found!r} is not a list of references to {type_}")
            return []
        each = [self.resource(owner, argument, type_, value=element or "") for element in found]
        return [resource for resource in each if resource]

    def block(self, owner: Resource, argument: str) -> IPv4Network | None:
        """An IPv4 block: written out, or the `cidr_block` of a VPC or subnet of this stack."""
        value = owner.get(argument)
        target = self.stack.target(value)
        if target and target.type in {"aws_vpc", "aws_subnet"} and value == f"${{{target.address}.cidr_block}}":
            owner, argument, value = target, "cidr_block", target.get("cidr_block")
        try:
            # Of a number, IPv4Network would make an address.
            return IPv4Network(value if isinstance(value, str) else repr(value))
        except (AddressValueError, NetmaskValueError, ValueError):
            self.reject(owner, f"{argument} = {value!r} is not an IPv4 block")
            return None

    def flag(self, owner: Resource, argument: str, value: object) -> bool:
        """A flag as cdktf writes it: `true` or `"true"`. What is neither true nor false counts as true."""
        if value in _TRUE:
            return True
        if value not in _FALSE:
            self.reject(owner, f"{argument} = {value!r} is neither true nor false")
            return True
        return False


def absent(value: object) -> bool:
    """Whether a value says the same as no value: null, false or empty."""
    return value in _FALSE
