"""Roles passed to anybody, and taken by anybody with a token of GitHub."""

from typing import Final

from tests.guarded import faults
from tests.unit.checks.faults.policies import Statement, grants, statement

_POLICY: Final = ("aws_iam_policy", "identity_ec2_s3_policy")
_TRUST: Final = ("aws_iam_role", "pipeline_identity_github_actions_role")
_SUBJECT: Final = "token.actions.githubusercontent.com:sub"
_AUDIENCE: Final = "token.actions.githubusercontent.com:aud"


def _any_audience(trust: Statement) -> None:
    del trust["Condition"]["StringEquals"][_AUDIENCE]


def _any_organisation(trust: Statement) -> None:
    trust["Condition"]["StringLike"][_SUBJECT] = ["repo:*"]


def _any_subject(trust: Statement) -> None:
    del trust["Condition"]["StringLike"]


FAULTS: Final = [
    *faults(
        "iam.pass-role",
        {
            "any role for anything": grants(*_POLICY, Action=["iam:PassRole"], Resource=["*"]),
            "a role for any service": grants(
                *_POLICY, Action=["iam:PassRole"], Resource=["arn:aws:iam::290008131187:role/wealist-prod-ec2-role"]
            ),
        },
    ),
    *faults(
        "iam.trust",
        {
            "tokens for anybody": statement(*_TRUST, _any_audience, "assume_role_policy"),
            "workflows of everybody": statement(*_TRUST, _any_organisation, "assume_role_policy"),
            "any workflow": statement(*_TRUST, _any_subject, "assume_role_policy"),
        },
    ),
]
