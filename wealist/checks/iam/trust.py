"""Who may become each role, judged by what its trust policy says and by who runs as the role; never by its name.

    passed to a service            ◄─ that service, and nobody else
    in an environment's stack      ◄─ workflows of the organisation, bound as `github_deploy` says
    in the account's stack         ◄─ workflows of this project's repository: pull requests and main may read, named
                                      environments from main may do the rest

A subject's pattern is held to its beginning, which no `*` may stand in: `repo:OrangesCloud/`, or `repo:OrangesCloud@`
in the immutable form. GitHub lets no organisation's name hold a slash or an @. What follows in a subject, a repository
can word as it likes; the other claims it cannot.
https://docs.github.com/en/actions/reference/security/oidc
"""

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import combinations
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.iam.claims import KNOWN_TO_AWS, demands, exactly, share
from wealist.checks.iam.documents import Documents, Policy, Statement
from wealist.checks.iam.role_passing import takers_of
from wealist.model.iam.catalog import READ_LEVELS, catalog
from wealist.model.iam.evaluate import Grant, listed
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
PROVIDER: Final = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{OIDC_HOST}"
_BY_TOKEN: Final = "sts:AssumeRoleWithWebIdentity"  # noqa: S105  an action
_FOR_OTHERS: Final = frozenset({"vpc-flow-logs.amazonaws.com"})
"""Services that act for whichever account asks them to: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html."""
_ORGANISATION: Final = "|".join(sorted({GITHUB_ORGANISATION, GITHUB_ORGANISATION.lower()}))
_OWNER: Final = re.compile(rf"repo:(?:{_ORGANISATION})(?:/|@)")
_REPOSITORY: Final = re.compile(
    rf"repo:(?:{_ORGANISATION})(?:/{INFRASTRUCTURE_REPOSITORY}|@[\d*]+/{INFRASTRUCTURE_REPOSITORY}@[\d*]+):(?P<what>.+)"
)
_READERS: Final = re.compile(rf"pull_request|ref:refs/heads/{MAIN_BRANCH}")
_PROTECTED: Final = re.compile(r"environment:[a-z][a-z0-9-]*")

Problems = Iterator[tuple[str, str]]
"""What is wrong with a role's trust, and the remedy."""


def check(documents: Documents, config: Environment | None) -> Iterator[Finding]:
    """Every trust policy of a stack that lets in somebody else.

    Args:
        documents: of the stack.
        config: the environment that the stack is; None where it is another one.
    """
    takers = takers_of(documents)
    for policy in trusts(documents):
        for problem, remedy in _problems(documents, policy, takers.get(policy.address, set()), config):
            yield Finding(documents.stack.name, policy.address, TRUST, f"{policy.holders[0]} {problem}", remedy)


def check_apart(environments: Mapping[str, tuple[Documents, Environment]]) -> Iterator[Finding]:
    """Every two roles of different environments that one workflow may take, but where a setting asks for it."""
    for (name, (documents, config)), (_, (others, other)) in combinations(sorted(environments.items()), 2):
        if any(each.github_deploy.every_workflow_of_the_organisation for each in (config, other)):
            continue
        for ours in trusts(documents):
            for theirs in trusts(others):
                if shares(ours, theirs):
                    problem = f"{theirs.holders[0]} may be taken by a workflow that takes {ours.holders[0]} of {name}"
                    remedy = "ask StringEquals of both for one claim, ref or environment, with values of their own"
                    yield Finding(others.stack.name, theirs.address, SHARED, problem, remedy)


def trusts(documents: Documents) -> list[Policy]:
    """The trust policies of a stack."""
    return documents.of_kind("trust")


def by_github(policy: Policy) -> list[Statement]:
    """The statements of a trust policy that let workflows in."""
    return [
        statement
        for statement in policy.statements
        if statement.effect == "Allow" and ("Federated", PROVIDER) in statement.principals
    ]


def shares(one: Policy, other: Policy) -> bool:
    """Whether one workflow may take both roles."""
    return any(share(ours, theirs) for ours in by_github(one) for theirs in by_github(other))


def _problems(documents: Documents, policy: Policy, takers: Collection[str], config: Environment | None) -> Problems:
    for statement in policy.statements:
        if statement.effect == "Deny":
            continue
        for kind, who in statement.principals:
            if kind == "Service" and who in takers:
                yield from _by_service(statement, who)
            elif (kind, who) == ("Federated", PROVIDER) and not takers:
                yield from _by_github(statement)
                yield from _deploys(statement, config) if config else _pipeline(documents, policy, statement)
            elif kind == "Service" and not takers:
                remedy = "name the role in the resource that runs as it, or remove the role"
                yield f"trusts {who}, and no resource of this stack runs as it", remedy
            else:
                meant = " or ".join(sorted(takers)) or f"the identity provider {PROVIDER}"
                taken = f"and is passed to {meant}" if takers else "and is passed to no service"
                yield f"trusts {kind} {who}, {taken}", f"trust {meant}, and nobody else"


