"""Workflows that may deploy: the claims they need, invalid settings, and warnings."""

import re
from typing import Any

import pytest

from tests.unit.spec.builders import build, problems, the_problem
from wealist.spec.environment import Environment
from wealist.spec.rules import check
from wealist.toolkit.policy import assumed_by_github

SUBJECTS = ("repo:OrangesCloud/*", "repo:orangescloud/*", "repo:OrangesCloud@*/*")
EVERYBODY = {"every_workflow_of_the_organisation": True}


def claims(**chosen: Any) -> dict[str, tuple[str, ...]]:
    return build(github_deploy=chosen).deploy_claims


def named(count: int) -> dict[str, Any]:
    """Return every limit, with so many repositories."""
    repositories = tuple(f"service-{number:02}" for number in range(count))
    return {"branch": "deploy-stage", "environment": "stage", "repositories": repositories}


def two(stage: dict[str, Any], qa: dict[str, Any]) -> list[Environment]:
    other = {"network": {"cidr": "10.7.0.0/16"}, "site": {"domain": "qa.wealist.co.kr"}}
    return [
        build(github_deploy=stage),
        build(name="qa", api={"domain": "api.qa.wealist.co.kr"}, github_deploy=qa, **other),
    ]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, {"ref": ("refs/heads/deploy-stage",)}),
        ({"branch": "release/stage"}, {"ref": ("refs/heads/release/stage",)}),
        ({"environment": "stage"}, {"environment": ("stage",)}),
        (
            {"branch": "main", "environment": "stage"},
            {"ref": ("refs/heads/main",), "environment": ("stage",)},
        ),
        (
            {"repositories": ("user-service", "site")},
            {
                "ref": ("refs/heads/deploy-stage",),
                "repository": (
                    "OrangesCloud/user-service",
                    "orangescloud/user-service",
                    "OrangesCloud/site",
                    "orangescloud/site",
                ),
            },
        ),
        (EVERYBODY, {}),
    ],
)
def test_a_workflow_needs_the_claims_of_the_setting(
    chosen: dict[str, Any], expected: dict[str, tuple[str, ...]]
) -> None:
    assert claims(**chosen) == expected
    assert problems(github_deploy=chosen) == []


@pytest.mark.parametrize(
    "branch",
    [
        "", "deploy-*", "refs/heads/deploy-stage", "refs/tags/v1", "a b", "-a", "a.lock", "a..b", "a//b", ".a", "a/.b",
        "/a", "a/", "a~1", "a:b", "${aws:username}", "a?", "a\n",
    ],
)  # fmt: skip
def test_an_invalid_branch_is_reported(branch: str) -> None:
    assert the_problem(github_deploy={"branch": branch}).field == "github_deploy.branch"


def test_a_ref_is_reported_with_the_name_of_its_branch() -> None:
    assert "write 'deploy-stage'" in the_problem(github_deploy={"branch": "refs/heads/deploy-stage"}).remedy


@pytest.mark.parametrize("name", ["", "Prod", "prod*", "a:b", "a/b", "${a}", " a", "a ", "a" * 256])
def test_an_invalid_github_environment_is_reported(name: str) -> None:
    assert the_problem(github_deploy={"environment": name}).field == "github_deploy.environment"


@pytest.mark.parametrize(
    "repositories",
    [
        (), ("*", "user-service"), ("OrangesCloud/user-service",), ("user-*",), ("",), ("..",), ("a b",),
        ("wealist-infrastructure",),
    ],
)  # fmt: skip
def test_invalid_repositories_are_reported(repositories: tuple[str, ...]) -> None:
    assert the_problem(github_deploy={"repositories": repositories}).field == "github_deploy.repositories"


