"""Policies of a role, each with the reasons of its statements.

IamPolicy <what>-policy ── IamRolePolicyAttachment <what>-attachment ──► role
"""

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from constructs import Construct

from wealist.toolkit.policy import Statement, document, explain


def attach_policy(
    scope: Construct, what: str, *, role: IamRole, name: str, statements: Sequence[Statement]
) -> IamRolePolicyAttachment:
    """Create a customer-managed policy and attach it to a role.

    Whoever runs as the role depends on the attachment, which is returned.

    Args:
        scope: owns both.
        what: beginning of the construct ids.
        role: who has the policy.
        name: of the policy.
        statements: each with its reason.
    """
    policy = IamPolicy(scope, f"{what}-policy", name=name, policy=document(*statements))
    explain(policy, statements)
    return IamRolePolicyAttachment(scope, f"{what}-attachment", role=role.name, policy_arn=policy.arn)
