"""The roles that plan and apply from this project's repository, and the bucket of plans.

    plan-dev (pull requests), main  → wealist-terraform-plan-dev-role ─ puts ──► wealist-terraform-plans/dev/
    environments account, dev, prod → wealist-terraform-apply-role    ◄ reads ─┘   (objects expire)

Only workflows of this repository can assume them; the role that applies also needs the main branch and a protected
GitHub environment. Each stack has its own role that plans it and reads no secret of another stack: anyone who can push
a branch can run code as that role, unless its GitHub environment is protected (ADR 19).
"""

from collections.abc import Collection, Sequence
from typing import Final

from cdktf_cdktf_provider_aws.iam_openid_connect_provider import IamOpenidConnectProvider
from cdktf_cdktf_provider_aws.iam_role import IamRole
from constructs import Construct

from wealist.constructs.bucket import PrivateBucket
from wealist.constructs.identity import attach_policy
from wealist.constructs.pipeline_policies import Policies, apply_policies, denials, plan_policies, plan_storage
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
"""Longer than any apply: Terraform cannot write the state after its session has ended."""


def _plan_subjects(stack: str) -> list[str]:
    """Return the subjects that plan a stack: pull requests, by their GitHub environment, and the main branch."""
    return [f"environment:{PLAN_ENVIRONMENT}{stack}", f"ref:refs/heads/{MAIN_BRANCH}"]


class Pipeline(Construct):
    """The roles and the bucket of plans. Their rights follow from the stacks that the app has so far.

    Args:
        environments: All environments. The GitHub environments that may apply have their names, and `account`.
        removed: Types that have left the code, and that the next apply destroys.

    Attributes:
        plans: The bucket of plans.
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
        super().__init__(scope, id_)
        self._provider = provider
        stacks = [each for each in self.node.root.node.children if isinstance(each, ReadableStack)]
        plans = {each: self._role(f"plan-{each.node.id}", _plan_subjects(each.node.id)) for each in stacks}
        # A workflow on any branch can name a new GitHub environment, and GitHub creates it without protection.
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
                # Another repository can customise its subject so that it reads like one of this repository.
                claims={"repository": [repository]} | ({"ref": [f"refs/heads/{branch}"]} if branch else {}),
            ),
            max_session_duration=_APPLY_SESSION_SECONDS if branch else None,
            tags={"Name": name},
        )

    def _attach(self, what: str, role: IamRole, policies: Policies) -> None:
        for part, statements in policies.items():
            name = f"{PIPELINE}-{what}-{part}-policy"
            attach_policy(self, f"{what}-{part}", role=role, name=name, statements=statements)
