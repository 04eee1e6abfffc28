"""The roles that plan and apply from this project's own repository, and where a plan waits between the two.

    pull request, main              → wealist-terraform-plan-role  ─ puts ──► wealist-terraform-plans
    environments account, dev, prod → wealist-terraform-apply-role ◄ reads ─┘   (objects expire)

Neither can be assumed from another repository, nor the second but from the main branch in a protected environment.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from cdktf_cdktf_provider_aws.iam_openid_connect_provider import IamOpenidConnectProvider
from cdktf_cdktf_provider_aws.iam_role import IamRole
from constructs import Construct

from wealist.constructs.bucket import PrivateBucket
from wealist.constructs.pipeline_policies import apply_policies, plan_policies
from wealist.constructs.role_policies import attach_policy
from wealist.spec.account import (
    GITHUB_ORGANISATION,
    INFRASTRUCTURE_REPOSITORY,
    MAIN_BRANCH,
    PIPELINE,
    PLANS_BUCKET,
)
from wealist.spec.environment import Environment
from wealist.toolkit.github import github_trust
from wealist.toolkit.policy import Statement

_PLANS_DAYS: Final = 30
"""A pull request that is open for longer needs a new plan anyway."""
_APPLY_SESSION_SECONDS: Final = 2 * 3600
"""Longer than any apply: Terraform cannot write the state when its session has ended."""


class Pipeline(Construct):
    """The two roles and the bucket of plans."""

    def __init__(
        self, scope: Construct, id_: str, *, provider: IamOpenidConnectProvider, environments: Sequence[Environment]
    ) -> None:
        """Makes the roles and the bucket.

        Args:
            scope: the account stack.
            id_: construct id.
            provider: GitHub's.
            environments: all of them. Their names are also the GitHub environments that may apply, beside `account`.
        """
        super().__init__(scope, id_)
        self._provider = provider
        self._role("plan", ["pull_request", f"ref:refs/heads/{MAIN_BRANCH}"], plan_policies())
        # GitHub makes an environment that a workflow names and nobody protected: from a branch, it must not do.
        subjects = [f"environment:{name}" for name in ("account", *(each.name for each in environments))]
        self._role("apply", subjects, apply_policies(environments), branch=MAIN_BRANCH)
        PrivateBucket(self, "plans", name=PLANS_BUCKET, may_be_destroyed=False, expires_after_days=_PLANS_DAYS)

    def _role(
        self,
        what: str,
        subjects: Sequence[str],
        policies: Mapping[str, Sequence[Statement]],
        *,
        branch: str | None = None,
    ) -> None:
        name = f"{PIPELINE}-{what}"
        repository = f"{GITHUB_ORGANISATION}/{INFRASTRUCTURE_REPOSITORY}"
        plain = f"repo:{repository}"
        immutable = f"repo:{GITHUB_ORGANISATION}@*/{INFRASTRUCTURE_REPOSITORY}@*"
        role = IamRole(
            self,
            f"{what}-role",
            name=f"{name}-role",
            assume_role_policy=github_trust(
                self._provider.arn,
                subjects=[f"{form}:{subject}" for form in (plain, immutable) for subject in subjects],
                # A repository can have any claim put into its subject, and so word it as if it were this one.
                claims={"repository": [repository]} | ({"ref": [f"refs/heads/{branch}"]} if branch else {}),
            ),
            max_session_duration=_APPLY_SESSION_SECONDS if branch else None,
            tags={"Name": f"{name}-role"},
        )
        for part, statements in policies.items():
            attach_policy(self, f"{what}-{part}", role=role, name=f"{name}-{part}-policy", statements=statements)
