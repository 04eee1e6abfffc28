"""Which plans of a run are applied, and what is shown before."""

import pytest

from tests.unit.operations.pipeline.conftest import A, B, C, made
from wealist.errors import OperatorError
from wealist.operations.pipeline.artifacts import Planned
from wealist.operations.pipeline.reviewed import SUMMARY_LIMIT, summary, to_apply

RUN = "https://github.com/OrangesCloud/wealist-infrastructure/actions/runs/9"


def test_what_changes_is_applied_in_order_and_what_needs_nothing_is_left() -> None:
    records = {"prod": made("prod"), "dev": made("dev", plan=None), "account": made("account", plan=C)}
    changed = {"account": A, "dev": A, "prod": A}
    assert to_apply(changed, records) == [made("account", plan=C), made("prod")]


def test_a_plan_of_a_stack_that_the_commit_does_not_change_is_not_applied() -> None:
    assert to_apply({"dev": A}, {"dev": made("dev"), "prod": made("prod")}) == [made("dev")]


def test_nothing_is_applied_when_one_plan_is_missing_old_or_not_the_pipelines_and_all_are_named() -> None:
    records = {
        "bootstrap": made("bootstrap", by_hand="not ours"),
        "prod": made("prod", configuration=B),
        "staging": made("staging"),
    }
    with pytest.raises(OperatorError, match="nothing is applied") as error:
        to_apply({"bootstrap": A, "dev": A, "prod": A, "staging": A}, records)
    assert error.value.message.splitlines()[1:] == [
        "  bootstrap: not ours; an operator applies it (README), then the others can go on",
        "  dev: it was not planned in the pull request",
        "  prod: its plan is of another configuration; main has moved since the pull request was planned",
    ]
    assert error.value.exit_code == 1


def test_reviewers_see_every_digest_first_and_then_the_reviews_in_the_order_of_applies() -> None:
    text = summary([Planned(made("account", plan=C), "the account's"), Planned(made("dev"), "dev's")], run_url=RUN)
    wanted = [RUN, f"| account | `{C}` |", f"| dev | `{B}` |", "\nthe account's\n", "\ndev's\n"]
    places = [text.index(each) for each in wanted]
    assert places == sorted(places)


def test_a_summary_stays_within_githubs_limit_and_says_whose_review_it_leaves_out() -> None:
    long = "é" * (SUMMARY_LIMIT // 4)
    plans = [Planned(made(name), f"of {name}: {long}") for name in ("account", "dev", "prod")]
    text = summary([*plans, Planned(made("test"), f"of test: {A}")], run_url=RUN)
    assert len(text.encode()) <= SUMMARY_LIMIT
    assert [f"of {name}: " in text for name in ("account", "dev", "prod", "test")] == [True, False, False, True]
    assert [f"The review of {name} has no room" in text for name in ("account", "dev", "prod")] == [False, True, True]
    assert f"| prod | `{B}` |" in text
