"""The app: every stack there is."""

from collections.abc import Sequence

from cdktf import App

from wealist.spec.environment import Environment
from wealist.stacks.account import AccountStack
from wealist.stacks.bootstrap import BootstrapStack
from wealist.stacks.environment import EnvironmentStack


def build(app: App, environments: Sequence[Environment]) -> None:
    """Adds every stack to an app."""
    BootstrapStack(app)
    stacks = [EnvironmentStack(app, environment) for environment in environments]
    AccountStack(app, environments=stacks)  # the last: the pipeline may do what all the others take
