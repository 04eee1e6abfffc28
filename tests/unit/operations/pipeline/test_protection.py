"""Nothing is applied where GitHub would not ask somebody first."""

from typing import Any

import pytest

from tests.github_server import GitHubServer
from tests.unit.operations.pipeline.conftest import protected
from wealist.errors import OperatorError
from wealist.operations.pipeline.github import GitHub
from wealist.operations.pipeline.protection import refuse_unprotected

REVIEWERS: dict[str, Any] = {"type": "required_reviewers", "prevent_self_review": True, "reviewers": [{"type": "Team"}]}


def test_an_environment_that_asks_others_and_takes_main_alone_lets_applies_through(
    hub: GitHubServer, github: GitHub
) -> None:
    hub.holds(protected("dev", "prod"))
    refuse_unprotected(github, ["dev", "prod"])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"protection_rules": []}, "reviewers: nobody"),
        ({"protection_rules": None}, "reviewers: nobody"),
        ({"protection_rules": [{"type": "wait_timer", "wait_timer": 30}]}, "reviewers: nobody"),
        ({"protection_rules": [REVIEWERS | {"reviewers": []}]}, "reviewers: nobody"),
        (
            {"protection_rules": [REVIEWERS | {"prevent_self_review": False}]},
            "reviewers: required, and whoever started it may approve it",
        ),
        ({"deployment_branch_policy": None}, "branches: any branch"),
        (
            {"deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": False}},
            "branches: every protected branch",
        ),
    ],
)
def test_an_environment_that_does_not_is_refused_by_what_it_lacks(
    hub: GitHubServer, github: GitHub, changes: dict[str, Any], problem: str
) -> None:
    hub.holds(protected("prod", **changes))
    with pytest.raises(OperatorError, match=f"prod: {problem}, and .* is right$") as error:
        refuse_unprotected(github, ["prod"])
    assert "Settings, Environments" in error.value.remedy


@pytest.mark.parametrize(
    ("policies", "named"),
    [
        ([], "none"),
        ([{"name": "main", "type": "tag"}], "tag main"),
        ([{"name": "main", "type": "branch"}, {"name": "fix", "type": "branch"}], "branch fix, branch main"),
    ],
)
def test_other_branches_and_tags_are_named(
    hub: GitHubServer, github: GitHub, policies: list[dict[str, str]], named: str
) -> None:
    hub.holds(protected("prod") | {"environments/prod/deployment-branch-policies": {"branch_policies": policies}})
    with pytest.raises(OperatorError, match=f"prod: branches: {named}, and main alone is right"):
        refuse_unprotected(github, ["prod"])


def test_all_that_is_missing_is_named_at_once_and_what_github_lacks_too(hub: GitHubServer, github: GitHub) -> None:
    hub.holds(protected("dev", protection_rules=[], deployment_branch_policy=None))
    with pytest.raises(OperatorError) as error:
        refuse_unprotected(github, ["account", "dev"])
    assert error.value.message.splitlines()[1:] == [
        "  account: GitHub has no environment of that name, or none for this repository's plan",
        "  dev: reviewers: nobody, and required, none of them who started it is right",
        "  dev: branches: any branch, and main alone is right",
    ]


def test_what_github_refuses_to_show_is_no_answer(hub: GitHubServer, github: GitHub) -> None:
    hub.refuses("environments")
    with pytest.raises(OperatorError, match="403 Resource not accessible"):
        refuse_unprotected(github, ["prod"])
