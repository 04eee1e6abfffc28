"""Who may become which role, as STS would answer: a table of tokens, evaluated from the synthesized trust policies."""

import functools
import re
from typing import Final, NamedTuple

import pytest

from tests.guarded import synthesis
from tests.policies import may_assume
from wealist.checks.iam.documents import Policy, read

pytestmark = pytest.mark.exhaustive

SERVICES: Final = "wealist-prod-github-actions-role"
DEV: Final = "wealist-dev-github-actions-role"
PLAN: Final = "wealist-terraform-plan-role"
APPLY: Final = "wealist-terraform-apply-role"
ROLES: Final = (SERVICES, DEV, PLAN, APPLY)
AWS: Final = "sts.amazonaws.com"
MAIN: Final = "refs/heads/main"
DEPLOY: Final = "refs/heads/deploy-prod"
PULL: Final = "refs/pull/7/merge"


class Token(NamedTuple):
    """A workflow's token, and which roles it may take."""

    what: str
    subject: str | None
    roles: set[str]
    audience: str | None = AWS
    ref: str | None = MAIN

    def claims(self) -> dict[str, str]:
        """What it claims; the repository is the one that its subject is of."""
        of = re.match(r"repo:([^@/]+)(?:@\d+)?/([^@:]+)", self.subject or "")
        claims = {
            "aud": self.audience,
            "sub": self.subject,
            "ref": self.ref,
            "repository": f"{of[1]}/{of[2]}" if of else None,
        }
        return {claim: value for claim, value in claims.items() if value is not None}


def by_both_forms(repository: str) -> tuple[tuple[str, str], tuple[str, str]]:
    owner, _, name = repository.partition("/")
    return ("", f"repo:{repository}"), (", immutable form", f"repo:{owner}@1234567/{name}@7654321")


OF_SERVICES: Final = [
    Token(f"{what}{form}", f"{repository}:{subject}", roles, ref=ref)
    for form, repository in by_both_forms("OrangesCloud/user-service")
    for what, subject, ref, roles in (
        ("a service's branch for prod", f"ref:{DEPLOY}", DEPLOY, {SERVICES}),
        ("the same, in a GitHub environment", "environment:prod", DEPLOY, {SERVICES}),
        ("the same, in dev's GitHub environment", "environment:dev", DEPLOY, {SERVICES}),
        ("a service's branch for dev", "ref:refs/heads/deploy-dev", "refs/heads/deploy-dev", {DEV}),
        ("the same, in prod's GitHub environment", "environment:prod", "refs/heads/deploy-dev", {DEV}),
        ("a branch that begins alike", "ref:refs/heads/deploy-prod-2", "refs/heads/deploy-prod-2", set[str]()),
        ("a branch that ends alike", "ref:refs/heads/my/deploy-prod", "refs/heads/my/deploy-prod", set[str]()),
        ("a branch in other letters", "ref:refs/heads/Deploy-Prod", "refs/heads/Deploy-Prod", set[str]()),
        ("a tag called like the branch", "ref:refs/tags/deploy-prod", "refs/tags/deploy-prod", set[str]()),
        ("a service's main branch", f"ref:{MAIN}", MAIN, set[str]()),
        ("a service's tag", "ref:refs/tags/v1.2.3", "refs/tags/v1.2.3", set[str]()),
        ("a service's pull request", "pull_request", PULL, set[str]()),
        ("a service's pull request in the environment", "environment:prod", PULL, set[str]()),
        ("a service's environment, from main", "environment:prod", MAIN, set[str]()),
        ("a service's environment, from no branch", "environment:prod", None, set[str]()),
    )
]
OF_THE_INFRASTRUCTURE: Final = [
    Token(f"{what}{form}", f"{repository}:{subject}", roles, ref=ref)
    for form, repository in by_both_forms("OrangesCloud/wealist-infrastructure")
    for what, subject, ref, roles in (
        ("the infrastructure's pull request", "pull_request", PULL, {PLAN}),
        ("its main branch", f"ref:{MAIN}", MAIN, {PLAN}),
        ("another branch of it", "ref:refs/heads/main2", "refs/heads/main2", set[str]()),
        ("a tag called main", "ref:refs/tags/main", "refs/tags/main", set[str]()),
        ("its environment prod, from main", "environment:prod", MAIN, {APPLY}),
        ("its environment dev, from main", "environment:dev", MAIN, {APPLY}),
        ("its environment account, from main", "environment:account", MAIN, {APPLY}),
        ("its environment prod, from a branch", "environment:prod", "refs/heads/feature", set[str]()),
        ("its environment prod, from a service's branch", "environment:prod", DEPLOY, {SERVICES}),
        ("its environment prod, from no branch", "environment:prod", None, set[str]()),
        ("an environment that nobody made", "environment:sandbox", MAIN, set[str]()),
        ("an environment that begins alike", "environment:prod-2", MAIN, set[str]()),
    )
]
OF_OTHERS: Final = [
    Token(f"{what}: {subject}, {ref}", f"repo:{repository}:{subject}", set(), ref=ref)
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
    for subject, ref in (("pull_request", MAIN), (f"ref:{MAIN}", MAIN), ("environment:prod", MAIN), (DEPLOY, DEPLOY))
]
ODD: Final = [
    Token(
        "the organisation in small letters, as documented",
        f"repo:orangescloud/user-service:ref:{DEPLOY}",
        {SERVICES},
        ref=DEPLOY,
    ),
    Token(
        "a token for others",
        f"repo:OrangesCloud/user-service:ref:{DEPLOY}",
        set(),
        audience="https://github.com/OrangesCloud",
        ref=DEPLOY,
    ),
    Token(
        "a token for another cloud",
        "repo:OrangesCloud/wealist-infrastructure:pull_request",
        set(),
        audience="api://Azure",
    ),
    Token("a token for nobody", "repo:OrangesCloud/wealist-infrastructure:environment:prod", set(), audience=None),
    Token("a token without a subject", None, set(), ref=DEPLOY),
    Token("a token with an empty subject", "", set(), ref=DEPLOY),
    Token(
        "a pull request from a fork, run by the service's own repository",
        "repo:OrangesCloud/user-service:pull_request",
        set(),
        ref=PULL,
    ),
    Token("a repository that begins alike", "repo:OrangesCloud/wealist-infrastructure-2:pull_request", set()),
    Token("a subject hidden behind a slash", "repo:OrangesCloud/x/wealist-infrastructure:pull_request", set()),
    Token("a subject of another form", "organization:OrangesCloud", set(), ref=DEPLOY),
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
    assert may_assume(trusts()[role], token.claims()) is (role in token.roles)


def test_the_table_lets_every_role_be_taken_and_refused() -> None:
    for role in ROLES:
        assert {role in token.roles for token in TOKENS} == {True, False}


def test_no_token_takes_a_role_of_a_service() -> None:
    others = [policy for role, policy in trusts().items() if role not in ROLES]
    assert len(others) == 6
    assert not [policy.holders for policy in others for token in TOKENS if may_assume(policy, token.claims())]
