"""Who may become which role, as STS would answer: a table of tokens, evaluated from the synthesized trust policies."""

import functools
from typing import Final, NamedTuple

import pytest

from tests.guarded import synthesis
from wealist.operations.guardrails.iam.documents import Policy, read
from wealist.operations.guardrails.iam.trust import may_assume

pytestmark = pytest.mark.exhaustive

SERVICES: Final = "wealist-prod-github-actions-role"
PLAN: Final = "wealist-terraform-plan-role"
APPLY: Final = "wealist-terraform-apply-role"
ROLES: Final = (SERVICES, PLAN, APPLY)
AWS: Final = "sts.amazonaws.com"
MAIN: Final = "refs/heads/main"


class Token(NamedTuple):
    """A workflow's token, and which roles it may take."""

    what: str
    subject: str | None
    roles: set[str]
    audience: str | None = AWS
    ref: str | None = MAIN


def by_both_forms(repository: str) -> tuple[tuple[str, str], tuple[str, str]]:
    owner, _, name = repository.partition("/")
    return ("", f"repo:{repository}"), (", immutable form", f"repo:{owner}@1234567/{name}@7654321")


OF_SERVICES: Final = [
    Token(f"{what}{form}", f"{repository}:{subject}", {SERVICES}, ref=ref)
    for form, repository in by_both_forms("OrangesCloud/user-service")
    for what, subject, ref in (
        ("a service's branch", "ref:refs/heads/deploy-prod", "refs/heads/deploy-prod"),
        ("a service's main branch", f"ref:{MAIN}", MAIN),
        ("a service's tag", "ref:refs/tags/v1.2.3", "refs/tags/v1.2.3"),
        ("a service's pull request", "pull_request", "refs/pull/7/merge"),
        ("a service's environment", "environment:prod", MAIN),
    )
]
OF_THE_INFRASTRUCTURE: Final = [
    Token(f"{what}{form}", f"{repository}:{subject}", {SERVICES, *roles}, ref=ref)
    for form, repository in by_both_forms("OrangesCloud/wealist-infrastructure")
    for what, subject, ref, roles in (
        ("the infrastructure's pull request", "pull_request", "refs/pull/7/merge", {PLAN}),
        ("its main branch", f"ref:{MAIN}", MAIN, {PLAN}),
        ("another branch of it", "ref:refs/heads/main2", "refs/heads/main2", set[str]()),
        ("a tag called main", "ref:refs/tags/main", "refs/tags/main", set[str]()),
        ("its environment prod, from main", "environment:prod", MAIN, {APPLY}),
        ("its environment dev, from main", "environment:dev", MAIN, {APPLY}),
        ("its environment account, from main", "environment:account", MAIN, {APPLY}),
        ("its environment prod, from a branch", "environment:prod", "refs/heads/feature", set[str]()),
        ("its environment prod, from no branch", "environment:prod", None, set[str]()),
        ("an environment that nobody made", "environment:sandbox", MAIN, set[str]()),
        ("an environment that begins alike", "environment:prod-2", MAIN, set[str]()),
    )
]
OF_OTHERS: Final = [
    Token(f"{what}: {subject}", f"repo:{repository}:{subject}", set())
    for what, repository in (
        ("another organisation", "evil/wealist-infrastructure"),
        ("a fork of somebody's", "somebody/user-service"),
        ("an organisation that begins alike", "OrangesCloudX/wealist-infrastructure"),
        ("one with a hyphen", "OrangesCloud-evil/wealist-infrastructure"),
        ("one that ends alike", "evilOrangesCloud/wealist-infrastructure"),
        ("other letters", "ORANGESCLOUD/wealist-infrastructure"),
        ("the organisation as a repository", "evil/OrangesCloud/wealist-infrastructure"),
        ("the same, immutable", "evil@1/OrangesCloud@2"),
        ("an organisation that begins alike, immutable", "OrangesCloudX@1/wealist-infrastructure@2"),
    )
    for subject in ("pull_request", f"ref:{MAIN}", "environment:prod")
]
ODD: Final = [
    Token("the organisation in small letters, as documented", f"repo:orangescloud/user-service:ref:{MAIN}", {SERVICES}),
    Token(
        "a token for others",
        "repo:OrangesCloud/user-service:pull_request",
        set(),
        audience="https://github.com/OrangesCloud",
    ),
    Token(
        "a token for another cloud",
        "repo:OrangesCloud/wealist-infrastructure:pull_request",
        set(),
        audience="api://Azure",
    ),
    Token("a token for nobody", "repo:OrangesCloud/wealist-infrastructure:environment:prod", set(), audience=None),
    Token("a token without a subject", None, set()),
    Token("a token with an empty subject", "", set()),
    Token(
        "a pull request from a fork, run by the service's own repository",
        "repo:OrangesCloud/user-service:pull_request",
        {SERVICES},
    ),
    Token("a repository that begins alike", "repo:OrangesCloud/wealist-infrastructure-2:pull_request", {SERVICES}),
    Token("a subject hidden behind a slash", "repo:OrangesCloud/x/wealist-infrastructure:pull_request", {SERVICES}),
    Token("a subject of another form", "organization:OrangesCloud", set()),
]
TOKENS: Final = [*OF_SERVICES, *OF_THE_INFRASTRUCTURE, *OF_OTHERS, *ODD]


@functools.cache
def trusts() -> dict[str, Policy]:
    """Every trust policy of the committed system, by its role."""
    stacks = synthesis().stacks.values()
    return {each.holders[0]: each for stack in stacks for each in read(stack).policies if each.kind == "trust"}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("token", TOKENS, ids=lambda token: token.what)
def test_a_token_takes_exactly_the_roles_that_are_meant_for_it(token: Token, role: str) -> None:
    claims = {"aud": token.audience, "sub": token.subject, "ref": token.ref}
    given = {claim: value for claim, value in claims.items() if value is not None}
    assert may_assume(trusts()[role], given) is (role in token.roles)


def test_the_table_lets_every_role_be_taken_and_refused() -> None:
    for role in ROLES:
        assert {role in token.roles for token in TOKENS} == {True, False}


def test_dev_and_prod_trust_the_same_workflows() -> None:
    dev, prod = (trusts()[f"wealist-{name}-github-actions-role"].statements for name in ("dev", "prod"))
    assert [(each.principals, each.condition) for each in dev] == [(each.principals, each.condition) for each in prod]


def test_no_token_takes_a_role_of_a_service() -> None:
    best = {"aud": AWS, "sub": "repo:OrangesCloud/wealist-infrastructure:environment:prod", "ref": MAIN}
    others = [policy for role, policy in trusts().items() if "github" not in role and "terraform" not in role]
    assert len(others) == 6
    assert not [policy.holders for policy in others if may_assume(policy, best)]
