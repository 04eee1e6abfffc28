"""Plans are applied only if all of them may be, and only where GitHub asks reviewers first."""

from typing import Any

import pytest

from tests.github_server import GitHubServer
from tests.unit.operations.pipeline.conftest import A, B, C, plan_record, protected
from wealist.errors import OperatorError
from wealist.operations.pipeline.approval import SUMMARY_LIMIT, plans_to_apply, refuse_unprotected, summary
from wealist.operations.pipeline.github import GitHub
from wealist.operations.pipeline.plans import Planned

RUN = "https://github.com/OrangesCloud/wealist-infrastructure/actions/runs/9"


def test_changed_stacks_are_applied_in_order_without_empty_plans() -> None:
    records = {
        "prod": plan_record("prod"),
        "dev": plan_record("dev", plan=None),
        "account": plan_record("account", plan=C),
    }
    changed = {"account": A, "dev": A, "prod": A}
    assert plans_to_apply(changed, records) == [plan_record("account", plan=C), plan_record("prod")]


def test_a_plan_of_an_unchanged_stack_is_not_applied() -> None:
    assert plans_to_apply({"dev": A}, {"dev": plan_record("dev"), "prod": plan_record("prod")}) == [plan_record("dev")]


def test_one_missing_outdated_or_operator_only_plan_stops_all_and_every_problem_is_listed() -> None:
    records = {
        "bootstrap": plan_record("bootstrap", by_hand="not ours"),
        "prod": plan_record("prod", configuration=C),
        "staging": plan_record("staging"),
    }
    with pytest.raises(OperatorError, match="nothing is applied") as error:
        plans_to_apply({"bootstrap": A, "dev": A, "prod": A, "staging": A}, records)
    assert error.value.message.splitlines()[1:] == [
        "  bootstrap: not ours; an operator applies it (README), then the others can go on",
        "  dev: it was not planned in the pull request",
        "  prod: its plan is of another configuration; main has moved since the pull request was planned",
    ]
    assert error.value.exit_code == 1


def test_the_summary_lists_every_digest_before_the_reviews() -> None:
    text = summary(
        [Planned(plan_record("account", plan=C), "the account's"), Planned(plan_record("dev"), "dev's")], run_url=RUN
    )
    parts = [RUN, f"| account | `{C}` |", f"| dev | `{B}` |", "\nthe account's\n", "\ndev's\n"]
    positions = [text.index(each) for each in parts]
    assert positions == sorted(positions)


def test_the_summary_stays_within_githubs_limit_and_names_the_reviews_that_it_omits() -> None:
    long = "é" * (SUMMARY_LIMIT // 4)
    plans = [Planned(plan_record(name), f"of {name}: {long}") for name in ("account", "dev", "prod")]
    text = summary([*plans, Planned(plan_record("test"), f"of test: {A}")], run_url=RUN)
    assert len(text.encode()) <= SUMMARY_LIMIT
    assert [f"of {name}: " in text for name in ("account", "dev", "prod", "test")] == [True, False, False, True]
    assert [f"The review of {name} is too long" in text for name in ("account", "dev", "prod")] == [False, True, True]
    assert f"| prod | `{B}` |" in text


# --- GitHub environments ----------------------------------------------------------------------------------------------

REVIEWERS: dict[str, Any] = {"type": "required_reviewers", "prevent_self_review": True, "reviewers": [{"type": "Team"}]}


def test_an_environment_with_reviewers_and_main_only_is_accepted(hub: GitHubServer, github: GitHub) -> None:
    hub.holds(protected("dev", "prod"))
    refuse_unprotected(github, ["dev", "prod"])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"protection_rules": []}, "reviewers: none"),
        ({"protection_rules": None}, "reviewers: none"),
        ({"protection_rules": [{"type": "wait_timer", "wait_timer": 30}]}, "reviewers: none"),
        ({"protection_rules": [REVIEWERS | {"reviewers": []}]}, "reviewers: none"),
        (
            {"protection_rules": [REVIEWERS | {"prevent_self_review": False}]},
            "reviewers: required, with self-review",
        ),
        ({"deployment_branch_policy": None}, "branches: any branch"),
        (
            {"deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": False}},
            "branches: every protected branch",
        ),
    ],
)
def test_an_unprotected_environment_is_refused_with_what_it_lacks(
    hub: GitHubServer, github: GitHub, changes: dict[str, Any], problem: str
) -> None:
    hub.holds(protected("prod", **changes))
    with pytest.raises(OperatorError, match=f"prod: {problem}; expected: ") as error:
        refuse_unprotected(github, ["prod"])
    assert "Settings, Environments" in error.value.remedy


@pytest.mark.parametrize(
    ("policies", "shown"),
    [
        ([], "none"),
        ([{"name": "main", "type": "tag"}], "tag main"),
        ([{"name": "main", "type": "branch"}, {"name": "fix", "type": "branch"}], "branch fix, branch main"),
        ([{"name": "*", "type": "branch"}], r"branch \*"),
    ],
)
def test_an_environment_that_other_branches_or_tags_may_deploy_to_is_refused(
    hub: GitHubServer, github: GitHub, policies: list[dict[str, str]], shown: str
) -> None:
    hub.holds(protected("prod") | {"environments/prod/deployment-branch-policies": {"branch_policies": policies}})
    with pytest.raises(OperatorError, match=f"prod: branches: {shown}; expected: main only"):
        refuse_unprotected(github, ["prod"])


def test_every_missing_protection_of_every_environment_is_listed(hub: GitHubServer, github: GitHub) -> None:
    hub.holds(protected("dev", protection_rules=[], deployment_branch_policy=None))
    with pytest.raises(OperatorError) as error:
        refuse_unprotected(github, ["account", "dev"])
    assert error.value.message.splitlines()[1:] == [
        "  account: GitHub has no environment of that name, or this GitHub plan does not support environments",
        "  dev: reviewers: none; expected: required, without self-review",
        "  dev: branches: any branch; expected: main only",
    ]


def test_environments_that_the_token_may_not_read_are_refused(hub: GitHubServer, github: GitHub) -> None:
    hub.refuses("environments")
    with pytest.raises(OperatorError, match="403 Resource not accessible"):
        refuse_unprotected(github, ["prod"])