def _by_service(statement: Statement, who: str) -> Problems:
    account = [each for keys in statement.conditions.values() for each in listed(keys.get("aws:SourceAccount", []))]
    if who in _FOR_OTHERS and account != [ACCOUNT_ID]:
        yield f"trusts {who} on behalf of any account", f"ask StringEquals aws:SourceAccount {ACCOUNT_ID}"
    if statement.actions != ("sts:AssumeRole",):
        yield f"lets its service call {', '.join(statement.actions)}", "allow sts:AssumeRole alone"


def _by_github(statement: Statement) -> Problems:
    """What holds of every role that workflows take."""
    if statement.actions != (_BY_TOKEN,):
        yield f"lets GitHub call {', '.join(statement.actions)}", f"allow {_BY_TOKEN} alone"
    if exactly(statement, "aud") != {OIDC_AUDIENCE}:
        yield "trusts tokens that are meant for others than AWS", _ask("aud", OIDC_AUDIENCE)
    for claim in sorted({each.claim for each in demands(statement)} - KNOWN_TO_AWS):
        problem = f"asks for the claim {claim}, which AWS does not read, and so trusts nobody"
        yield problem, f"write one of {', '.join(sorted(KNOWN_TO_AWS))}"
    subjects = _subjects(statement)
    if not subjects:
        remedy = f"ask StringLike {OIDC_HOST}:sub for subjects of {GITHUB_ORGANISATION}"
        yield "trusts every workflow on GitHub", remedy
    for subject in subjects:
        if not _OWNER.match(subject):
            remedy = f"begin it with repo:{GITHUB_ORGANISATION}/ or repo:{GITHUB_ORGANISATION}@"
            yield f"trusts {subject}, outside of {GITHUB_ORGANISATION}", remedy


def _deploys(statement: Statement, config: Environment) -> Problems:
    """What holds of an environment's role: it is bound as the environment says."""
    for claim, values in config.deploy_claims.items():
        asked = exactly(statement, claim)
        if asked != set(values):
            trusted = f"the {claim} {', '.join(sorted(asked))}" if asked else f"any {claim}"
            meant = ", ".join(values)
            yield f"trusts {trusted}, and github_deploy of {config.name} says {meant}", _ask(claim, meant)


def _pipeline(documents: Documents, policy: Policy, statement: Statement) -> Problems:
    """What holds of the roles that plan and apply: one repository, and no writing but from a protected environment."""
    repository = f"{GITHUB_ORGANISATION}/{INFRASTRUCTURE_REPOSITORY}"
    if exactly(statement, "repository") != {repository}:
        yield "trusts any repository that words its subject so", _ask("repository", repository)
    inside = {subject: _REPOSITORY.fullmatch(subject) for subject in _subjects(statement)}
    runs = {subject: match["what"] if match else "" for subject, match in inside.items()}
    for subject, what in runs.items():
        if not (_READERS.fullmatch(what) or _PROTECTED.fullmatch(what)):
            remedy = f"trust pull requests, {MAIN_BRANCH} or named environments of {INFRASTRUCTURE_REPOSITORY} alone"
            yield f"trusts {subject}", remedy
    is_protected = exactly(statement, "ref") == {f"refs/heads/{MAIN_BRANCH}"} and all(
        _PROTECTED.fullmatch(what) for what in runs.values()
    )
    if not is_protected and (more := _more_than_plans(documents, policy)):
        allowed = f"allows {more[0]} and {len(more) - 1} more" if len(more) > 1 else f"allows {more[0]}"
        remedy = f"trust named environments alone, and {_ask('ref', f'refs/heads/{MAIN_BRANCH}')}"
        yield f"{allowed} to workflows that nobody reviewed", remedy


def _more_than_plans(documents: Documents, policy: Policy) -> list[str]:
    """The actions that a role is allowed beyond reading, decrypting what it reads, and keeping a plan."""
    grants = {grant for role in documents.roles if role.address == policy.address for grant in role.allowed}
    return sorted({action for grant in grants for action in _beyond_reading(grant)})


def _beyond_reading(grant: Grant) -> Iterator[str]:
    for action in catalog().expand(grant.action):
        is_kept = (action.name, grant.resource) == ("s3:PutObject", f"arn:aws:s3:::{PLANS_BUCKET}/*")
        if action.level not in READ_LEVELS and action.name != "kms:Decrypt" and not is_kept:
            yield action.name


def _subjects(statement: Statement) -> list[str]:
    return [
        value
        for each in demands(statement)
        if each.claim == "sub" and each.operator in {"StringEquals", "StringLike"}
        for value in each.values
    ]


def _ask(claim: str, value: str) -> str:
    return f"ask StringEquals {OIDC_HOST}:{claim} {value}"
