"""What the roles that plan and apply may do where states and plans lie.

    wealist-tfstate-bucket       plan: reads its stack's state    apply: reads, locks and writes all
    wealist-terraform-plans      plan: puts its stack's plans     apply: reads all

A plan holds the state, with the secrets that Terraform knows in clear, so it lies where no reader of the repository
gets at it. What the plan role may put there it may not read, and what a pull request's code could put there is no
harm: an apply takes a plan by its digest alone (ADR 0022).
"""

from typing import Final

from wealist.spec.account import PLANS_BUCKET, STATE_BUCKET, STATE_LOCK_SUFFIX, state_key
from wealist.toolkit.policy import Statement

_STATES: Final = f"arn:aws:s3:::{STATE_BUCKET}"
_PLANS: Final = f"arn:aws:s3:::{PLANS_BUCKET}"


def plan_storage(stack: str) -> list[Statement]:
    """For planning a stack with `-lock=false`: nothing in the state's bucket is written, not even a lock."""
    why = "a plan waits for its review (ADR 0022)"
    return [*_states(stack, "s3:GetObject"), _plans("KeepPlans", why, "s3:PutObject", f"{stack}/*")]


def apply_storage() -> list[Statement]:
    """For applying a plan that was kept."""
    return [
        *_states("*", "s3:GetObject", "s3:PutObject"),
        Statement(
            sid="LockState",
            why="nobody else applies meanwhile",
            actions=["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
            resources=[f"{_state('*')}{STATE_LOCK_SUFFIX}"],
        ),
        _plans("FetchPlans", "what is applied is the plan that was reviewed (ADR 0022)", "s3:GetObject", "*"),
    ]


def _state(stack: str) -> str:
    """Of this project: the bucket holds states of others, too."""
    return f"{_STATES}/{state_key(stack)}"


def _states(stack: str, *actions: str) -> list[Statement]:
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
            resources=[_state(stack)],
        ),
    ]


def _plans(sid: str, why: str, action: str, keys: str) -> Statement:
    return Statement(sid=sid, why=why, actions=[action], resources=[f"{_PLANS}/{keys}"])
