"""Which workflows can assume which role, by STS's evaluation of the synthesized trust policies and by the proof."""

import functools
import re
from typing import Any, Final

import pytest

from tests.policies import may_assume
from tests.syntheses import mutated, synthesis
from tests.unit.checks.faults.tables import edit_from
from tests.unit.spec.builders import build
from wealist.checks.finding import Synthesis
from wealist.checks.iam import prove
from wealist.checks.iam.documents import read_documents
from wealist.model.iam.policy import Statement

pytestmark = pytest.mark.exhaustive

SERVICES: Final = "wealist-prod-github-actions-role"
DEV: Final = "wealist-dev-github-actions-role"
PLANS: Final = {f"wealist-terraform-plan-{stack}-role" for stack in ("account", "bootstrap", "dev", "prod")}
OF_PROD: Final = "wealist-terraform-plan-prod-role"
APPLY: Final = "wealist-terraform-apply-role"
AWS: Final = "sts.amazonaws.com"
MAIN: Final = "refs/heads/main"
DEPLOY: Final = "refs/heads/deploy-prod"
PULL: Final = "refs/pull/7/merge"
OURS: Final = "OrangesCloud/wealist-infrastructure"
SERVICE: Final = "OrangesCloud/user-service"
REF: Final = "token.actions.githubusercontent.com:ref"
Chosen = tuple[tuple[str, Any], ...]
"""The settings of `github_deploy`, in a hashable form."""
EVERYBODY: Final[Chosen] = (("every_workflow_of_the_organisation", True),)


def token(repository: str, subject: str, ref: str | None, *, audience: str | None = AWS) -> dict[str, str]:
    """Return the claims of a workflow's token. Only `sub` has the ids of a repository's immutable form."""
    plain = re.sub(r"@\d+", "", repository)
    claims = {"aud": audience, "sub": f"repo:{repository}:{subject}", "ref": ref, "repository": plain}
    if subject.startswith("environment:"):
        claims["environment"] = subject.removeprefix("environment:")
    return {claim: value for claim, value in claims.items() if value is not None}


def immutable(repository: str) -> str:
    owner, _, name = repository.partition("/")
    return f"{owner}@1234567/{name}@7654321"


def trusts(of: Synthesis) -> dict[str, tuple[Statement, ...]]:
    """Map each role to the statements of its trust policy."""
    return {role.name: role.trust for stack in of.stacks.values() for role in read_documents(stack).roles}


@functools.cache
def documented_trusts() -> dict[str, tuple[Statement, ...]]:
    return trusts(synthesis())


def assumable(claims: dict[str, str]) -> set[str]:
    """Return the roles that a workflow can assume."""
    return {role for role, trust in documented_trusts().items() if may_assume(trust, claims)}


@pytest.mark.parametrize("form", [str, immutable], ids=["plain", "immutable"])
@pytest.mark.parametrize(
    ("repository", "subject", "ref", "roles"),
    [
        (SERVICE, f"ref:{DEPLOY}", DEPLOY, {SERVICES}),
        (SERVICE, "environment:dev", DEPLOY, {SERVICES}),
        (SERVICE, "ref:refs/heads/deploy-dev", "refs/heads/deploy-dev", {DEV}),
        (SERVICE, "environment:prod", "refs/heads/deploy-dev", {DEV}),
        (SERVICE, "ref:refs/heads/deploy-prod-2", "refs/heads/deploy-prod-2", set()),
        (SERVICE, "ref:refs/heads/my/deploy-prod", "refs/heads/my/deploy-prod", set()),
        (SERVICE, "ref:refs/heads/Deploy-Prod", "refs/heads/Deploy-Prod", set()),
        (SERVICE, "ref:refs/tags/deploy-prod", "refs/tags/deploy-prod", set()),
        (SERVICE, f"ref:{MAIN}", MAIN, set()),
        (SERVICE, "pull_request", PULL, set()),
        (SERVICE, "environment:prod", PULL, set()),
        (SERVICE, "environment:prod", None, set()),
        (OURS, "environment:plan-prod", PULL, {OF_PROD}),
        (OURS, "environment:plan-prod", "refs/heads/feature", {OF_PROD}),
        (OURS, "pull_request", PULL, set()),
        (OURS, f"ref:{MAIN}", MAIN, PLANS),
        (OURS, "ref:refs/heads/main2", "refs/heads/main2", set()),
        (OURS, "ref:refs/tags/main", "refs/tags/main", set()),
        (OURS, "environment:prod", MAIN, {APPLY}),
        (OURS, "environment:dev", MAIN, {APPLY}),
        (OURS, "environment:account", MAIN, {APPLY}),
        # GitHub makes an environment that a branch's workflow names, without any protection.
        (OURS, "environment:prod", "refs/heads/feature", set()),
        (OURS, "environment:prod", PULL, set()),
        (OURS, "environment:prod", DEPLOY, {SERVICES}),
        (OURS, "environment:prod", None, set()),
        (OURS, "environment:sandbox", MAIN, set()),
        (OURS, "environment:bootstrap", MAIN, set()),
        (OURS, "environment:prod-2", MAIN, set()),
        (OURS, "pull_request_target", MAIN, set()),
    ],
)
def test_a_workflow_can_assume_exactly_its_own_roles(
    form: Any, repository: str, subject: str, ref: str | None, roles: set[str]
) -> None:
    assert assumable(token(form(repository), subject, ref)) == roles


