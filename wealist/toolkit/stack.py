"""The base of every stack: readable addresses, and HCL modules beside the JSON.

construct path  network / private-subnet / a   →   aws_subnet.network_private_subnet_a
"""

from typing import TYPE_CHECKING, cast

from cdktf import TerraformElement, TerraformStack
from constructs import Construct, Node

from wealist.errors import ToolkitError

if TYPE_CHECKING:
    from pathlib import Path


class ReadableStack(TerraformStack):
    """A stack whose Terraform addresses are construct paths joined by `_`, without a hash.

    Attributes:
        modules: HCL module folders that the synthesized JSON calls by `./modules/<name>`.
    """

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        self._name = name
        self.modules: dict[str, Path] = {}
        self._owners: dict[str, str] = {}
        self._collisions: list[str] = []

    def _allocate_logical_id(self, element: Node | TerraformElement) -> str:
        """Overrides cdktf's, which appends a hash to every nested id. Keeps collisions for `check_addresses`."""
        # One call into Node for each element: `element.node.path` would be two.
        path = cast("TerraformElement", element).to_string()
        inside_stack = path.removeprefix(f"{self._name}/")
        address = inside_stack.replace("/", "_").replace("-", "_")
        owner = self._owners.setdefault(address, path)
        if owner != path:
            self._collisions.append(f"{path} and {owner} both get the Terraform address {address!r}")
        return address

    def check_addresses(self) -> None:
        """Refuses a stack in which one construct's JSON has overwritten another's. Call it after the synthesis.

        Raises:
            ToolkitError: two constructs got one address. An error raised while cdktf asks for an address would reach
                nobody as what it is, for it passes through Node.
        """
        if self._collisions:
            raise ToolkitError("\n".join(self._collisions), remedy="rename one of the two constructs")
