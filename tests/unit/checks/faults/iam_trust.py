"""Trust in somebody else: one fault each."""

import copy
import json
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from tests.guarded import Fault
from tests.unit.checks.faults.iam_edits import (
    GITHUB,
    Statement,
    policy,
    trust,
    without_condition,
)

_SUBJECT: Final = f"{GITHUB}:sub"
_AUDIENCE: Final = f"{GITHUB}:aud"
_REF: Final = f"{GITHUB}:ref"
_prod: Final = partial(Fault, stack="prod")
_account: Final = partial(Fault, stack="account")


def _subjects(*patterns: str) -> Callable[[Statement], None]:
    def edit(statement: Statement) -> None:
        statement["Condition"]["StringLike"][_SUBJECT] = list(patterns)

    return edit


def _without_subject(statement: Statement) -> None:
    del statement["Condition"]["StringLike"]


def _without(claim: str) -> Callable[[Statement], None]:
    def edit(statement: Statement) -> None:
        del statement["Condition"]["StringEquals"][f"{GITHUB}:{claim}"]

    return edit


def _exactly(claim: str, *values: str) -> Callable[[Statement], None]:
    def edit(statement: Statement) -> None:
        statement["Condition"]["StringEquals"][f"{GITHUB}:{claim}"] = list(values)

    return edit


def _in_place_of_the_ref(operator: str, claim: str, value: str) -> Callable[[Statement], None]:
    def edit(statement: Statement) -> None:
        del statement["Condition"]["StringEquals"][_REF]
        statement["Condition"].setdefault(operator, {})[f"{GITHUB}:{claim}"] = value

    return edit


def _handed_to_nobody(document: dict[str, Any]) -> None:
    trusted = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": ["sts:AssumeRole"]}
    document["resource"]["aws_iam_role"]["mistake"] = {
        "name": "wealist-prod-another-ec2-role",
        "assume_role_policy": json.dumps({"Version": "2012-10-17", "Statement": [trusted]}),
    }


def _another_role_for_github(document: dict[str, Any]) -> None:
    roles = document["resource"]["aws_iam_role"]
    trusted = json.loads(roles[_GITHUBS]["assume_role_policy"])
    del trusted["Statement"][0]["Condition"]["StringEquals"][_REF]
    roles["mistake"] = {"name": "wealist-prod-site-role", "assume_role_policy": json.dumps(trusted)}


def _also(condition: Callable[[Statement], None]) -> Callable[[list[Statement]], None]:
    """Adds a second statement like the first, but for its condition."""

    def edit(statements: list[Statement]) -> None:
        second = copy.deepcopy(statements[0]) | {"Sid": "Mistake"}
        condition(second)
        statements.append(second)

    return edit