@pytest.mark.parametrize(
    "repository",
    [
        "evil/wealist-infrastructure",
        "somebody/user-service",
        "OrangesCloudX/wealist-infrastructure",
        "OrangesCloud-evil/wealist-infrastructure",
        "evilOrangesCloud/wealist-infrastructure",
        "ORANGESCLOUD/wealist-infrastructure",
        "evil/OrangesCloud/wealist-infrastructure",
        "evil@1/OrangesCloud@2",
        "OrangesCloudX@1/wealist-infrastructure@2",
    ],
)
def test_workflows_outside_of_the_organisation_can_assume_no_role(repository: str) -> None:
    for subject, ref in (("pull_request", MAIN), (f"ref:{MAIN}", MAIN), ("environment:prod", MAIN), (DEPLOY, DEPLOY)):
        assert assumable(token(repository, subject, ref)) == set()


@pytest.mark.parametrize("subject", ["pull_request", "environment:prod"])
@pytest.mark.parametrize("repository", [f"{OURS}-2", f"{OURS}/another", "OrangesCloud/x/wealist-infrastructure"])
def test_repositories_with_similar_names_cannot_assume_the_pipelines_roles(repository: str, subject: str) -> None:
    assert assumable(token(repository, subject, MAIN)) == set()


@pytest.mark.parametrize("subject", ["pull_request", "environment:prod"])
def test_a_repository_with_a_forged_subject_can_assume_no_role(subject: str) -> None:
    """Administrators of a repository choose which claims its subjects contain.

    https://docs.github.com/en/actions/reference/security/oidc#customizing-the-subject-claims-for-a-repository
    """
    worded = token(f"{SERVICE}@2", f"workflow:x/wealist-infrastructure@3:{subject}", MAIN)
    assert assumable(worded) == assumable(token(OURS, subject, MAIN) | {"repository": SERVICE}) == set()


@pytest.mark.parametrize("audience", ["https://github.com/OrangesCloud", "api://Azure", None])
def test_a_token_for_another_audience_can_assume_no_role(audience: str | None) -> None:
    assert assumable(token(SERVICE, f"ref:{DEPLOY}", DEPLOY, audience=audience)) == set()
    assert assumable(token(OURS, "environment:prod", MAIN, audience=audience)) == set()


@pytest.mark.parametrize("missing", ["aud", "sub", "ref", "repository"])
def test_a_token_without_a_required_claim_cannot_assume_the_apply_role(missing: str) -> None:
    whole = token(OURS, "environment:prod", MAIN)
    assert assumable(whole) == {APPLY}
    assert assumable({claim: value for claim, value in whole.items() if claim != missing}) == set()


def test_the_organisation_can_be_in_lower_case_as_documented() -> None:
    assert assumable(token("orangescloud/user-service", f"ref:{DEPLOY}", DEPLOY)) == {SERVICES}


