"""Nothing is applied where GitHub would not ask somebody first."""

from typing import Any

import pytest

from tests.unit.operations.pipeline.conftest import Hub, protected
from wealist.errors import OperatorError
from wealist.operations.pipeline.github import GitHub
from wealist.operations.pipeline.protection import refuse_unprotected

REVIEWERS: dict[str, Any] = {"type": "required_reviewers", "prevent_self_review": True, "reviewers": [{"type": "Team"}]}


def test_an_environment_that_asks_others_and_takes_main_alone_lets_applies_through(hub: Hub, github: GitHub) -> None:
    hub.holds(protected("dev", "prod"))
    refuse_unprotected(github, ["dev", "prod"])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"protection_rules": []}, "it has no required reviewers"),
        ({"protection_rules": None}, "it has no required reviewers"),
        ({"protection_rules": [{"type": "wait_timer", "wait_timer": 30}]}, "it has no required reviewers"),
        ({"protection_rules": [REVIEWERS | {"reviewers": []}]}, "it has no required reviewers"),
        ({"protection_rules": [REVIEWERS | {"prevent_self_review": False}]}, "whoever starts a run may review it"),
        ({"deployment_branch_policy": None}, "it may be used from any branch"),
        (
            {"deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": False}},
            "it may be used from every protected branch, not from main alone",
        ),
    ],
)
def test_an_environment_that_does_not_is_refused_by_what_it_lacks(
    hub: Hub, github: GitHub, changes: dict[str, Any], problem: str
) -> None:
    answers = protected("prod")
    hub.holds(answers | {"environments/prod": answers["environments/prod"] | changes})
    with pytest.raises(OperatorError, match=f"prod: {problem}$") as error:
        refuse_unprotected(github, ["prod"])
    assert "Settings, Environments" in error.value.remedy


@pytest.mark.parametrize(
    ("policies", "named"),
    [
        ([], "nowhere"),
        ([{"name": "main", "type": "tag"}], "tag main"),
        (
            [{"name": "main", "type": "branch"}, {"name": "hotfix/*", "type": "branch"}],
            r"branch hotfix/\*, branch main",
        ),
    ],
)
def test_other_branches_and_tags_are_named(
    hub: Hub, github: GitHub, policies: list[dict[str, str]], named: str
) -> None:
    hub.holds(protected("prod") | {"environments/prod/deployment-branch-policies": {"branch_policies": policies}})
    with pytest.raises(OperatorError, match=f"prod: it may be used from {named}, not from main alone"):
        refuse_unprotected(github, ["prod"])


def test_all_that_is_missing_is_named_at_once_and_what_github_lacks_too(hub: Hub, github: GitHub) -> None:
    answers = protected("dev", "prod")
    both = {"protection_rules": [], "deployment_branch_policy": None}
    hub.holds(answers | {"environments/dev": answers["environments/dev"] | both})
    with pytest.raises(OperatorError) as error:
        refuse_unprotected(github, ["account", "dev", "prod"])
    assert error.value.message.splitlines()[1:] == [
        "  account: GitHub has no environment of that name, or none for this repository's plan",
        "  dev: it has no required reviewers",
        "  dev: it may be used from any branch",
    ]


def test_what_github_refuses_to_show_is_no_answer(hub: Hub, github: GitHub) -> None:
    hub.refuses("environments/prod")
    with pytest.raises(OperatorError, match="403 Resource not accessible"):
        refuse_unprotected(github, ["prod"])
