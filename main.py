"""Every stack of every environment, synthesized to Terraform JSON: `python main.py`, or `cdktf synth`."""

import gc
import sys
from typing import TYPE_CHECKING

from wealist.spec.environments import load
from wealist.spec.problems import SpecError
from wealist.toolkit.errors import ToolkitError

if TYPE_CHECKING:
    from cdktf import App


def build(app: "App") -> None:
    """Adds every stack to an app.

    Raises:
        SpecError: an environment is invalid.
    """
    environments = load()
    # Imported here, so that an invalid environment is told before cdktf is loaded.
    from wealist.stacks.account import AccountStack  # noqa: PLC0415
    from wealist.stacks.bootstrap import BootstrapStack  # noqa: PLC0415
    from wealist.stacks.environment import EnvironmentStack  # noqa: PLC0415

    BootstrapStack(app)
    AccountStack(app, environments=[environment.name for environment in environments])
    for environment in environments:
        for warning in environment.warnings:
            print(f"warning: {warning}", file=sys.stderr)
        EnvironmentStack(app, environment)


def main() -> int:
    """Synthesizes. Returns the exit code: 0, or 2 when the input is not valid."""
    # What a synthesis allocates it keeps until it ends, so that collecting garbage is 5 % of its time for nothing.
    gc.disable()
    from wealist.toolkit.synthesis import output_folder, synthesize  # noqa: PLC0415

    try:
        for path in synthesize(build, output_folder()):
            print(path)
    except SpecError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except ToolkitError as error:
        print(f"error: {error}\nremedy: {error.remedy}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