def test_as_many_repositories_as_the_rule_allows_fit_into_a_trust_policy() -> None:
    taken = max(count for count in range(1, 60) if not problems(github_deploy=named(count)))
    claims = build(github_deploy=named(taken)).deploy_claims
    assert the_problem(github_deploy=named(taken + 1)).field == "github_deploy.repositories"
    arn = "arn:aws:iam::290008131187:oidc-provider/token.actions.githubusercontent.com"
    policy = assumed_by_github(arn, subjects=SUBJECTS, claims=claims)
    # IAM counts no white space.
    assert 1_900 < len(re.sub(r"\s", "", policy)) <= 2_048


@pytest.mark.parametrize(
    ("limit", "name"),
    [
        ({"branch": "main"}, "branch"),
        ({"environment": "stage"}, "environment"),
        ({"repositories": ("site",)}, "repositories"),
    ],
)
def test_trust_in_every_workflow_beside_a_limit_is_reported(limit: dict[str, Any], name: str) -> None:
    problem = the_problem(github_deploy=EVERYBODY | limit)
    assert problem.field == "github_deploy.every_workflow_of_the_organisation"
    assert problem.message == f"makes the limit by {name} void"


def test_an_unknown_limit_is_reported_with_the_nearest() -> None:
    assert "'branch'" in the_problem(github_deploy={"brnach": "main"}).remedy


@pytest.mark.parametrize(
    ("stage", "qa"),
    [
        ({"branch": "main"}, {"branch": "main"}),
        ({"environment": "live"}, {"environment": "live"}),
        # A job of the branch deploy-stage can name the GitHub environment qa.
        ({}, {"environment": "qa"}),
        ({"branch": "main"}, {"branch": "main", "environment": "qa"}),
        ({"branch": "main", "repositories": ("a", "b")}, {"branch": "main", "repositories": ("b", "c")}),
        ({"branch": "main", "repositories": ("a",)}, {"branch": "main", "repositories": ("A",)}),
        ({"branch": "main"}, {"branch": "main", "repositories": ("a",)}),
    ],
)
def test_a_workflow_of_two_environments_is_reported(stage: dict[str, Any], qa: dict[str, Any]) -> None:
    (problem,) = check(two(stage, qa))
    assert (problem.owner, problem.field) == ("qa", "github_deploy")
    assert "of stage" in problem.message
    assert "branch of its own" in problem.remedy


@pytest.mark.parametrize(
    ("stage", "qa"),
    [
        ({}, {}),
        ({"branch": "main"}, {"branch": "Main"}),
        ({"environment": "stage"}, {"environment": "qa"}),
        ({}, {"branch": "deploy-qa", "environment": "qa"}),
        ({"branch": "main", "repositories": ("a",)}, {"branch": "main", "repositories": ("b",)}),
        # The document's own trust shares everything: a warning says so.
        ({}, EVERYBODY),
        (EVERYBODY, EVERYBODY),
    ],
)
def test_environments_with_different_workflows_are_allowed(stage: dict[str, Any], qa: dict[str, Any]) -> None:
    assert check(two(stage, qa)) == []


def test_trust_in_every_workflow_is_a_warning() -> None:
    (warning,) = build(operating_system="al2023", github_deploy=EVERYBODY).warnings
    assert warning.startswith("stage: any branch, tag or pull request of any repository of OrangesCloud may take")
    assert "wealist-stage-github-actions-role" in warning
    assert 'GithubDeploy(branch="deploy-stage")' in warning


def test_a_github_environment_that_any_repository_can_create_is_a_warning() -> None:
    (warning,) = build(operating_system="al2023", github_deploy={"environment": "stage"}).warnings
    assert "any repository of OrangesCloud may make the GitHub environment 'stage' without protection" in warning


@pytest.mark.parametrize(
    "chosen", [{}, {"branch": "main", "environment": "stage"}, {"environment": "stage", "repositories": ("site",)}]
)
def test_a_limit_by_branch_or_named_repositories_is_no_warning(chosen: dict[str, Any]) -> None:
    assert build(operating_system="al2023", github_deploy=chosen).warnings == []
