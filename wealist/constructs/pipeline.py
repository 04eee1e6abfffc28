"""The roles that plan and apply from this project's own repository, and where a plan waits between the two.

    plan-dev (pull requests), main  → wealist-terraform-plan-dev-role ─ puts ──► wealist-terraform-plans/dev/
    environments account, dev, prod → wealist-terraform-apply-role    ◄ reads ─┘   (objects expire)

Neither can be assumed from another repository, nor the second but from the main branch in a protected environment.
Each stack has a role of its own that plans it and reads no secret of another: whoever may push a branch may run code as
one of them, unless its GitHub environment is protected (ADR 65).
"""

from collections.abc import Collection, Sequence
from typing import Final

from cdktf_cdktf_provider_aws.iam_openid_connect_provider import IamOpenidConnectProvider
from cdktf_cdktf_provider_aws.iam_role import IamRole
from constructs import Construct

from wealist.constructs.bucket import PrivateBucket
from wealist.constructs.pipeline_denials import denials
from wealist.constructs.pipeline_policies import Policies, apply_policies, plan_policies
from wealist.constructs.pipeline_storage import plan_storage
from wealist.constructs.role_policies import attach_policy
from wealist.spec.account import (
    GITHUB_ORGANISATION,
    INFRASTRUCTURE_REPOSITORY,
    MAIN_BRANCH,
    PIPELINE,
    PLAN_ENVIRONMENT,
    PLANS_BUCKET,
    pipeline_role,
)
from wealist.spec.environment import Environment
from wealist.toolkit.policy import assumed_by_github
from wealist.toolkit.stack import ReadableStack
from wealist.toolkit.types_in_use import in_use

_PLANS_DAYS: Final = 30
"""A pull request that is open for longer needs a new plan anyway."""
_APPLY_SESSION_SECONDS: Final = 2 * 3600
"""Longer than any apply: Terraform cannot write the state when its session has ended."""


def _plan_subjects(stack: str) -> list[str]:
    """Who plans a stack: the pull requests that its GitHub environment lets on, and the main branch."""
    return [f"environment:{PLAN_ENVIRONMENT}{stack}", f"ref:refs/heads/{MAIN_BRANCH}"]


class Pipeline(Construct):
    """The roles and the bucket of plans.

    Attributes:
        plans: the bucket.
    """

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
        stacks = [each for each in self.node.root.node.children if isinstance(each, ReadableStack)]
        plans = {each: self._role(f"plan-{each.node.id}", _plan_subjects(each.node.id)) for each in stacks}
        # GitHub makes an environment that a workflow names and nobody protected: from a branch, it must not do.
        subjects = [f"environment:{name}" for name in ("account", *(each.name for each in environments))]
        apply = self._role("apply", subjects, branch=MAIN_BRANCH)
        self.plans = PrivateBucket(
            self, "plans", name=PLANS_BUCKET, may_be_destroyed=False, expires_after_days=_PLANS_DAYS
        )
        for stack, role in plans.items():
            self._attach(f"plan-{stack.node.id}", role, {"state": plan_storage(stack.node.id)})
        self._attach("apply", apply, {"denials": denials()})
        for stack, role in plans.items():
            self._attach(f"plan-{stack.node.id}", role, plan_policies(in_use(stack, removed), stack.node.id))
        self._attach("apply", apply, apply_policies(in_use(self.node.root, removed), environments))

    def _role(self, what: str, subjects: Sequence[str], *, branch: str | None = None) -> IamRole:
        name = pipeline_role(what)
        repository = f"{GITHUB_ORGANISATION}/{INFRASTRUCTURE_REPOSITORY}"
        plain = f"repo:{repository}"
        immutable = f"repo:{GITHUB_ORGANISATION}@*/{INFRASTRUCTURE_REPOSITORY}@*"
        return IamRole(
            self,
            f"{what}-role",
            name=name,
            assume_role_policy=assumed_by_github(
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
