"""The base of every stack: HCL modules beside the JSON. Node gives its elements readable addresses.

construct path  network / private-subnet / a   →   aws_subnet.network_private_subnet_a

`readable_addresses.cjs` says how, and refuses two constructs that get the same address.
"""

from typing import TYPE_CHECKING

from cdktf import TerraformStack
from constructs import Construct

if TYPE_CHECKING:
    from pathlib import Path


class ReadableStack(TerraformStack):
    """A stack whose Terraform addresses are construct paths joined by `_`, without a hash.

    Attributes:
        modules: HCL module folders that the synthesized JSON calls by `./modules/<name>`.
    """

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        self.modules: dict[str, Path] = {}
