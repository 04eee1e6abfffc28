"""What the roles that plan and apply may do where states and plans lie.

    wealist-tfstate-bucket       plan: reads states    apply: reads, locks and writes them
    wealist-terraform-plans      plan: puts plans      apply: reads plans

A plan holds the state, with the secrets that Terraform knows in clear, so it lies where no reader of the repository
gets at it. What the plan role may put there it may not read, and what a pull request's code could put there is no
harm: an apply takes a plan by its digest alone (ADR 0022).
"""

from typing import Final

from wealist.spec.account import PLANS_BUCKET, STATE_BUCKET, STATE_LOCK_SUFFIX, state_key
from wealist.toolkit.policy import Statement

_STATES: Final = f"arn:aws:s3:::{STATE_BUCKET}"
_EVERY_STATE: Final = f"{_STATES}/{state_key('*')}"
"""Of this project: the bucket holds states of others, too."""
_PLANS: Final = f"arn:aws:s3:::{PLANS_BUCKET}"


def plan_storage() -> list[Statement]:
    """For planning with `-lock=false`: nothing in the state's bucket is written, not even a lock."""
    return [*_states("s3:GetObject"), _plans("KeepPlans", "a plan waits for its review (ADR 0022)", "s3:PutObject")]


def apply_storage() -> list[Statement]:
    """For applying a plan that was kept."""
    return [
        *_states("s3:GetObject", "s3:PutObject"),
        Statement(
            sid="LockState",
            why="nobody else applies meanwhile",
            actions=["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
            resources=[f"{_EVERY_STATE}{STATE_LOCK_SUFFIX}"],
        ),
        _plans("FetchPlans", "what is applied is the plan that was reviewed (ADR 0022)", "s3:GetObject"),
    ]


def _states(*actions: str) -> list[Statement]:
    """What the backend asks for: https://developer.hashicorp.com/terraform/language/backend/s3#permissions-required."""
    return [
        Statement(
            sid="FindState",
            why="the backend looks whether there is a state",
            actions=["s3:ListBucket"],
            resources=[_STATES],
        ),
        Statement(
            sid="UseState",
            why="Terraform compares the stacks with their states, and an apply writes them",
            actions=actions,
            resources=[_EVERY_STATE],
        ),
    ]


def _plans(sid: str, why: str, action: str) -> Statement:
    return Statement(sid=sid, why=why, actions=[action], resources=[f"{_PLANS}/*"])
