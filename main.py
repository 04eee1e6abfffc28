"""Every stack of every environment, synthesized to Terraform JSON: `python main.py`, or `cdktf synth`."""

import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from wealist.errors import ToolkitError
from wealist.operations.errors import OperatorError
from wealist.spec.environment import Environment
from wealist.spec.environments import load
from wealist.spec.problems import SpecError

if TYPE_CHECKING:
    from cdktf import App


def build(app: "App", environments: Sequence[Environment]) -> None:
    """Adds every stack to an app."""
    from wealist.stacks.account import AccountStack  # noqa: PLC0415  cdktf is loaded for valid environments only
    from wealist.stacks.bootstrap import BootstrapStack  # noqa: PLC0415
    from wealist.stacks.environment import EnvironmentStack  # noqa: PLC0415

    BootstrapStack(app)
    AccountStack(app, environments=environments)
    for environment in environments:
        EnvironmentStack(app, environment)


def main() -> int:
    """Synthesizes. Returns the exit code: 0, 1 when the output would not be safe, or 2 when the input is not valid."""
    # What a synthesis allocates it keeps until it ends, so that collecting garbage is 5 % of its time for nothing.
    gc.disable()
    try:
        environments = load()
        from wealist.toolkit.synthesis import output_folder, synthesize  # noqa: PLC0415  as in `build`

        def verify(folder: Path) -> None:
            from wealist.operations.guardrails.check import refuse_unsafe  # noqa: PLC0415  only when there is something

            refuse_unsafe(folder, environments)

        paths = synthesize(lambda app: build(app, environments), output_folder(), verify)
    except SpecError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except ToolkitError as error:
        print(f"error: {error}\nremedy: {error.remedy}", file=sys.stderr)
        return 2
    except OperatorError as error:
        print(f"error: {error}\nremedy: {error.remedy}", file=sys.stderr)
        return error.exit_code
    for environment in environments:
        for warning in environment.warnings:
            print(f"warning: {warning}", file=sys.stderr)
    for path in paths:
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
