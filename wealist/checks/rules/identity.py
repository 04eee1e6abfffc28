"""Roles and policies, each by itself; what they add up to is the IAM proof's.

https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html
"""

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from wealist.checks.hardening.rule import Rule, Scope, said, several, statements
from wealist.model.stack import Resource
from wealist.spec.account import OIDC_AUDIENCE, OIDC_HOST, PROJECT

Statement = Mapping[str, Any]
_READS: Final = ("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath", "ssm:GetParameterHistory")
_PUBLIC: Final = re.compile(r"arn:aws:ssm:[\w*-]*::parameter/aws/service/.+")
"""Parameters of AWS, in no account, that everybody may read: the ids of images."""


def _first(resource: Resource, wrong: Callable[[Statement], str | None]) -> str | None:
    """What is wrong with the first statement that allows something it should not."""
    found = statements(resource)
    if found is None:
        return "policy is no literal policy document"
    problems = ((each.get("Sid"), wrong(each)) for each in found if each.get("Effect") == "Allow")
    return next((f"statement {sid!r} {problem}" for sid, problem in problems if problem), None)


def nobody_may_do_everything(policy: Resource, _: Scope) -> str | None:
    """No statement allows every action on every resource."""

    def wrong(statement: Statement) -> str | None:
        actions = {"*", "*:*"} & set(several(statement.get("Action")))
        return "allows * on *" if actions and "*" in several(statement.get("Resource")) else None

    return _first(policy, wrong)


def no_service_is_given_whole(policy: Resource, _: Scope) -> str | None:
    """Actions are named; what is left out is refused, too."""

    def wrong(statement: Statement) -> str | None:
        if "NotAction" in statement:
            return "allows everything but NotAction"
        wide = [action for action in several(statement.get("Action")) if action == "*" or action.endswith(":*")]
        return f"allows {', '.join(wide)}" if wide else None

    return _first(policy, wrong)


def a_role_is_passed_to_one_service(policy: Resource, _: Scope) -> str | None:
    """Who may pass any role to any service has all their rights."""

    def wrong(statement: Statement) -> str | None:
        if not any(str(action).lower() == "iam:passrole" for action in several(statement.get("Action"))):
            return None
        if "*" in several(statement.get("Resource")):
            return "passes any role"
        conditions = [key for keys in (statement.get("Condition") or {}).values() for key in keys]
        return None if "iam:PassedToService" in conditions else "passes roles to any service"

    return _first(policy, wrong)


def parameters_are_read_in_ones_own_path(policy: Resource, scope: Scope) -> str | None:
    """An instance of one environment cannot read the secrets of another."""
    own = f":parameter/{PROJECT}/{scope.stack.name}/"

    def wrong(statement: Statement) -> str | None:
        patterns = [str(action).lower() for action in several(statement.get("Action"))]
        if not any(fnmatchcase(read.lower(), pattern) for pattern in patterns for read in _READS):
            return None
        resources = map(str, several(statement.get("Resource")))
        other = [each for each in resources if own not in f"{each}/" and not _PUBLIC.fullmatch(each)]
        return f"reads {', '.join(other)}" if other else None

    return _first(policy, wrong)


def github_is_held_to_audience_and_subject(role: Resource, _: Scope) -> str | None:
    """Not every workflow of everybody, and no token that was meant for somebody else."""
    for statement in statements(role, "assume_role_policy") or ():
        if "sts:AssumeRoleWithWebIdentity" not in several(statement.get("Action")):
            continue
        condition = statement.get("Condition") or {}
        audience = (condition.get("StringEquals") or {}).get(f"{OIDC_HOST}:aud")
        if several(audience) != [OIDC_AUDIENCE]:
            return said("aud", audience)
        subjects = [
            subject
            for operator in ("StringLike", "StringEquals")
            for subject in several((condition.get(operator) or {}).get(f"{OIDC_HOST}:sub"))
        ]
        wide = [each for each in subjects if each.split("/")[0].removeprefix("repo:").strip("*@") == ""]
        if not subjects or wide:
            return said("sub", wide or None)
    return None


def _trusts_a_web_identity(role: Resource, _: Scope) -> bool:
    return "sts:AssumeRoleWithWebIdentity" in str(role.get("assume_role_policy"))


def _is_an_environments(_: Resource, scope: Scope) -> bool:
    return scope.environment is not None


_POLICY: Final = ("aws_iam_policy", "aws_iam_role_policy")
RULES: Final = (
    Rule("IAM.1", _POLICY, nobody_may_do_everything, "name the actions and their resources"),
    Rule("IAM.21", _POLICY, no_service_is_given_whole, "name the actions"),
    Rule(
        "iam.pass_role",
        _POLICY,
        a_role_is_passed_to_one_service,
        "name the roles, and the service by iam:PassedToService",
    ),
    Rule(
        "ssm.own_path",
        _POLICY,
        parameters_are_read_in_ones_own_path,
        "let it read parameters below /wealist/<environment>/ only",
        _is_an_environments,
    ),
    Rule(
        "iam.github_trust",
        ("aws_iam_role",),
        github_is_held_to_audience_and_subject,
        "ask for the audience by StringEquals, and for subjects of one organisation",
        _trusts_a_web_identity,
    ),
)
