"""Who may assume the roles that plan and apply: GitHub's claims about a workflow's run, and IAM's answer.

https://docs.github.com/en/actions/reference/security/oidc
"""

from typing import Any, Final, NamedTuple

import pytest

from tests.synthesized import Stack, address_of, attribute_of
from wealist.model.iam.evaluate import holds, like

GITHUB: Final = "token.actions.githubusercontent.com"
PLAN: Final = "wealist-terraform-plan-role"
APPLY: Final = "wealist-terraform-apply-role"
PLAIN: Final = "OrangesCloud/wealist-infrastructure"
IMMUTABLE: Final = "OrangesCloud@12345/wealist-infrastructure@67890"
MAIN: Final = "refs/heads/main"
MERGE: Final = "refs/pull/12/merge"


class Run(NamedTuple):
    """A workflow's run, as the claims of its token tell of it."""

    repository: str
    subject: str
    """What follows the repository in `sub`."""
    ref: str
    audience: str = "sts.amazonaws.com"

    def claims(self) -> dict[str, str]:
        # Only `sub` has the numbers of the immutable form.
        names = "/".join(part.partition("@")[0] for part in self.repository.split("/"))
        return {
            f"{GITHUB}:repository": names,
            f"{GITHUB}:aud": self.audience,
            f"{GITHUB}:sub": f"repo:{self.repository}:{self.subject}",
            f"{GITHUB}:ref": self.ref,
        }


def trust(account: Stack, role: str) -> dict[str, Any]:
    """The one statement of a role's trust policy."""
    (statement,) = account.only("aws_iam_role", name=role).statements("assume_role_policy").values()
    return statement


def assumed_by(account: Stack, run: Run) -> set[str]:
    """The roles that a run may assume."""
    return {role for role in (PLAN, APPLY) if holds(trust(account, role)["Condition"], run.claims())}


@pytest.mark.parametrize("role", [PLAN, APPLY])
def test_only_githubs_tokens_assume_them(account: Stack, role: str) -> None:
    statement = trust(account, role)
    assert (statement["Effect"], statement["Action"]) == ("Allow", ["sts:AssumeRoleWithWebIdentity"])
    provider = account.only("aws_iam_openid_connect_provider")
    federated = statement["Principal"]["Federated"]
    assert statement["Principal"].keys() == {"Federated"}
    assert (address_of(federated), attribute_of(federated)) == (provider.address, "arn")


@pytest.mark.parametrize("repository", [PLAIN, IMMUTABLE])
@pytest.mark.parametrize(
    ("subject", "ref", "roles"),
    [
        ("pull_request", MERGE, {PLAN}),
        (f"ref:{MAIN}", MAIN, {PLAN}),
        ("environment:account", MAIN, {APPLY}),
        ("environment:dev", MAIN, {APPLY}),
        ("environment:prod", MAIN, {APPLY}),
        # GitHub makes an environment that a branch's workflow names, without any protection.
        ("environment:prod", "refs/heads/another", set()),
        ("environment:prod", MERGE, set()),
        ("environment:prod", "refs/tags/v1", set()),
        ("environment:prod", "refs/heads/main-2", set()),
        ("environment:sandbox", MAIN, set()),
        ("environment:prod-2", MAIN, set()),
        ("environment:bootstrap", MAIN, set()),
        ("ref:refs/heads/another", "refs/heads/another", set()),
        ("ref:refs/heads/main-2", "refs/heads/main-2", set()),
        ("ref:refs/tags/main", "refs/tags/main", set()),
        ("ref:refs/tags/v1", "refs/tags/v1", set()),
        ("pull_request_target", MAIN, set()),
    ],
)
def test_pull_requests_and_main_plan_and_mains_environments_apply(
    account: Stack, repository: str, subject: str, ref: str, roles: set[str]
) -> None:
    assert assumed_by(account, Run(repository, subject, ref)) == roles


@pytest.mark.parametrize("subject", ["pull_request", f"ref:{MAIN}", "environment:prod"])
@pytest.mark.parametrize(
    "repository",
    [
        "OrangesCloud/user-service",
        "OrangesCloud/wealist-infrastructure-fork",
        "OrangesCloud/wealist-infrastructure/another",
        "contributor/wealist-infrastructure",  # what a workflow in a fork says of itself
        "contributor/OrangesCloud/wealist-infrastructure",
        "OrangesCloud2/wealist-infrastructure",
        "OrangesCloud@1/user-service@2",
        "contributor@1/wealist-infrastructure@2",
        "contributor@1/OrangesCloud@1/wealist-infrastructure@2",
    ],
)
def test_no_other_repository_is_trusted(account: Stack, repository: str, subject: str) -> None:
    assert assumed_by(account, Run(repository, subject, MAIN)) == set()


@pytest.mark.parametrize("audience", ["https://github.com/OrangesCloud", "sts.amazonaws.com.cn", "", "*"])
@pytest.mark.parametrize("subject", ["pull_request", "environment:prod"])
def test_a_token_for_somebody_else_is_not_taken(account: Stack, subject: str, audience: str) -> None:
    assert assumed_by(account, Run(PLAIN, subject, MAIN, audience)) == set()


@pytest.mark.parametrize("role", [PLAN, APPLY])
@pytest.mark.parametrize("what", ["pull_request", "environment:prod"])
@pytest.mark.parametrize("word", ["head_ref", "workflow", "environment"])
def test_a_repository_that_words_its_subject_as_if_it_were_this_one_is_not_trusted(
    account: Stack, role: str, what: str, word: str
) -> None:
    # A repository's administrators choose the claims that its subjects hold:
    # https://docs.github.com/en/actions/reference/security/oidc#customizing-the-subject-claims-for-a-repository
    worded = Run("OrangesCloud@1/user-service@2", f"{word}:x/wealist-infrastructure@3:{what}", MAIN)
    conditions = trust(account, role)["Condition"]
    assert any(like(worded.claims()[f"{GITHUB}:sub"], each) for each in conditions["StringLike"][f"{GITHUB}:sub"]) is (
        role == {"pull_request": PLAN, "environment:prod": APPLY}[what]
    )
    assert not holds(conditions, worded.claims())


@pytest.mark.parametrize("missing", ["aud", "sub", "ref", "repository"])
def test_an_apply_wants_every_claim(account: Stack, missing: str) -> None:
    claims = Run(PLAIN, "environment:prod", MAIN).claims()
    conditions = trust(account, APPLY)["Condition"]
    assert holds(conditions, claims)
    del claims[f"{GITHUB}:{missing}"]
    assert not holds(conditions, claims)
