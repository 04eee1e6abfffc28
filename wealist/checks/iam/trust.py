"""Who may become each role, judged by what its trust policy says and by who runs as the role; never by its name.

    passed to a service            ◄─ that service, and nobody else
    in an environment's stack      ◄─ workflows of the organisation, bound as `github_deploy` says
    in the account's stack         ◄─ workflows of this project's repository: pull requests and main may read, named
                                      environments from main may do the rest

A subject's pattern is held to its beginning, which no `*` may stand in: `repo:OrangesCloud/`, or `repo:OrangesCloud@`
in the immutable form. GitHub lets no organisation's name hold a slash or an @. What follows in a subject, a repository
can word as it likes; the other claims it cannot, and they are asked for by StringEquals.
https://docs.github.com/en/actions/reference/security/oidc
"""

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import combinations
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents, Role
from wealist.checks.iam.role_passing import takers_of
from wealist.model.iam.catalog import READ_LEVELS, catalog
from wealist.model.iam.evaluate import Grant, asked
from wealist.model.iam.policy import Statement
from wealist.spec.account import (
    ACCOUNT_ID,
    GITHUB_ORGANISATION,
    INFRASTRUCTURE_REPOSITORY,
    MAIN_BRANCH,
    OIDC_AUDIENCE,
    OIDC_HOST,
    PLANS_BUCKET,
)
from wealist.spec.environment import Environment

