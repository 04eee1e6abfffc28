"""The roles that plan and apply from this project's own repository.

    pull request                    → wealist-terraform-plan-role   reads, and locks states
    environments dev, prod, account → wealist-terraform-apply-role  changes what the stacks hold

Neither can be assumed from another repository, nor the second from outside a protected environment.
"""

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_aws.iam_openid_connect_provider import IamOpenidConnectProvider
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from constructs import Construct

from wealist.constructs.pipeline_policies import apply_policies, plan_policies
from wealist.spec.account import GITHUB_ORGANISATION, INFRASTRUCTURE_REPOSITORY, PROJECT
from wealist.toolkit.github import github_trust


class Pipeline(Construct):
    """The two roles."""

    def __init__(
        self, scope: Construct, id_: str, *, provider: IamOpenidConnectProvider, environments: Sequence[str]
    ) -> None:
        """Makes the roles.

        Args:
            scope: the account stack.
            id_: construct id.
            provider: GitHub's.
            environments: GitHub environments that may apply.
        """
        super().__init__(scope, id_)
        self._provider = provider
        self._role("plan", ["pull_request", "ref:refs/heads/main"], plan_policies())
        self._role("apply", [f"environment:{environment}" for environment in environments], apply_policies())

    def _role(self, what: str, subjects: Sequence[str], policies: Mapping[str, str]) -> None:
        name = f"{PROJECT}-terraform-{what}"
        repository = f"repo:{GITHUB_ORGANISATION}/{INFRASTRUCTURE_REPOSITORY}"
        immutable = f"repo:{GITHUB_ORGANISATION}@*/{INFRASTRUCTURE_REPOSITORY}@*"
        role = IamRole(
            self,
            f"{what}-role",
            name=f"{name}-role",
            assume_role_policy=github_trust(
                self._provider.arn,
                subjects=[f"{form}:{subject}" for form in (repository, immutable) for subject in subjects],
            ),
            tags={"Name": f"{name}-role"},
        )
        for part, policy in policies.items():
            managed = IamPolicy(self, f"{what}-{part}-policy", name=f"{name}-{part}-policy", policy=policy)
            IamRolePolicyAttachment(self, f"{what}-{part}-attachment", role=role.name, policy_arn=managed.arn)
