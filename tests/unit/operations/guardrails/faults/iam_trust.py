"""Trust in somebody else: one fault each."""

from collections.abc import Callable
from functools import partial
from typing import Final

from tests.guarded import Fault
from tests.unit.operations.guardrails.faults.iam_edits import (
    GITHUB,
    Statement,
    trust,
    without_condition,
)

_SUBJECT: Final = f"{GITHUB}:sub"
_AUDIENCE: Final = f"{GITHUB}:aud"
_prod: Final = partial(Fault, stack="prod")
_account: Final = partial(Fault, stack="account")


def _subjects(*patterns: str) -> Callable[[Statement], None]:
    def edit(statement: Statement) -> None:
        statement["Condition"]["StringLike"][_SUBJECT] = list(patterns)

    return edit


def _without_subject(statement: Statement) -> None:
    del statement["Condition"]["StringLike"]


def _any_audience(statement: Statement) -> None:
    del statement["Condition"]["StringEquals"][_AUDIENCE]


_GITHUBS: Final = "pipeline_identity_github_actions_role"

FAULTS: Final = [
    _prod(
        "anybody assumes the instances' role",
        edit=trust("identity_ec2_role", lambda each: each.update(Principal="*")),
        control="iam.trust",
    ),
    _prod(
        "another account assumes the instances' role",
        edit=trust("identity_ec2_role", lambda each: each.update(Principal={"AWS": "111122223333"})),
        control="iam.trust",
    ),
    _prod(
        "another service assumes the instances' role",
        edit=trust("identity_ec2_role", lambda each: each.update(Principal={"Service": "lambda.amazonaws.com"})),
        control="iam.trust",
    ),
    _prod(
        "the flow log's role is taken for any account",
        edit=trust("flow_logs_role", without_condition),
        control="iam.trust",
    ),
    _prod("look-alike organisations", edit=trust(_GITHUBS, _subjects("repo:OrangesCloud*")), control="iam.trust"),
    _prod("every organisation", edit=trust(_GITHUBS, _subjects("repo:*/user-service:*")), control="iam.trust"),
    _prod("every workflow on GitHub", edit=trust(_GITHUBS, _without_subject), control="iam.trust"),
    _prod("tokens for others", edit=trust(_GITHUBS, _any_audience), control="iam.trust"),
    _account(
        "pull requests apply",
        edit=trust("pipeline_apply_role", _subjects("repo:OrangesCloud/wealist-infrastructure:pull_request")),
        control="iam.trust",
    ),
    _account(
        "any environment applies",
        edit=trust("pipeline_apply_role", _subjects("repo:OrangesCloud/wealist-infrastructure:environment:*")),
        control="iam.trust",
    ),
    _account(
        "another repository plans",
        edit=trust("pipeline_plan_role", _subjects("repo:OrangesCloud/user-service:pull_request")),
        control="iam.trust",
    ),
    _account(
        "any branch applies",
        edit=trust("pipeline_apply_role", lambda each: each["Condition"]["StringEquals"].pop(f"{GITHUB}:ref")),
        control="iam.trust",
    ),
]
