"""The stack of the bucket that holds the state of every stack, including its own.

The bucket does not exist before the first apply, which therefore writes a local state by an override file beside the
JSON; `terraform init -migrate-state` moves the state into the bucket. The README describes the steps.
"""

from constructs import Construct

from wealist.spec.account import STATE_BUCKET
from wealist.stacks.factory import WealistStack
from wealist.toolkit.hcl_module import HclModule


class BootstrapStack(WealistStack):
    """One call of `modules/state_backend`."""

    def __init__(self, scope: Construct) -> None:
        super().__init__(scope, "bootstrap", environment="account")
        HclModule(self, "state-backend", module="state_backend", variables={"bucket_name": STATE_BUCKET})
