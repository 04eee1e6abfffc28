"""Calls an HCL module of `modules/` from Python, and checks the call against the module's own variables and outputs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cdktf import TerraformHclModule
from constructs import Construct

from wealist.toolkit.module_contract import check_module_call, check_module_output
from wealist.toolkit.stack import stack_of

MODULES: Final = Path(__file__).parents[2] / "modules"


class HclModule(TerraformHclModule):
    """One call of a module. Its folder is copied beside the stack's JSON, where `./modules/<name>` finds it."""

    def __init__(self, scope: Construct, id_: str, *, module: str, variables: Mapping[str, object]) -> None:
        """Makes the call.

        Args:
            scope: inside a `ReadableStack`.
            id_: construct id.
            module: folder name in `modules/`.
            variables: every required variable, and any optional one.

        Raises:
            ModuleContractError: a variable is unknown, missing or of the wrong type.
        """
        folder = MODULES / module
        check_module_call(folder, variables)
        super().__init__(
            scope,
            id_,
            source=f"./modules/{module}",
            variables=dict(variables),
            # cdktf would copy the module into a folder named by a hash; the stack copies it to a readable one.
            skip_asset_creation_from_local_modules=True,
        )
        self._folder = folder
        stack_of(self).modules[module] = folder

    def output(self, name: str) -> str:
        """A token for one of the module's outputs.

        Raises:
            ModuleContractError: the module has no such output.
        """
        check_module_output(self._folder, name)
        return self.get_string(name)
