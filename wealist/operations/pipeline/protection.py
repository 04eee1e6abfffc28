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

REVIEWERS: Final = "required, none of them who started it"
BRANCHES: Final = f"{MAIN_BRANCH} alone"
"""What an environment must have."""
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
    problems = [f"{name}: {problem}" for name in environments for problem in _problems_of(github, name)]
    if problems:
        lines = "".join(f"\n  {problem}" for problem in problems)
        raise OperatorError(f"nothing is applied, for GitHub would not ask the right people:{lines}", remedy=REMEDY)


def environment(github: GitHub, name: str) -> Mapping[str, Any] | None:
    """A GitHub environment; None where the repository has none of that name."""
    listed: list[dict[str, Any]] = github.get("environments", per_page=100)["environments"]
    return next((each for each in listed if each["name"].lower() == name), None)


def reviewers(found: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether others than who started a run are asked, and who is."""
    rules = [rule for rule in found.get("protection_rules") or [] if rule["type"] == "required_reviewers"]
    if not any(rule.get("reviewers") for rule in rules):
        return False, "nobody"
    others = all(rule.get("prevent_self_review") for rule in rules)
    return others, "required" if others else "required, and whoever started it may approve it"


def branches(github: GitHub, found: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether an environment may be used from the main branch alone, and from where it may be."""
    policy = found.get("deployment_branch_policy")
    if not policy:
        return False, "any branch"
    if not policy.get("custom_branch_policies"):
        return False, "every protected branch"
    path = f"environments/{found['name']}/deployment-branch-policies"
    listed = github.get(path, per_page=100)["branch_policies"]
    names = sorted(f"{each.get('type', 'branch')} {each['name']}" for each in listed)
    return names == [f"branch {MAIN_BRANCH}"], ", ".join(names) or "none"


def _problems_of(github: GitHub, name: str) -> Iterator[str]:
    found = environment(github, name)
    if found is None:
        yield "GitHub has no environment of that name, or none for this repository's plan"
        return
    for what, expected, (is_right, shown) in (
        ("reviewers", REVIEWERS, reviewers(found)),
        ("branches", BRANCHES, branches(github, found)),
    ):
        if not is_right:
            yield f"{what}: {shown}, and {expected} is right"
