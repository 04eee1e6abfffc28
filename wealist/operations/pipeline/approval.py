"""Which plans of a run may be applied, and whether GitHub asks reviewers before it starts the apply.

records of the run ─┬─ plans_to_apply: for every changed stack a plan of this commit's configuration
                    └─ refuse_unprotected: required reviewers, deployments from main only

A job that names a GitHub environment waits only if that environment requires reviewers. GitHub creates a missing
environment without any. Required reviewers need a public repository or GitHub Enterprise; in other repositories
nothing is applied (ADR 64).
https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments
https://docs.github.com/en/rest/deployments/environments
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from wealist.errors import OperatorError
from wealist.operations.pipeline.github import GitHub
from wealist.operations.pipeline.plans import Planned, Record, replan_remedy
from wealist.review.layout import byte_size
from wealist.spec.account import MAIN_BRANCH

REVIEWERS: Final = "required, without self-review"
BRANCHES: Final = f"{MAIN_BRANCH} only"
"""The protection that a GitHub environment must have."""
SUMMARY_LIMIT: Final = 1024 * 1024
"""Maximum bytes of a step's summary. GitHub shows nothing of a larger one.
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits"""
_REMEDY: Final = (
    "on GitHub, under Settings, Environments, NAME: required reviewers, no self-review, and deployment branches: "
    f"{MAIN_BRANCH} only (docs/pipeline.md says which GitHub plans support that); then run the job again"
)


def plans_to_apply(changed: Mapping[str, str], records: Mapping[str, Record]) -> list[Record]:
    """Return the plans to apply, in order. Stacks whose plan has no changes are left out.

    Args:
        changed: The stacks that the commit changes → the digest of their configuration, in the order of applies.
        records: The plans of the run, by stack.

    Raises:
        OperatorError: A stack has no plan, one of another configuration, or one that only an operator may apply. The
            message lists all of them, and nothing is applied.
    """
    problems = [problem for stack, digest in changed.items() for problem in _problems(stack, digest, records)]
    if problems:
        lines = "".join(f"\n  {problem}" for problem in problems)
        raise OperatorError(f"nothing is applied, because plans are missing:{lines}", remedy=replan_remedy("STACK"))
    return [records[stack] for stack in changed if records[stack].plan]


def _problems(stack: str, digest: str, records: Mapping[str, Record]) -> Iterator[str]:
    record = records.get(stack)
    if record is None:
        yield f"{stack}: it was not planned in the pull request"
    elif record.configuration != digest:
        yield f"{stack}: its plan is of another configuration; main has moved since the pull request was planned"
    elif record.by_hand:
        yield f"{stack}: {record.by_hand}; an operator applies it (README), then the others can go on"


def summary(plans: Iterable[Planned], *, run_url: str) -> str:
    """Return the summary of a job for the reviewers: the digest of every plan to apply, then the reviews.

    Args:
        plans: The plans to apply, in order.
        run_url: The run that made the plans. Its artifacts hold the reviews that exceed the limit.
    """
    plans = list(plans)
    rows = [f"| {each.record.stack} | `{each.record.plan}` |" for each in plans]
    head = f"## To be applied: the plans of [this run]({run_url})\n"
    text = "\n".join([head, "| stack | plan |", "|---|---|", *rows])
    for each in plans:
        left_out = f"\n\nThe review of {each.record.stack} is too long: it is an artifact of [the run]({run_url}).\n"
        review = f"\n\n{each.review}\n"
        # Reserve one such line for every review.
        text += (
            review
            if byte_size(text) + byte_size(review) + len(plans) * byte_size(left_out) < SUMMARY_LIMIT
            else left_out
        )
    return text + "\n"


# --- GitHub environments ----------------------------------------------------------------------------------------------


def refuse_unprotected(github: GitHub, environments: Iterable[str]) -> None:
    """Refuse to apply where GitHub would not ask reviewers first.

    Args:
        github: The repository. The job's token needs the permission `actions: read`.
        environments: The names of GitHub environments, which equal those of the stacks.

    Raises:
        OperatorError: A GitHub environment is missing or unprotected. The message lists every problem.
    """
    problems = [f"{name}: {problem}" for name in environments for problem in _protection_problems(github, name)]
    if problems:
        lines = "".join(f"\n  {problem}" for problem in problems)
        raise OperatorError(f"nothing is applied, because GitHub would not ask the reviewers:{lines}", remedy=_REMEDY)


def github_environment(github: GitHub, name: str) -> Mapping[str, Any] | None:
    """Return a GitHub environment, or None if the repository has none of that name."""
    environments: list[dict[str, Any]] = github.get("environments", per_page=100)["environments"]
    return next((each for each in environments if each["name"].lower() == name), None)


def reviewer_protection(environment: Mapping[str, Any]) -> tuple[bool, str]:
    """Return whether a person other than the one who started a run must approve it, and the setting as text."""
    rules = [rule for rule in environment.get("protection_rules") or [] if rule["type"] == "required_reviewers"]
    if not any(rule.get("reviewers") for rule in rules):
        return False, "none"
    prevented = all(rule.get("prevent_self_review") for rule in rules)
    return prevented, "required" if prevented else "required, with self-review"


def branch_protection(github: GitHub, environment: Mapping[str, Any]) -> tuple[bool, str]:
    """Return whether only the main branch may deploy to a GitHub environment, and which branches and tags may."""
    policy = environment.get("deployment_branch_policy")
    if not policy:
        return False, "any branch"
    if not policy.get("custom_branch_policies"):
        return False, "every protected branch"
    path = f"environments/{environment['name']}/deployment-branch-policies"
    policies = github.get(path, per_page=100)["branch_policies"]
    names = sorted(f"{each.get('type', 'branch')} {each['name']}" for each in policies)
    return names == [f"branch {MAIN_BRANCH}"], ", ".join(names) or "none"


def _protection_problems(github: GitHub, name: str) -> Iterator[str]:
    environment = github_environment(github, name)
    if environment is None:
        yield "GitHub has no environment of that name, or this GitHub plan does not support environments"
        return
    for setting, expected, (is_right, actual) in (
        ("reviewers", REVIEWERS, reviewer_protection(environment)),
        ("branches", BRANCHES, branch_protection(github, environment)),
    ):
        if not is_right:
            yield f"{setting}: {actual}; expected: {expected}"
