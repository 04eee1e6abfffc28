"""Tags of what environments share, wrong: the conditions that compare them stand in other stacks."""

from typing import Final

from tests.guarded import Fault, faults
from tests.unit.checks.faults.edits import put
from tests.unit.checks.faults.iam_tags import provider

FAULTS: Final[list[Fault]] = [
    *faults(
        "iam.tags",
        {
            "what all share is tagged as prod's": provider(0, Environment="prod"),
            "the pipeline's role is tagged as prod's": put(
                "aws_iam_role.pipeline_apply_role.tags.Environment", to="prod"
            ),
        },
        stack="account",
    ),
    *faults(
        "iam.tags",
        {
            "the states are tagged as prod's": lambda document: document["module"]["state_backend"].update(
                tags={"Environment": "prod"}
            )
        },
        stack="bootstrap",
    ),
]
