"""The permissions boundary of every role of an environment: the limit of its rights, whatever policies it has.

    wealist-terraform-boundary = the union of the actions of every environment's policies, on any resource;
                                 PassRole only as those policies allow it

The role that applies can create and change roles. So that it cannot make any role an administrator, it creates only
roles with this boundary, and cannot change the boundary (ADR 0019).

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from constructs import Construct

from wealist.spec.account import BOUNDARY_NAME
from wealist.toolkit.policy import Statement, document, explain

_PASS_ROLE: Final = "iam:PassRole"  # noqa: S105  an action


class Boundary(Construct):
    """The boundary policy.

    Args:
        environments: The complete stacks of all environments.

    Attributes:
        policy: The policy.
    """

    def __init__(self, scope: Construct, id_: str, *, environments: Sequence[Construct]) -> None:
        super().__init__(scope, id_)
        allowed = [statement for stack in environments for statement in _statements(stack)]
        actions = {action for statement in allowed for action in statement["Action"]}
        statements = [
            Statement(
                sid="AtMost",
                why="all that the roles of the environments do",
                actions=sorted(actions - {_PASS_ROLE}),
                resources=["*"],
            ),
            *_pass_role(each for each in allowed if _PASS_ROLE in each["Action"]),
        ]
        self.policy = IamPolicy(
            self,
            "policy",
            name=BOUNDARY_NAME,
            description="The most that a role of an environment can do",
            policy=document(*statements),
            tags={"Name": BOUNDARY_NAME},
        )
        explain(self.policy, statements)


def _statements(stack: Construct) -> Iterator[Mapping[str, Any]]:
    """Yield the Allow statements of all roles of a stack."""
    for construct in stack.node.find_all():
        if isinstance(construct, IamPolicy | IamRolePolicy):
            for statement in json.loads(str(construct.policy_input))["Statement"]:
                if statement["Effect"] == "Allow":
                    yield statement


def _pass_role(statements: Iterable[Mapping[str, Any]]) -> list[Statement]:
    """Return PassRole as the policies limit it: on any role, it would start instances as any role that trusts EC2."""
    roles: dict[str, set[str]] = {}
    for each in statements:
        roles.setdefault(json.dumps(each["Condition"], sort_keys=True), set()).update(each["Resource"])
    return [
        Statement(
            sid=f"PassRoles{number}".removesuffix("1"),
            why="a role is passed as the policies of the environments pass it, and no other",
            actions=[_PASS_ROLE],
            resources=sorted(passed),
            conditions=json.loads(condition),
        )
        for number, (condition, passed) in enumerate(sorted(roles.items()), 1)
    ]
