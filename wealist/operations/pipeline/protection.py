"""Whether GitHub asks somebody before it lets a stack be applied.

A job that names an environment waits for nobody unless that environment has required reviewers, and GitHub makes an
environment that nobody has made. Required reviewers need a public repository, or GitHub Enterprise: elsewhere
`environment: prod` gates nothing, so nothing is applied (ADR 64).
https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments
https://docs.github.com/en/rest/deployments/environments
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from wealist.errors import OperatorError
from wealist.operations.pipeline.github import GitHub
from wealist.spec.account import MAIN_BRANCH

REMEDY: Final = (
    "on GitHub, under Settings, Environments, NAME: required reviewers, no self-review, and the branch "
    f"{MAIN_BRANCH} alone (docs/pipeline.md says which GitHub plans have that); then run the job again"
)


def refuse_unprotected(github: GitHub, environments: Iterable[str]) -> None:
    """Refuse to go on where nobody would be asked.

    Args:
        github: The repository. The job's token needs the permission `actions: read`.
        environments: The names of GitHub environments, which are those of the stacks.

    Raises:
        OperatorError: an environment is missing, or does not ask; all that is missing is named at once.
    """
    problems = [f"{name}: {problem}" for name in environments for problem in problems_of(github, name)]
    if problems:
        lines = "".join(f"\n  {problem}" for problem in problems)
        raise OperatorError(f"nothing is applied, for GitHub would not ask the right people:{lines}", remedy=REMEDY)


def problems_of(github: GitHub, name: str) -> list[str]:
    """What an environment lacks, each as the end of a sentence about it."""
    found = github.find(f"environments/{name}")
    if found is None:
        return ["GitHub has no environment of that name, or none for this repository's plan"]
    return [*_reviewers(found), *_branches(github, name, found)]


def _reviewers(environment: Mapping[str, Any]) -> Iterator[str]:
    rules = [rule for rule in environment.get("protection_rules") or [] if rule["type"] == "required_reviewers"]
    if not any(rule.get("reviewers") for rule in rules):
        yield "it has no required reviewers"
    elif not all(rule.get("prevent_self_review") for rule in rules):
        yield "whoever starts a run may review it"


def _branches(github: GitHub, name: str, environment: Mapping[str, Any]) -> Iterator[str]:
    policy = environment.get("deployment_branch_policy")
    if not policy:
        yield "it may be used from any branch"
    elif not policy.get("custom_branch_policies"):
        yield f"it may be used from every protected branch, not from {MAIN_BRANCH} alone"
    else:
        listed = github.get(f"environments/{name}/deployment-branch-policies", per_page=100)["branch_policies"]
        names = sorted(f"{each.get('type', 'branch')} {each['name']}" for each in listed)
        if names != [f"branch {MAIN_BRANCH}"]:
            yield f"it may be used from {', '.join(names) or 'nowhere'}, not from {MAIN_BRANCH} alone"
