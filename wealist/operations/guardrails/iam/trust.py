"""Who may become each role: the one service that runs as it, or workflows of this organisation on GitHub.

    wealist-<env>-ec2-role …           ◄─ the service of its name
    wealist-<env>-github-actions-role  ◄─ any repository of the organisation
    wealist-terraform-plan-role        ◄─ pull requests and the main branch of this project's repository
    wealist-terraform-apply-role       ◄─ named environments of this project's repository, from the main branch

A subject's pattern is held to its beginning, which no `*` may stand in: `repo:OrangesCloud/`, or `repo:OrangesCloud@`
in the immutable form. GitHub lets no organisation's name hold a slash or an @.
https://docs.github.com/en/actions/reference/security/oidc
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from wealist.operations.guardrails.finding import Finding
from wealist.operations.guardrails.iam.documents import Documents, Policy, Statement
from wealist.operations.guardrails.iam.evaluate import holds, listed
from wealist.operations.guardrails.iam.needs.of_pipeline import APPLY, PLAN
from wealist.spec.account import (
    ACCOUNT_ID,
    GITHUB_ORGANISATION,
    INFRASTRUCTURE_REPOSITORY,
    MAIN_BRANCH,
    OIDC_AUDIENCE,
    OIDC_HOST,
)

TRUST: Final = "iam.trust"
_PROVIDER: Final = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{OIDC_HOST}"
_AUDIENCE, _SUBJECT, _REF = (f"{OIDC_HOST}:{claim}" for claim in ("aud", "sub", "ref"))
_BY_TOKEN: Final = "sts:AssumeRoleWithWebIdentity"  # noqa: S105  an action
_SERVICES: Final = {
    "ec2-role": "ec2.amazonaws.com",
    "codedeploy-role": "codedeploy.amazonaws.com",
    "flow-logs-role": "vpc-flow-logs.amazonaws.com",
}
"""End of a role's name → the service that runs as it."""
_FOR_OTHERS: Final = frozenset({"vpc-flow-logs.amazonaws.com"})
"""Services that act for whichever account asks them to: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html."""
_ORGANISATION: Final = "|".join(sorted({GITHUB_ORGANISATION, GITHUB_ORGANISATION.lower()}))
_OWNER: Final = re.compile(rf"repo:(?:{_ORGANISATION})(?:/|@)")
_REPOSITORY: Final = re.compile(
    rf"repo:(?:{_ORGANISATION})(?:/{INFRASTRUCTURE_REPOSITORY}|@[\d*]+/{INFRASTRUCTURE_REPOSITORY}@[\d*]+):(?P<what>.+)"
)
_PLANS: Final = re.compile(rf"pull_request|ref:refs/heads/{MAIN_BRANCH}")
_APPLIES: Final = re.compile(r"environment:[a-z][a-z0-9-]*")


def check(documents: Documents) -> Iterator[Finding]:
    """Every trust policy that lets in somebody else."""
    for policy in documents.policies:
        if policy.kind == "trust":
            for problem, remedy in _problems(policy):
                yield Finding(documents.stack.name, policy.address, TRUST, f"{policy.holders[0]} {problem}", remedy)


def may_assume(policy: Policy, claims: Mapping[str, str]) -> bool:
    """Whether a workflow on GitHub may assume a role, as STS would answer it.

    Args:
        policy: the role's trust policy.
        claims: of the token: `aud`, `sub` and others, by their names.
    """
    context = {f"{OIDC_HOST}:{claim}": value for claim, value in claims.items()}
    effects = {
        statement.effect
        for statement in policy.statements
        if ("Federated", _PROVIDER) in statement.principals
        and any(action.lower() in {_BY_TOKEN.lower(), "sts:*", "*"} for action in statement.actions)
        and holds(statement.conditions, context)
    }
    return effects == {"Allow"}


def _problems(policy: Policy) -> Iterator[tuple[str, str]]:
    role = policy.holders[0]
    expected = next((service for end, service in _SERVICES.items() if role.endswith(f"-{end}")), None)
    for statement in policy.statements:
        if statement.effect == "Deny":
            continue
        for kind, who in statement.principals:
            if (kind, who) == ("Service", expected):
                yield from _by_service(statement, who)
            elif (kind, who) == ("Federated", _PROVIDER) and expected is None:
                yield from _by_github(role, statement)
            else:
                meant = expected or f"the identity provider {_PROVIDER}"
                yield f"trusts {kind} {who}", f"trust {meant}, and nobody else"


def _by_service(statement: Statement, who: str) -> Iterator[tuple[str, str]]:
    account = [each for keys in statement.conditions.values() for each in listed(keys.get("aws:SourceAccount", []))]
    if who in _FOR_OTHERS and account != [ACCOUNT_ID]:
        yield f"trusts {who} on behalf of any account", f"ask StringEquals aws:SourceAccount {ACCOUNT_ID}"
    if statement.actions != ("sts:AssumeRole",):
        yield f"lets its service call {', '.join(statement.actions)}", "allow sts:AssumeRole alone"


def _by_github(role: str, statement: Statement) -> Iterator[tuple[str, str]]:
    if statement.actions != (_BY_TOKEN,):
        yield f"lets GitHub call {', '.join(statement.actions)}", f"allow {_BY_TOKEN} alone"
    if _asked(statement, "StringEquals", _AUDIENCE) != [OIDC_AUDIENCE]:
        remedy = f"ask StringEquals {_AUDIENCE} {OIDC_AUDIENCE}"
        yield "trusts tokens that are meant for others than AWS", remedy
    if role == APPLY and _asked(statement, "StringEquals", _REF) != [f"refs/heads/{MAIN_BRANCH}"]:
        yield "trusts every branch", f"ask StringEquals {_REF} refs/heads/{MAIN_BRANCH}"
    subjects = [each for operator in ("StringEquals", "StringLike") for each in _asked(statement, operator, _SUBJECT)]
    if not subjects:
        yield "trusts every workflow on GitHub", f"ask StringLike {_SUBJECT} for subjects of {GITHUB_ORGANISATION}"
    for subject in subjects:
        if not _OWNER.match(subject):
            remedy = f"begin it with repo:{GITHUB_ORGANISATION}/ or repo:{GITHUB_ORGANISATION}@"
            yield f"trusts {subject}, outside of {GITHUB_ORGANISATION}", remedy
        elif role in {PLAN, APPLY} and not _in_the_pipeline(role, subject):
            meant = "named environments" if role == APPLY else f"pull requests and {MAIN_BRANCH}"
            yield f"trusts {subject}", f"trust {meant} of {INFRASTRUCTURE_REPOSITORY} alone"


def _in_the_pipeline(role: str, subject: str) -> bool:
    repository = _REPOSITORY.fullmatch(subject)
    return repository is not None and (_APPLIES if role == APPLY else _PLANS).fullmatch(repository["what"]) is not None


def _asked(statement: Statement, operator: str, key: str) -> Sequence[str]:
    """The values that a statement asks of a key by an operator; none where it asks nothing."""
    keys = {name.lower(): listed(values) for name, values in statement.conditions.get(operator, {}).items()}
    return keys.get(key, [])
