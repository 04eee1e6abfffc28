"""The base of every stack: readable addresses, and HCL modules beside the JSON.

construct path  network / private-subnet / a   →   aws_subnet.network_private_subnet_a
"""

from typing import TYPE_CHECKING

from cdktf import TerraformElement, TerraformStack
from constructs import Construct, Node

from wealist.toolkit.errors import ToolkitError

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

    def _allocate_logical_id(self, element: Node | TerraformElement) -> str:
        """Overrides cdktf's, which appends a hash to every nested id.

        Raises:
            ToolkitError: two constructs of this stack get one address.
        """
        # One call into Node for each element: `element.node.path` would be two.
        path = element.to_string()
        inside_stack = path.removeprefix(f"{self._name}/")
        address = inside_stack.replace("/", "_").replace("-", "_")
        owner = self._owners.setdefault(address, path)
        if owner != path:
            raise ToolkitError(
                f"{path} and {owner} both get the Terraform address {address!r}",
                remedy="rename one of the two constructs",
            )
        return address
