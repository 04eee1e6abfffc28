"""Settings of the account that nothing can be built of: each is reported with field, value and remedy."""

from typing import Any

import pytest

from wealist.spec.baseline import Baseline, Budget, SecurityContact
from wealist.spec.problems import Problem
from wealist.spec.rules.baseline import check_baseline
from wealist.spec.settings import collecting_invalid

ADDRESS = "operators@wealist.co.kr"


def the_problem(**settings: Any) -> Problem:
    (problem,) = check_baseline(Baseline(**settings), [])
    return problem


def test_the_defaults_are_no_problem() -> None:
    assert check_baseline(Baseline(), []) == []


def test_a_budget_without_an_address_is_reported() -> None:
    problem = the_problem(budget=Budget(monthly_usd=400, emails=()))
    assert (problem.owner, problem.field, problem.value) == ("account", "budget.emails", ())
    assert problem.remedy == f'write one such as "{ADDRESS}", or write budget=None'


def test_a_budget_whose_addresses_nobody_wrote_is_reported_as_any_value_that_is_missing() -> None:
    with collecting_invalid() as invalid:
        baseline = Baseline(budget=Budget(monthly_usd=400))  # type: ignore[call-arg]
    (problem,) = check_baseline(baseline, invalid)
    assert (problem.field, problem.message) == ("budget.emails", "is missing")
    assert problem.remedy == "wealist/spec/baseline.py describes it"


@pytest.mark.parametrize("email", ["operators", "operators@", "@wealist.co.kr", "a b@wealist.co.kr"])
def test_an_address_that_mail_cannot_be_sent_to_is_reported(email: str) -> None:
    problem = the_problem(budget=Budget(monthly_usd=400, emails=(ADDRESS, email)))
    assert (problem.field, problem.value) == ("budget.emails[1]", email)


def test_more_addresses_than_aws_tells_are_reported() -> None:
    many = tuple(f"operator-{number}@wealist.co.kr" for number in range(11))
    assert the_problem(budget=Budget(monthly_usd=400, emails=many)).field == "budget.emails"


@pytest.mark.parametrize("usd", [0, -1])
def test_a_budget_of_nothing_is_reported(usd: int) -> None:
    problem = the_problem(budget=Budget(monthly_usd=usd, emails=(ADDRESS,)))
    assert (problem.field, problem.value) == ("budget.monthly_usd", usd)


@pytest.mark.parametrize("region", ["eu-west-1", "ap-northeast-1", "", "ap-northeast-2a"])
def test_a_region_that_is_not_ours_is_reported(region: str) -> None:
    problem = the_problem(guard_duty_regions=("ap-northeast-2", region))
    assert (problem.field, problem.value) == ("guard_duty_regions[1]", region)
    assert problem.message == "is not a region of this project"
    assert problem.remedy == "write ap-northeast-2 or us-east-1: this project has no resources elsewhere"


def test_a_region_that_is_there_twice_is_reported() -> None:
    assert the_problem(guard_duty_regions=("us-east-1", "us-east-1")).message == "is a duplicate"


def test_security_hub_without_what_it_judges_is_reported() -> None:
    problem = the_problem(security_hub=True)
    assert (problem.field, problem.remedy) == ("security_hub", "write config=True, or security_hub=False")
    assert check_baseline(Baseline(security_hub=True, config=True), []) == []


@pytest.mark.parametrize("days", [0, 89])
def test_a_record_that_ends_before_awss_own_is_reported(days: int) -> None:
    assert (the_problem(trail_days=days).field, the_problem(trail_days=days).value) == ("trail_days", days)


@pytest.mark.parametrize(
    ("field", "value"),
    [("phone", "12345"), ("phone", "call me"), ("email", "nobody"), ("name", ""), ("title", "x" * 51)],
)
def test_a_contact_that_aws_cannot_reach_is_reported(field: str, value: str) -> None:
    right = {"name": "Security", "title": "Team", "email": ADDRESS, "phone": "+82 2 1234 5678"}
    problem = the_problem(security_contact=SecurityContact(**right | {field: value}))
    assert (problem.field, problem.value) == (f"security_contact.{field}", value)


def test_a_setting_that_there_is_not_is_reported_with_the_one_that_was_meant() -> None:
    problem = the_problem(guard_duty_region=("us-east-1",))
    assert (problem.field, problem.remedy) == ("guard_duty_region", "did you mean 'guard_duty_regions'?")
