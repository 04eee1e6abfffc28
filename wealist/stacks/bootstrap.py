"""The stack that makes the bucket of every stack's state, its own included.

The bucket must exist before it can hold a state: the first apply keeps it in a local file, by an override beside the
JSON, and `terraform init -migrate-state` moves it. The README gives the steps.
"""

from constructs import Construct

from wealist.spec.account import STATE_BUCKET
from wealist.stacks.factory import WealistStack
from wealist.toolkit.hcl_module import HclModule


class BootstrapStack(WealistStack):
    """`modules/state_backend`, and nothing else."""

    def __init__(self, scope: Construct) -> None:
        super().__init__(scope, "bootstrap", environment="account")
        HclModule(self, "state-backend", module="state_backend", variables={"bucket_name": STATE_BUCKET})