@functools.cache
def pair(stage: Chosen = (), qa: Chosen = ()) -> Synthesis:
    """Return a synthesis of the environments stage and qa with some settings of `github_deploy`."""
    other = {"network": {"cidr": "10.7.0.0/16"}, "site": {"domain": "qa.wealist.co.kr"}}
    return synthesis(
        build(github_deploy=dict(stage)),
        build(name="qa", api={"domain": "api.qa.wealist.co.kr"}, github_deploy=dict(qa), **other),
    )


def deploys(both: Synthesis, ref: str, environment: str = "", repository: str = "user-service") -> set[str]:
    """Return the environments that a workflow can deploy to."""
    subject = f"environment:{environment}" if environment else f"ref:{ref}"
    claims = token(f"OrangesCloud/{repository}", subject, ref)
    return {
        name for name in both.environments if may_assume(trusts(both)[f"wealist-{name}-github-actions-role"], claims)
    }


@pytest.mark.parametrize(
    ("stage", "qa", "ref", "environment", "deployed_to"),
    [
        ((), (), "refs/heads/deploy-stage", "", {"stage"}),
        ((), (), "refs/heads/deploy-qa", "stage", {"qa"}),
        ((), (), "refs/heads/main", "", set()),
        ((), (), "refs/tags/deploy-stage", "", set()),
        ((("environment", "stage"),), (("environment", "qa"),), "refs/heads/main", "stage", {"stage"}),
        ((("environment", "stage"),), (("environment", "qa"),), "refs/tags/v1", "qa", {"qa"}),
        ((("environment", "stage"),), (("environment", "qa"),), "refs/heads/deploy-stage", "", set()),
        ((("branch", "main"), ("environment", "stage")), (), "refs/heads/main", "stage", {"stage"}),
        ((("branch", "main"), ("environment", "stage")), (), "refs/heads/main", "", set()),
        ((("repositories", ("user-service",)),), (), "refs/heads/deploy-stage", "", {"stage"}),
        ((("repositories", ("board-service",)),), (), "refs/heads/deploy-stage", "", set()),
        (EVERYBODY, (), "refs/heads/whatever", "", {"stage"}),
        (EVERYBODY, (), "refs/heads/deploy-qa", "", {"stage", "qa"}),
    ],
)
def test_workflows_can_deploy_as_github_deploy_specifies(
    stage: Chosen, qa: Chosen, ref: str, environment: str, deployed_to: set[str]
) -> None:
    both = pair(stage, qa)
    assert deploys(both, ref, environment) == deployed_to
    assert list(prove(both)) == []


@pytest.mark.parametrize(
    ("stage", "qa"),
    [
        ((("branch", "main"),), (("branch", "main"),)),
        ((("environment", "live"),), (("environment", "Live"),)),
        ((), (("environment", "qa"),)),
        ((("branch", "main"), ("repositories", ("a", "b"))), (("branch", "main"), ("repositories", ("b", "c")))),
    ],
    ids=["one branch", "one GitHub environment", "a branch and a GitHub environment", "one repository of several"],
)
def test_two_environments_that_one_workflow_can_deploy_to_are_reported(stage: Chosen, qa: Chosen) -> None:
    (finding,) = prove(pair(stage, qa))
    assert (finding.stack, finding.control) == ("stage", "iam.shared-trust")
    assert "wealist-stage-github-actions-role" in finding.problem
    assert "wealist-qa-github-actions-role of qa" in finding.problem


def test_different_repositories_separate_workflows_of_one_branch() -> None:
    both = pair((("branch", "main"), ("repositories", ("a",))), (("branch", "main"), ("repositories", ("b",))))
    assert list(prove(both)) == []


@pytest.mark.parametrize(
    ("stage", "claim", "value", "problem"),
    [
        ((), "ref", "refs/heads/another", "trusts the ref refs/heads/another, but github_deploy of stage requires"),
        ((("environment", "stage"),), "environment", "stag", "trusts the environment stag"),
        ((("repositories", ("user-service",)),), "repository", None, "trusts any repository"),
    ],
)
def test_a_trust_policy_that_differs_from_the_setting_is_reported(
    stage: Chosen, claim: str, value: str, problem: str
) -> None:
    edit = edit_from({f"claims StringEquals {REF.removesuffix('ref')}{claim}": value})
    (finding,) = prove(mutated(pair(stage, (("environment", "qa"), ("branch", "deploy-qa"))), "stage", edit))
    assert finding.control == "iam.trust"
    assert problem in finding.problem
