"""What needs more than a comparison of IAM: the statements of one policy."""

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from wealist.checks.rules.rule import Scope, Values, of_stack, of_values, several, statements
from wealist.model.stack import Resource
from wealist.spec.account import PROJECT

_Statement = Mapping[str, Any]
_READS: Final = ("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath", "ssm:GetParameterHistory")
_PUBLIC: Final = re.compile(r"arn:aws:ssm:[\w*-]*::parameter/aws/service/.+")
"""Parameters of AWS, in no account, that everybody may read: the ids of images."""


def _first(policy: Values, wrong: Callable[[_Statement], str | None]) -> str | None:
    """What is wrong with the first statement that allows something it should not. An unknown policy is not wrong."""
    text = policy.get("policy")
    if text is not None and not isinstance(text, str):
        return None
    found = statements(policy)
    if found is None:
        return "policy is no literal policy document"
    problems = ((each.get("Sid"), wrong(each)) for each in found if each.get("Effect") == "Allow")
    return next((f"statement {sid!r} {problem}" for sid, problem in problems if problem), None)


@of_values
def allows_not_everything(policy: Values) -> str | None:
    """No statement allows every action on every resource."""

    def wrong(statement: _Statement) -> str | None:
        actions = {"*", "*:*"} & set(several(statement.get("Action")))
        return "allows * on *" if actions and "*" in several(statement.get("Resource")) else None

    return _first(policy, wrong)


@of_values
def allows_no_whole_service(policy: Values) -> str | None:
    """Statements name their actions."""

    def wrong(statement: _Statement) -> str | None:
        if "NotAction" in statement:
            return "allows everything but NotAction"
        wide = [action for action in several(statement.get("Action")) if action == "*" or action.endswith(":*")]
        return f"allows {', '.join(wide)}" if wide else None

    return _first(policy, wrong)


@of_stack
def reads_its_own_parameters(policy: Resource, scope: Scope) -> str | None:
    """An environment's policies allow reading its own parameters, and AWS's public ones."""
    own = f":parameter/{PROJECT}/{scope.stack.name}/"

    def wrong(statement: _Statement) -> str | None:
        patterns = [str(action).lower() for action in several(statement.get("Action"))]
        if not any(fnmatchcase(read.lower(), pattern) for pattern in patterns for read in _READS):
            return None
        resources = map(str, several(statement.get("Resource")))
        other = [each for each in resources if own not in f"{each}/" and not _PUBLIC.fullmatch(each)]
        return f"reads {', '.join(other)}" if other else None

    return _first(policy.values, wrong)
