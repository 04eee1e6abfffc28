"""What the rules say of who is told of what."""

import pytest

from tests.unit.spec.builders import problems, the_problem

EXAMPLE = 'write one such as "operators@stage.wealist.co.kr"'


@pytest.mark.parametrize(
    "email",
    [
        "operators",
        "operators@",
        "@wealist.co.kr",
        "operators@localhost",
        "operators@wealist..kr",
        "operators@-wealist.kr",
        "one@wealist.co.kr, two@wealist.co.kr",
        "Operators <operators@wealist.co.kr>",
        "mailto:operators@wealist.co.kr",
        ".operators@wealist.co.kr",
        "operators@wealist.co.kr\n",
        f"{'o' * 250}@wealist.co.kr",
        "",
    ],
)
def test_an_address_that_is_none_is_reported(email: str) -> None:
    problem = the_problem(alerts={"emails": ("first@wealist.co.kr", email)})
    assert (problem.field, problem.value) == ("alerts.emails[1]", email)
    assert (problem.message, problem.remedy) == ("is not an e-mail address", EXAMPLE)


@pytest.mark.parametrize("email", ["operators@wealist.co.kr", "First.Last+alerts@mail.example.org", "o'neil@a-b.io"])
def test_an_address_may_be_any_that_a_mail_program_writes(email: str) -> None:
    assert problems(alerts={"emails": (email,)}) == []


def test_alerts_without_an_address_are_reported() -> None:
    problem = the_problem(alerts={"emails": ()})
    assert (problem.field, problem.value) == ("alerts.emails", ())
    assert problem.remedy == f"{EXAMPLE}, or leave alerts out"


def test_an_address_that_is_there_twice_is_reported() -> None:
    problem = the_problem(alerts={"emails": ("a@wealist.co.kr", "b@wealist.co.kr", "A@wealist.co.kr")})
    assert (problem.field, problem.message) == ("alerts.emails[2]", "is a duplicate")


@pytest.mark.parametrize("value", [0, -400])
def test_a_limit_that_is_always_crossed_is_reported(value: int) -> None:
    problem = the_problem(alerts={"emails": ("a@wealist.co.kr",), "database_connections": value})
    assert (problem.field, problem.value, problem.message) == ("alerts.database_connections", value, "is below 1")


def test_no_alerts_are_no_problem() -> None:
    assert problems(alerts=None) == []
