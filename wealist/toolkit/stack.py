"""The base of every stack: HCL modules beside the JSON. Node gives its elements readable addresses.

construct path  network / private-subnet / a   →   aws_subnet.network_private_subnet_a

`readable_addresses.cjs` says how, and refuses two constructs that get the same address.
"""

from typing import TYPE_CHECKING

from cdktf import TerraformStack
from constructs import Construct, IConstruct

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from cdktf import TerraformResource


class ReadableStack(TerraformStack):
    """A stack whose Terraform addresses are construct paths joined by `_`, without a hash.

    Attributes:
        modules: HCL module folders that the synthesized JSON calls by `./modules/<name>`.
        ephemeral_types: types of its ephemeral resources, as `ephemeral.aws_…`.
    """

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        self.modules: dict[str, Path] = {}
        self.ephemeral_types: set[str] = set()

    def add_ephemeral(self, kind: str, name: str, arguments: "Mapping[str, object]") -> None:
        """Adds an ephemeral resource, of which cdktf has none.

        https://developer.hashicorp.com/terraform/language/block/ephemeral

        Args:
            kind: its type.
            name: its address is `ephemeral.<kind>.<name>`.
            arguments: as Terraform takes them.
        """
        self.ephemeral_types.add(f"ephemeral.{kind}")
        self.add_override(f"ephemeral.{kind}.{name}", dict(arguments))


def stack_of(construct: IConstruct) -> ReadableStack:
    """The stack that a construct is in.

    Raises:
        TypeError: it is in another kind of stack.
    """
    stack = TerraformStack.of(construct)
    if not isinstance(stack, ReadableStack):
        raise TypeError(f"{stack} is not a ReadableStack")
    return stack


def addresses(resources: "Iterable[TerraformResource]") -> list[str]:
    """The Terraform address of each resource, as `depends_on` takes it of a construct that was made before.

    Node is asked twice for each: keep the list where several constructs depend on the same.
    """
    return [f"{each.terraform_resource_type}.{each.friendly_unique_id}" for each in resources]
