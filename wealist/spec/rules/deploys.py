"""Rules about who may deploy: branches, GitHub environments and repositories."""

import json
import re
from collections.abc import Iterator
from typing import Final

from wealist.spec.account import GITHUB_ORGANISATION, INFRASTRUCTURE_REPOSITORY
from wealist.spec.environment import EVERY_REPOSITORY, Environment
from wealist.spec.problems import Problem

_BRANCH: Final = re.compile(r"(?!.*(?:\.\.|//|/\.|\.lock(?:/|$)))[A-Za-z0-9_][A-Za-z0-9._/-]*(?<![./])")
"""What Git allows as a branch, without the characters that IAM or Terraform read otherwise.

https://git-scm.com/docs/git-check-ref-format
"""
_ENVIRONMENT: Final = re.compile(r"[a-z0-9](?:[a-z0-9._ -]{0,253}[a-z0-9])?")
_REPOSITORY: Final = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_FIELD: Final = "github_deploy"
_CLAIMS_LIMIT: Final = 1_400
"""Characters of claims that fit into a trust policy beside its subjects; IAM takes 2,048 in all.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


def deploys_come_from_a_branch_that_git_allows(environment: Environment) -> Iterator[Problem]:
    """IAM compares the whole ref, letter by letter; a pattern would match nothing."""
    branch = environment.github_deploy.branch
    if branch is None:
        return
    if branch.startswith("refs/"):
        remedy = f"write {branch.removeprefix('refs/').removeprefix('heads/')!r}, without the path before it"
        yield _problem(environment, "branch", branch, "is a ref, and no branch's name", remedy)
    elif not _BRANCH.fullmatch(branch):
        remedy = "write one branch, in letters, digits and inner . _ - /; patterns are not read"
        yield _problem(environment, "branch", branch, "is not a branch's name", remedy)


def deploys_come_from_an_environment_in_lower_case(environment: Environment) -> Iterator[Problem]:
    """GitHub takes `Prod` and `prod` for one environment, IAM does not.

    https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments
    """
    name = environment.github_deploy.environment
    if name is not None and not _ENVIRONMENT.fullmatch(name):
        remedy = "write lower-case letters, digits and inner . _ - or spaces, and name it so on GitHub"
        yield _problem(environment, "environment", name, "is not a GitHub environment in lower case", remedy)


def deploys_come_from_named_repositories_or_all(environment: Environment) -> Iterator[Problem]:
    """Each is compared whole with the claim `repository`, after the organisation's name."""
    chosen = environment.github_deploy.repositories
    if not chosen:
        remedy = f'name the repositories that may, or write ("{EVERY_REPOSITORY}",) for every one'
        yield _problem(environment, "repositories", chosen, "lets no repository deploy", remedy)
    if EVERY_REPOSITORY in chosen and len(chosen) > 1:
        remedy = f'write ("{EVERY_REPOSITORY}",), or leave {EVERY_REPOSITORY} out'
        yield _problem(environment, "repositories", chosen, "names every repository, and some of them again", remedy)
    for name in chosen:
        if name == INFRASTRUCTURE_REPOSITORY:
            message = "is this project's own repository, whose workflows have roles of their own"
            yield _problem(environment, "repositories", name, message, "name the services' repositories")
        elif name != EVERY_REPOSITORY and not _REPOSITORY.fullmatch(name):
            remedy = f"write the name alone, without {GITHUB_ORGANISATION}/ before it; patterns are not read"
            yield _problem(environment, "repositories", name, "is not a repository's name", remedy)


def claims_fit_into_a_trust_policy(environment: Environment) -> Iterator[Problem]:
    """AWS would reject a longer policy during the apply. It holds each repository in both spellings of its owner."""
    length = len(json.dumps(environment.deploy_claims, separators=(",", ":")))
    if length > _CLAIMS_LIMIT:
        chosen = environment.github_deploy.repositories
        message = f"makes a trust policy longer than IAM takes ({length} characters of claims, {_CLAIMS_LIMIT} fit)"
        yield _problem(environment, "repositories", chosen, message, "name fewer repositories, or bind it by a branch")


def trust_in_every_workflow_stands_alone(environment: Environment) -> Iterator[Problem]:
    """Beside it a branch would be read as a bound that is not there."""
    chosen = environment.github_deploy
    if not chosen.every_workflow_of_the_organisation:
        return
    bounds = {"branch": chosen.branch, "environment": chosen.environment}
    bounds["repositories"] = None if chosen.repositories == (EVERY_REPOSITORY,) else str(chosen.repositories)
    if given := [name for name, value in bounds.items() if value is not None]:
        message = f"stands beside {', '.join(given)}, which it would make void"
        remedy = f"leave it out, or {' and '.join(given)}"
        yield _problem(environment, "every_workflow_of_the_organisation", value=True, message=message, remedy=remedy)


def deploys_are_distinct(one: Environment, other: Environment) -> Iterator[Problem]:
    """A workflow that one environment trusts must not reach another; where that is asked for, a warning says so."""
    explicit = any(each.github_deploy.every_workflow_of_the_organisation for each in (one, other))
    if explicit or one.name == other.name:
        return
    ours, theirs = ({claim: _folded(claim, each) for claim, each in env.deploy_claims.items()} for env in (one, other))
    if not any(ours[claim].isdisjoint(theirs[claim]) for claim in ours.keys() & theirs.keys()):
        message = f"does not exclude {_words(one)} of {one.name}: one workflow could deploy to both"
        remedy = "give each a branch of its own; where one has a GitHub environment, name a branch beside it"
        yield Problem(other.name, _FIELD, _words(other), message, remedy)


def _folded(claim: str, values: tuple[str, ...]) -> set[str]:
    """Values as GitHub tells them apart: only refs by the case of their letters."""
    return set(values) if claim == "ref" else {value.lower() for value in values}


def _words(environment: Environment) -> str:
    return " and ".join(f"{claim} {', '.join(values)}" for claim, values in environment.deploy_claims.items())


def _problem(environment: Environment, field: str, value: object, message: str, remedy: str) -> Problem:
    return Problem(environment.name, f"{_FIELD}.{field}", value, message, remedy)
