"""The most that any role of an environment can ever do, whatever policy is attached to it.

    wealist-terraform-boundary = the union of the actions of every environment's policies, on any resource;
                                 PassRole only as they have it

The role that applies may make and change roles, and must not be able to make itself, or another, an administrator by
it: it may only make roles that carry this boundary, and cannot change the boundary (ADR 0019).

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

_PASSING: Final = "iam:PassRole"


class Boundary(Construct):
    """The boundary policy.

    Attributes:
        policy: the policy.
    """

    def __init__(self, scope: Construct, id_: str, *, environments: Sequence[Construct]) -> None:
        """Makes the policy.

        Args:
            scope: the account stack.
            id_: construct id.
            environments: the stacks of all environments, with every policy of theirs.
        """
        super().__init__(scope, id_)
        allowed = [statement for stack in environments for statement in _statements(stack)]
        actions = {action for statement in allowed for action in statement["Action"]}
        statements = [
            Statement(
                sid="AtMost",
                why="all that the roles of the environments do",
                actions=sorted(actions - {_PASSING}),
                resources=["*"],
            ),
            *_passing(each for each in allowed if _PASSING in each["Action"]),
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
    """Every statement that allows something to a role of a stack."""
    for construct in stack.node.find_all():
        if isinstance(construct, IamPolicy | IamRolePolicy):
            for statement in json.loads(str(construct.policy_input))["Statement"]:
                if statement["Effect"] == "Allow":
                    yield statement


def _passing(statements: Iterable[Mapping[str, Any]]) -> list[Statement]:
    """PassRole as the roles have it: on any role, it would start instances with whichever role trusts EC2."""
    roles: dict[str, set[str]] = {}
    for each in statements:
        roles.setdefault(json.dumps(each["Condition"], sort_keys=True), set()).update(each["Resource"])
    return [
        Statement(
            sid=f"PassRoles{number}".removesuffix("1"),
            why="a role is passed as the policies of the environments pass it, and no other",
            actions=[_PASSING],
            resources=sorted(passed),
            conditions=json.loads(condition),
        )
        for number, (condition, passed) in enumerate(sorted(roles.items()), 1)
    ]
