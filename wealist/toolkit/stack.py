"""The base of every stack: readable addresses, and HCL modules beside the JSON.

    construct path  network / private-subnet / a   →   aws_subnet.network_private_subnet_a
"""

from pathlib import Path

from cdktf import TerraformElement, TerraformStack
from constructs import Construct

from wealist.toolkit.errors import ToolkitError


class ReadableStack(TerraformStack):
    """A stack whose Terraform addresses are construct paths joined by `_`, without a hash.

    Attributes:
        modules: HCL module folders that the synthesized JSON calls by `./modules/<name>`.
    """

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        self.modules: dict[str, Path] = {}
        self._owners: dict[str, str] = {}

    def _allocate_logical_id(self, element: TerraformElement) -> str:
        """Overrides cdktf's, which appends a hash to every nested id.

        Raises:
            ToolkitError: two constructs of this stack get one address.
        """
        path = element.node.path
        inside_stack = path.removeprefix(f"{self.node.path}/")
        address = inside_stack.replace("/", "_").replace("-", "_")
        owner = self._owners.setdefault(address, path)
        if owner != path:
            raise ToolkitError(
                f"{path} and {owner} both get the Terraform address {address!r}",
                remedy="rename one of the two constructs",
            )
        return address
