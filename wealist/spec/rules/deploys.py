"""Rules about the workflows that may deploy: branches, GitHub environments and repositories."""

import json
import re
from collections.abc import Iterator
from typing import Final

from wealist.spec.account import GITHUB_ORGANISATION, INFRASTRUCTURE_REPOSITORY
from wealist.spec.environment import EVERY_REPOSITORY, Environment
from wealist.spec.problems import Problem

_BRANCH: Final = re.compile(r"(?!.*(?:\.\.|//|/\.|\.lock(?:/|$)))[A-Za-z0-9_][A-Za-z0-9._/-]*(?<![./])")
"""Branch names of Git, without characters that have a meaning in IAM or Terraform.

https://git-scm.com/docs/git-check-ref-format
"""
_ENVIRONMENT: Final = re.compile(r"[a-z0-9](?:[a-z0-9._ -]{0,253}[a-z0-9])?")
_REPOSITORY: Final = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_CLAIMS_LIMIT: Final = 1_400
"""Characters of claims that fit into a trust policy beside its subjects; IAM accepts 2,048 in all.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


def branch_is_a_branch_name(environment: Environment) -> Iterator[Problem]:
    """IAM compares the whole ref exactly; a pattern would match nothing."""
    branch, field = environment.github_deploy.branch, "github_deploy.branch"
    if branch is None:
        return
    if branch.startswith("refs/"):
        remedy = f"write {branch.removeprefix('refs/').removeprefix('heads/')!r}, without the path before it"
        yield Problem(field, branch, "is a ref, not the name of a branch", remedy)
    elif not _BRANCH.fullmatch(branch):
        remedy = "write one branch, in letters, digits and inner . _ - /; patterns are not supported"
        yield Problem(field, branch, "is not the name of a branch", remedy)


def github_environment_is_in_lower_case(environment: Environment) -> Iterator[Problem]:
    """GitHub treats `Prod` and `prod` as one environment; IAM does not.

    https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments
    """
    name = environment.github_deploy.environment
    if name is not None and not _ENVIRONMENT.fullmatch(name):
        remedy = "write lower-case letters, digits and inner . _ - or spaces, as the environment's name on GitHub"
        yield Problem("github_deploy.environment", name, "is not a GitHub environment in lower case", remedy)


def repositories_are_names_or_all(environment: Environment) -> Iterator[Problem]:
    """Each name is compared exactly with the claim `repository`, after the organisation."""
    chosen, field = environment.github_deploy.repositories, "github_deploy.repositories"
    if not chosen:
        remedy = f'name repositories, or write ("{EVERY_REPOSITORY}",) for all'
        yield Problem(field, chosen, "lets no repository deploy", remedy)
    if EVERY_REPOSITORY in chosen and len(chosen) > 1:
        remedy = f'write ("{EVERY_REPOSITORY}",), or leave {EVERY_REPOSITORY} out'
        yield Problem(field, chosen, "names every repository, and some of them again", remedy)
    for name in chosen:
        if name == INFRASTRUCTURE_REPOSITORY:
            message = "is this project's own repository, whose workflows have roles of their own"
            yield Problem(field, name, message, "name the services' repositories")
        elif name != EVERY_REPOSITORY and not _REPOSITORY.fullmatch(name):
            remedy = f"write the name without {GITHUB_ORGANISATION}/ before it; patterns are not supported"
            yield Problem(field, name, "is not the name of a repository", remedy)


def claims_fit_into_a_trust_policy(environment: Environment) -> Iterator[Problem]:
    """AWS would reject a longer policy during the apply. It contains each repository in both spellings of its owner."""
    length = len(json.dumps(environment.deploy_claims, separators=(",", ":")))
    if length > _CLAIMS_LIMIT:
        chosen = environment.github_deploy.repositories
        message = f"makes the trust policy too long for IAM ({length} characters of claims, {_CLAIMS_LIMIT} fit)"
        yield Problem("github_deploy.repositories", chosen, message, "name fewer repositories, or limit the branch")


def trust_in_every_workflow_stands_alone(environment: Environment) -> Iterator[Problem]:
    """It would make every other limit void."""
    chosen = environment.github_deploy
    if not chosen.every_workflow_of_the_organisation:
        return
    limits = {"branch": chosen.branch, "environment": chosen.environment}
    limits["repositories"] = None if chosen.repositories == (EVERY_REPOSITORY,) else str(chosen.repositories)
    if given := [name for name, value in limits.items() if value is not None]:
        field = "github_deploy.every_workflow_of_the_organisation"
        message = f"makes the limit by {', '.join(given)} void"
        yield Problem(field, value=True, message=message, remedy=f"leave it out, or {' and '.join(given)}")


def deploys_are_distinct(one: Environment, other: Environment) -> Iterator[Problem]:
    """No workflow may deploy to two environments, unless a setting trusts every workflow, which is a warning."""
    explicit = any(each.github_deploy.every_workflow_of_the_organisation for each in (one, other))
    if explicit or one.name == other.name:
        return
    ours, theirs = ({claim: _folded(claim, each) for claim, each in env.deploy_claims.items()} for env in (one, other))
    if not any(ours[claim].isdisjoint(theirs[claim]) for claim in ours.keys() & theirs.keys()):
        message = f"does not exclude {_described(one)} of {one.name}: one workflow could deploy to both"
        remedy = "give each a branch of its own; where one has a GitHub environment, name a branch beside it"
        yield Problem("github_deploy", _described(other), message, remedy)


def _folded(claim: str, values: tuple[str, ...]) -> set[str]:
    """Fold the case of values as GitHub does: of all claims except refs."""
    return set(values) if claim == "ref" else {value.lower() for value in values}


def _described(environment: Environment) -> str:
    return " and ".join(f"{claim} {', '.join(values)}" for claim, values in environment.deploy_claims.items())
