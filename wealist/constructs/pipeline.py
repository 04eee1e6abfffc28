"""The roles that plan and apply from this project's own repository, and where a plan waits between the two.

    pull request, main              → wealist-terraform-plan-role  ─ puts ──► wealist-terraform-plans
    environments account, dev, prod → wealist-terraform-apply-role ◄ reads ─┘   (objects expire)

Neither can be assumed from another repository, nor the second but from the main branch in a protected environment.
"""

from collections.abc import Collection, Sequence
from typing import Final

from cdktf_cdktf_provider_aws.iam_openid_connect_provider import IamOpenidConnectProvider
from cdktf_cdktf_provider_aws.iam_role import IamRole
from constructs import Construct

from wealist.constructs.bucket import PrivateBucket
from wealist.constructs.pipeline_policies import Policies, apply_policies, fixed_policies, plan_policies
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
from wealist.toolkit.types_in_use import in_use

_PLANS_DAYS: Final = 30
"""A pull request that is open for longer needs a new plan anyway."""
_APPLY_SESSION_SECONDS: Final = 2 * 3600
"""Longer than any apply: Terraform cannot write the state when its session has ended."""


class Pipeline(Construct):
    """The two roles and the bucket of plans."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        provider: IamOpenidConnectProvider,
        environments: Sequence[Environment],
        removed: Collection[str],
    ) -> None:
        """Makes the roles and the bucket. What the roles may do follows from all that is in the app by then.

        Args:
            scope: the account stack, the last of the app.
            id_: construct id.
            provider: GitHub's.
            environments: all of them. Their names are also the GitHub environments that may apply, beside `account`.
            removed: types of what has left the code, and that the next apply destroys.
        """
        super().__init__(scope, id_)
        self._provider = provider
        plan = self._role("plan", ["pull_request", f"ref:refs/heads/{MAIN_BRANCH}"])
        # GitHub makes an environment that a workflow names and nobody protected: from a branch, it must not do.
        subjects = [f"environment:{name}" for name in ("account", *(each.name for each in environments))]
        apply = self._role("apply", subjects, branch=MAIN_BRANCH)
        PrivateBucket(self, "plans", name=PLANS_BUCKET, may_be_destroyed=False, expires_after_days=_PLANS_DAYS)
        of_plan, of_apply = fixed_policies()
        self._attach("plan", plan, of_plan)
        self._attach("apply", apply, of_apply)
        used = in_use(self.node.root, removed)
        self._attach("plan", plan, plan_policies(used))
        self._attach("apply", apply, apply_policies(used, environments))

    def _role(self, what: str, subjects: Sequence[str], *, branch: str | None = None) -> IamRole:
        name = f"{PIPELINE}-{what}-role"
        repository = f"{GITHUB_ORGANISATION}/{INFRASTRUCTURE_REPOSITORY}"
        plain = f"repo:{repository}"
        immutable = f"repo:{GITHUB_ORGANISATION}@*/{INFRASTRUCTURE_REPOSITORY}@*"
        return IamRole(
            self,
            f"{what}-role",
            name=name,
            assume_role_policy=github_trust(
                self._provider.arn,
                subjects=[f"{form}:{subject}" for form in (plain, immutable) for subject in subjects],
                # A repository can have any claim put into its subject, and so word it as if it were this one.
                claims={"repository": [repository]} | ({"ref": [f"refs/heads/{branch}"]} if branch else {}),
            ),
            max_session_duration=_APPLY_SESSION_SECONDS if branch else None,
            tags={"Name": name},
        )

    def _attach(self, what: str, role: IamRole, policies: Policies) -> None:
        for part, statements in policies.items():
            name = f"{PIPELINE}-{what}-{part}-policy"
            attach_policy(self, f"{what}-{part}", role=role, name=name, statements=statements)