_GITHUBS: Final = "pipeline_identity_github_actions_role"
_WIDER: Final = {
    "prod's deploy role without a ref": _without("ref"),
    "every branch deploys to prod": _in_place_of_the_ref("StringLike", "ref", "refs/heads/*"),
    "every branch that begins so deploys to prod": _in_place_of_the_ref("StringLike", "ref", "refs/heads/deploy-*"),
    "the right branch as a pattern": _in_place_of_the_ref("StringLike", "ref", "refs/heads/deploy-prod"),
    "pull requests deploy to prod": _in_place_of_the_ref("StringLike", "ref", "refs/pull/*"),
    "one pull request deploys to prod": _exactly("ref", "refs/pull/7/merge"),
    "a tag deploys to prod": _exactly("ref", "refs/tags/deploy-prod"),
    "a branch without its path": _exactly("ref", "deploy-prod"),
    "a second branch deploys to prod": _exactly("ref", "refs/heads/deploy-prod", "refs/heads/main"),
    "dev's branch deploys to prod": _exactly("ref", "refs/heads/deploy-dev"),
    "the branch in other letters": _exactly("ref", "refs/heads/Deploy-Prod"),
    "a GitHub environment in the branch's place": _in_place_of_the_ref("StringEquals", "environment", "prod"),
    "a claim that GitHub has and AWS does not read": _in_place_of_the_ref("StringEquals", "ref_type", "branch"),
    "a claim that is misspelt": _in_place_of_the_ref("StringEquals", "reff", "refs/heads/deploy-prod"),
    "the audience as a pattern": lambda each: (
        each["Condition"]["StringEquals"].pop(_AUDIENCE),
        each["Condition"]["StringLike"].update({_AUDIENCE: "*"}),
    ),
}
"""Conditions that are no longer those of prod's setting."""
_UNREAD: Final = (
    "ForAllValues:StringEquals",
    "ForAnyValue:StringEquals",
    "StringEqualsIfExists",
    "StringNotEquals",
    "StringNotLike",
    "StringEqualsIgnoreCase",
)
"""Operators that hold where the claim is missing, or for more than it names."""

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
        "a service that takes another role assumes the instances' role",
        edit=trust("identity_ec2_role", lambda each: each.update(Principal={"Service": "codedeploy.amazonaws.com"})),
        control="iam.trust",
    ),
    _prod(
        "instances assume the deploy role",
        edit=trust(_GITHUBS, lambda each: each.update(Principal={"Service": "ec2.amazonaws.com"})),
        control="iam.trust",
    ),
    _prod("a role that is handed to nobody", edit=_handed_to_nobody, control="iam.trust"),
    _prod("another role that workflows take", edit=_another_role_for_github, control="iam.trust"),
    _prod(
        "the flow log's role is taken for any account",
        edit=trust("flow_logs_role", without_condition),
        control="iam.trust",
    ),
    _prod("look-alike organisations", edit=trust(_GITHUBS, _subjects("repo:OrangesCloud*")), control="iam.trust"),
    _prod("every organisation", edit=trust(_GITHUBS, _subjects("repo:*/user-service:*")), control="iam.trust"),
    _prod("every workflow on GitHub", edit=trust(_GITHUBS, _without_subject), control="iam.trust"),
    _prod("tokens for others", edit=trust(_GITHUBS, _without("aud")), control="iam.trust"),
    *(_prod(name, edit=trust(_GITHUBS, edit), control="iam.trust") for name, edit in _WIDER.items()),
    *(
        _prod(
            f"the deploy branch by {operator}",
            edit=trust(_GITHUBS, _in_place_of_the_ref(operator, "ref", "refs/heads/deploy-prod")),
            control="iam.conditions",
        )
        for operator in _UNREAD
    ),
    _prod(
        "a second statement that asks for no branch",
        edit=policy(("aws_iam_role", _GITHUBS), _also(_without("ref")), "assume_role_policy"),
        control="iam.trust",
    ),
    _prod(
        "a second statement for another branch",
        edit=policy(("aws_iam_role", _GITHUBS), _also(_exactly("ref", "refs/heads/main")), "assume_role_policy"),
        control="iam.trust",
    ),
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
    _account("any branch applies", edit=trust("pipeline_apply_role", _without("ref")), control="iam.trust"),
    _account(
        "the services' branch applies",
        edit=trust("pipeline_apply_role", _exactly("ref", "refs/heads/deploy-prod")),
        control="iam.trust",
    ),
    _account(
        "any repository that words its subject so applies",
        edit=trust("pipeline_apply_role", _without("repository")),
        control="iam.trust",
    ),
    _account(
        "another repository applies",
        edit=trust("pipeline_apply_role", _exactly("repository", "OrangesCloud/user-service")),
        control="iam.trust",
    ),
    _account(
        "main without an environment applies",
        edit=policy(
            ("aws_iam_role", "pipeline_apply_role"),
            _also(_subjects("repo:OrangesCloud/wealist-infrastructure:ref:refs/heads/main")),
            "assume_role_policy",
        ),
        control="iam.trust",
    ),
]
