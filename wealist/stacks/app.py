"""The app: every stack there is."""

from collections.abc import Collection, Sequence

from cdktf import App

from wealist.spec.baseline import BASELINE, Baseline
from wealist.spec.environment import Environment
from wealist.stacks.account import AccountStack
from wealist.stacks.bootstrap import BootstrapStack
from wealist.stacks.environment import EnvironmentStack


def build(
    app: App, environments: Sequence[Environment], removed: Collection[str] = (), *, baseline: Baseline = BASELINE
) -> None:
    """Adds every stack to an app.

    Args:
        app: without any stack.
        environments: all of them.
        removed: types of what has left the code, and that the next apply destroys.
        baseline: what the account is held to.
    """
    BootstrapStack(app)
    stacks = [EnvironmentStack(app, environment) for environment in environments]
    # The last: the pipeline may do what all the others take.
    AccountStack(app, baseline=baseline, environments=stacks, removed=removed)