TRUST: Final = "iam.trust"
SHARED: Final = "iam.shared-trust"
GITHUB: Final = ("Federated", f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{OIDC_HOST}")
"""The principal that workflows on GitHub are, by their tokens."""
_CLAIMS: Final = frozenset(
    {
        "actor", "actor_id", "aud", "enterprise_id", "environment", "job_workflow_ref", "ref", "repository",
        "repository_id", "sub", "workflow",
    }
)  # fmt: skip
"""The claims that AWS reads of GitHub's tokens; a condition on another one never holds.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
"""
_BY_TOKEN: Final = "sts:AssumeRoleWithWebIdentity"  # noqa: S105  an action
_FOR_OTHERS: Final = frozenset({"backup.amazonaws.com", "codedeploy.amazonaws.com", "vpc-flow-logs.amazonaws.com"})
"""Services that act for whichever account asks them to: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html."""
_ORGANISATION: Final = "|".join(sorted({GITHUB_ORGANISATION, GITHUB_ORGANISATION.lower()}))
_OWNER: Final = re.compile(rf"repo:(?:{_ORGANISATION})(?:/|@)")
_OURS: Final = rf"repo:(?:{_ORGANISATION})(?:/{INFRASTRUCTURE_REPOSITORY}|@[\d*]+/{INFRASTRUCTURE_REPOSITORY}@[\d*]+)"
_PROTECTED: Final = re.compile(rf"{_OURS}:environment:[a-z][a-z0-9-]*")
_PLANS: Final = re.compile(rf"{_OURS}:(?:pull_request|ref:refs/heads/{MAIN_BRANCH})")
_KEPT: Final = re.compile(rf"arn:aws:s3:::{PLANS_BUCKET}/(?:[a-z0-9-]+/)?\*")
"""Where a plan is kept."""

Problems = Iterator[tuple[str, str]]
"""What is wrong with a role's trust, and the remedy."""


def check(documents: Documents, config: Environment | None) -> Iterator[Finding]:
    """Every role of a stack that somebody else may become.

    Args:
        documents: of the stack.
        config: the environment that the stack is; None where it is another one.
    """
    takers = takers_of(documents)
    for role in documents.roles:
        for problem, remedy in _problems(role, takers.get(role.address, set()), config):
            yield Finding(documents.stack.name, role.address, TRUST, f"{role.name} {problem}", remedy)


def check_apart(environments: Mapping[str, tuple[Documents, Environment]]) -> Iterator[Finding]:
    """Every two roles of different environments that one workflow may take, but where a setting asks for it."""
    for (name, (documents, config)), (_, (others, other)) in combinations(sorted(environments.items()), 2):
        if any(each.github_deploy.every_workflow_of_the_organisation for each in (config, other)):
            continue
        for ours in documents.roles:
            for theirs in others.roles:
                if shares(ours, theirs):
                    problem = f"{theirs.name} may be taken by a workflow that takes {ours.name} of {name}"
                    remedy = "ask StringEquals of both for one claim, ref or environment, with values of their own"
                    yield Finding(others.stack.name, theirs.address, SHARED, problem, remedy)


def by_github(role: Role) -> list[Statement]:
    """The statements of a role's trust that let workflows in."""
    return [each for each in role.trust if each.effect == "Allow" and GITHUB in each.principals]


def claims_of(statement: Statement) -> set[str]:
    """The claims of GitHub's token that a statement asks for."""
    keys = {key.lower() for block in statement.conditions.values() for key in block}
    return {key.removeprefix(f"{OIDC_HOST}:") for key in keys if key.startswith(f"{OIDC_HOST}:")}


def shares(one: Role, other: Role) -> bool:
    """Whether one workflow may take both roles.

    Tokens are told apart by a claim alone of which both name their values. The answer may be a share that no real token
    has, but never the reverse.
    """
    return any(not _are_apart(ours, theirs) for ours in by_github(one) for theirs in by_github(other))


def _are_apart(one: Statement, other: Statement) -> bool:
    for claim in claims_of(one) & claims_of(other):
        # GitHub takes capital and small letters for the same in some claims.
        ours, theirs = ({value.lower() for value in _exactly(each, claim)} for each in (one, other))
        if ours and theirs and ours.isdisjoint(theirs):
            return True
    return False


def _exactly(statement: Statement, claim: str) -> set[str]:
    """The values that a statement asks of a claim by `StringEquals`; none where it does not."""
    return set(asked(statement.conditions, f"{OIDC_HOST}:{claim}", "StringEquals"))


def _problems(role: Role, takers: Collection[str], config: Environment | None) -> Problems:
    for statement in role.trust:
        for kind, who in statement.principals if statement.effect == "Allow" else ():
            if kind == "Service" and who in takers:
                yield from _by_service(statement, who)
            elif (kind, who) == GITHUB and not takers:
                yield from _by_workflows(statement)
                yield from _deploys(statement, config) if config else _pipeline(role, statement)
            else:
                meant = " or ".join(sorted(takers)) or f"{GITHUB[1]} alone, or remove the role"
                runs = f"which runs for {meant}" if takers else "and no resource of this stack names it for a service"
                yield f"trusts {kind} {who}, {runs}", f"trust {meant}"


def _by_service(statement: Statement, who: str) -> Problems:
    if who in _FOR_OTHERS and asked(statement.conditions, "aws:SourceAccount") != [ACCOUNT_ID]:
        yield f"trusts {who} on behalf of any account", f"ask StringEquals aws:SourceAccount {ACCOUNT_ID}"
    if statement.actions != ("sts:AssumeRole",):
        yield f"lets its service call {', '.join(statement.actions)}", "allow sts:AssumeRole alone"


def _by_workflows(statement: Statement) -> Problems:
    """What holds of every role that workflows take."""
    if statement.actions != (_BY_TOKEN,):
        yield f"lets GitHub call {', '.join(statement.actions)}", f"allow {_BY_TOKEN} alone"
    yield from _asks(statement, "aud", {OIDC_AUDIENCE}, "a token for AWS")
    for claim in sorted(claims_of(statement) - _CLAIMS):
        problem = f"asks for the claim {claim}, which AWS does not read, and so trusts nobody"
        yield problem, f"write one of {', '.join(sorted(_CLAIMS))}"
    subjects = _subjects(statement)
    for subject in subjects or ["every workflow on GitHub"]:
        if not _OWNER.match(subject):
            remedy = f"begin {OIDC_HOST}:sub with repo:{GITHUB_ORGANISATION}/ or repo:{GITHUB_ORGANISATION}@"
            yield f"trusts {subject}, outside of {GITHUB_ORGANISATION}", remedy


def _deploys(statement: Statement, config: Environment) -> Problems:
    """What holds of an environment's role: it is bound as the environment says."""
    for claim, values in config.deploy_claims.items():
        yield from _asks(statement, claim, set(values), f"github_deploy of {config.name}")


def _asks(statement: Statement, claim: str, values: set[str], said_by: str) -> Problems:
    """A claim that a statement does not ask for, or not for these values alone."""
    found = _exactly(statement, claim)
    if found != values:
        trusted = f"the {claim} {', '.join(sorted(found))}" if found else f"any {claim}"
        meant = ", ".join(sorted(values))
        yield f"trusts {trusted}, and {said_by} says {meant}", f"ask StringEquals {OIDC_HOST}:{claim} {meant}"


def _pipeline(role: Role, statement: Statement) -> Problems:
    """What holds of the roles that plan and apply: one repository, and no writing but from a protected environment."""
    yield from _asks(statement, "repository", {f"{GITHUB_ORGANISATION}/{INFRASTRUCTURE_REPOSITORY}"}, "the account")
    subjects = _subjects(statement)
    for subject in subjects:
        if not (_PLANS.fullmatch(subject) or _PROTECTED.fullmatch(subject)):
            remedy = f"trust pull requests, {MAIN_BRANCH} or named environments of {INFRASTRUCTURE_REPOSITORY} alone"
            yield f"trusts {subject}", remedy
    main = f"refs/heads/{MAIN_BRANCH}"
    is_protected = _exactly(statement, "ref") == {main} and all(map(_PROTECTED.fullmatch, subjects))
    if not is_protected and (more := sorted(_more_than_plans(role))):
        remedy = f"trust named environments alone, and ask StringEquals {OIDC_HOST}:ref {main}"
        yield f"allows {', '.join(more[:3])} to workflows that nobody reviewed", remedy


def _more_than_plans(role: Role) -> set[str]:
    """The actions that a role is allowed beyond reading, decrypting what it reads, and keeping a plan."""
    return {name for grant in role.rights.allowed for name in _beyond_reading(grant)}


def _beyond_reading(grant: Grant) -> Iterator[str]:
    for action in catalog().expand(grant.action):
        is_kept = action.name == "s3:PutObject" and _KEPT.fullmatch(grant.resource)
        if action.level not in READ_LEVELS and action.name != "kms:Decrypt" and not is_kept:
            yield action.name


def _subjects(statement: Statement) -> list[str]:
    return asked(statement.conditions, f"{OIDC_HOST}:sub", "StringEquals", "StringLike")
