"""The base of every stack: readable Terraform addresses, and HCL modules beside the JSON.

construct path  network / private-subnet / a   →   aws_subnet.network_private_subnet_a

`readable_addresses.cjs` computes the addresses in Node, and rejects two constructs with the same address.
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
        ephemeral_types: Types of its ephemeral resources, as `ephemeral.aws_…`.
    """

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        self.modules: dict[str, Path] = {}
        self.ephemeral_types: set[str] = set()

    def add_ephemeral(self, kind: str, name: str, arguments: "Mapping[str, object]") -> None:
        """Add an ephemeral resource, for which cdktf has no class.

        https://developer.hashicorp.com/terraform/language/block/ephemeral

        Args:
            kind: Its type.
            name: Its address is `ephemeral.<kind>.<name>`.
            arguments: In Terraform's form.
        """
        self.ephemeral_types.add(f"ephemeral.{kind}")
        self.add_override(f"ephemeral.{kind}.{name}", dict(arguments))


def stack_of(construct: IConstruct) -> ReadableStack:
    """Return the stack of a construct.

    Raises:
        TypeError: The stack is not a `ReadableStack`.
    """
    stack = TerraformStack.of(construct)
    if not isinstance(stack, ReadableStack):
        raise TypeError(f"{stack} is not a ReadableStack")
    return stack


def addresses(resources: "Iterable[TerraformResource]") -> list[str]:
    """Return the Terraform address of each resource, in the form of `depends_on`.

    Each address costs two requests to Node: keep the list if several constructs depend on the same resources.
    """
    return [f"{each.terraform_resource_type}.{each.friendly_unique_id}" for each in resources]
