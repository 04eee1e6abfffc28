"""Rules about alerts and e-mail addresses."""

import pytest

from tests.unit.spec.builders import line, problems

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
def test_an_invalid_address_is_reported(email: str) -> None:
    expected = f"alerts.emails[1] = {email!r} is not an e-mail address; {EXAMPLE}"
    assert line(alerts={"emails": ("first@wealist.co.kr", email)}) == expected


@pytest.mark.parametrize("email", ["operators@wealist.co.kr", "First.Last+alerts@mail.example.org", "o'neil@a-b.io"])
def test_a_valid_address_is_allowed(email: str) -> None:
    assert problems(alerts={"emails": (email,)}) == []


def test_alerts_without_an_address_are_reported() -> None:
    assert line(alerts={"emails": ()}) == f"alerts.emails = () has no address; {EXAMPLE}, or leave alerts out"


def test_a_repeated_address_is_reported() -> None:
    emails = ("a@wealist.co.kr", "b@wealist.co.kr", "A@wealist.co.kr")
    expected = "alerts.emails[2] = 'A@wealist.co.kr' is a duplicate; write each address once"
    assert line(alerts={"emails": emails}) == expected


@pytest.mark.parametrize("value", [0, -400])
def test_a_connection_limit_below_one_is_reported(value: int) -> None:
    remedy = "write a number below the database's max_connections, such as 60"
    expected = f"alerts.database_connections = {value} is below 1; {remedy}"
    assert line(alerts={"emails": ("a@wealist.co.kr",), "database_connections": value}) == expected


def test_an_environment_needs_no_alerts() -> None:
    assert problems(alerts=None) == []
