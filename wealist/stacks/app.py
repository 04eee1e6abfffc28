"""The app with all stacks."""

from collections.abc import Collection, Sequence

from cdktf import App

from wealist.spec.baseline import BASELINE, Baseline
from wealist.spec.environment import Environment
from wealist.stacks.account import AccountStack, BootstrapStack
from wealist.stacks.environment import EnvironmentStack


def build(
    app: App, environments: Sequence[Environment], removed: Collection[str] = (), *, baseline: Baseline = BASELINE
) -> None:
    """Add every stack to an app.

    Args:
        app: An empty app.
        environments: All environments.
        removed: Types that have left the code, and that the next apply destroys.
        baseline: Settings of the account.
    """
    BootstrapStack(app)
    stacks = [EnvironmentStack(app, environment) for environment in environments]
    # The last one: the pipeline's rights follow from all other stacks.
    AccountStack(app, baseline=baseline, environments=stacks, removed=removed)
