"""The most that any role of an environment can ever do, whatever policy is attached to it.

    wealist-terraform-boundary = the union of the actions of every environment's policies, on any resource;
                                 PassRole only as they have it

The role that applies may make and change roles, and must not be able to make itself, or another, an administrator by
it: it may only make roles that carry this boundary, and cannot change the boundary (ADR 0019).

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from constructs import Construct

from wealist.constructs.codedeploy_policy import codedeploy_policy, pass_to_instances
from wealist.constructs.identity_policies import flow_logs_policy, github_actions_policy, instance_policies
from wealist.spec.account import BOUNDARY_NAME
from wealist.spec.environment import Environment
from wealist.toolkit.policy import Statement, document

_ANY: Final = "*"
_PASSING: Final = "iam:PassRole"


class Boundary(Construct):
    """The boundary policy.

    Attributes:
        policy: the policy.
    """

    def __init__(self, scope: Construct, id_: str, *, environments: Sequence[Environment]) -> None:
        super().__init__(scope, id_)
        given = [statement for config in environments for statement in _statements(config)]
        actions = {action for statement in given for action in statement["Action"]}
        statements = [Statement(sid="AtMost", actions=sorted(actions - {_PASSING}), resources=["*"])]
        if passed := {role for each in given if _PASSING in each["Action"] for role in each["Resource"]}:
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


def _statements(config: Environment) -> list[dict[str, Any]]:
    """Every statement of every policy of an environment's roles."""
    policies = [
        *instance_policies(config.names, key_arn=_ANY, data_volume_arn=_ANY).values(),
        codedeploy_policy(config),
        flow_logs_policy(config),
        github_actions_policy(config, key_arn=_ANY, distribution_arn=_ANY),
    ]
    return [statement for policy in policies for statement in json.loads(policy)["Statement"]]
