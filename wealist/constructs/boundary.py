"""The most that any role of an environment can ever do, whatever policy is attached to it.

    wealist-terraform-boundary = the union of the actions of every environment's policies, on any resource;
                                 PassRole only as they have it

The role that applies may make and change roles, and must not be able to make itself, or another, an administrator by
it: it may only make roles that carry this boundary, and cannot change the boundary (ADR 0019).

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from collections.abc import Sequence
from typing import Final

from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from constructs import Construct

from wealist.constructs.codedeploy_policy import codedeploy_statements, pass_to_instances
from wealist.constructs.identity_policies import flow_log_statements, github_actions_statements, instance_policies
from wealist.spec.account import BOUNDARY_NAME
from wealist.spec.environment import Environment
from wealist.toolkit.policy import Statement, document, explain

_ANY: Final = "*"
_PASSING: Final = "iam:PassRole"


class Boundary(Construct):
    """The boundary policy.

    Attributes:
        policy: the policy.
    """

    def __init__(self, scope: Construct, id_: str, *, environments: Sequence[Environment]) -> None:
        super().__init__(scope, id_)
        allowed = [statement for config in environments for statement in _statements(config)]
        actions = {action for statement in allowed for action in statement.actions}
        statements = [
            Statement(
                sid="AtMost",
                why="all that the roles of the environments do",
                actions=sorted(actions - {_PASSING}),
                resources=["*"],
            )
        ]
        if passed := {role for each in allowed if _PASSING in each.actions for role in each.resources}:
            # On any role, it would start instances with whichever role of the account trusts EC2.
            statements.append(pass_to_instances(sorted(passed)))
        self.policy = IamPolicy(
            self,
            "policy",
            name=BOUNDARY_NAME,
            description="The most that a role of an environment can do",
            policy=document(*statements),
            tags={"Name": BOUNDARY_NAME},
        )
        explain(self.policy, statements)


def _statements(config: Environment) -> list[Statement]:
    """Every statement of every policy of an environment's roles."""
    policies = [
        *instance_policies(config.names, key_arn=_ANY, data_volume_arn=_ANY).values(),
        codedeploy_statements(config),
        flow_log_statements(config),
        github_actions_statements(config, key_arn=_ANY, distribution_arn=_ANY),
    ]
    return [statement for policy in policies for statement in policy]
