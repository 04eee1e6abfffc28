"""Rules about the names of databases and owners, and about generated secrets."""

import pytest

from tests.unit.spec.builders import BOARD, USER, build, line, problems

FIELDS = pytest.mark.parametrize("field", ["database_name", "database_user"])


def with_user(field: str, value: str) -> dict[str, object]:
    return {"services": ({**USER, field: value}, BOARD)}


@FIELDS
@pytest.mark.parametrize("value", ["Users", "wealist-users", "1st", "사용자", "a b", 'a"b', "a'b", "", "x" * 64])
def test_a_name_that_needs_quotes_in_sql_is_reported(field: str, value: str) -> None:
    remedy = "write lower-case letters, digits and _, 63 at most, and no digit first"
    expected = f"services[user].{field} = {value!r} needs quotes in SQL, or is too long; {remedy}"
    assert line(**with_user(field, value)) == expected


@FIELDS
@pytest.mark.parametrize("value", ["_users", "users2", "x" * 63])
def test_a_name_without_quotes_is_allowed(field: str, value: str) -> None:
    assert problems(**with_user(field, value)) == []


@FIELDS
@pytest.mark.parametrize(
    "value",
    ["postgres", "template0", "template1", "rdsadmin", "rds_superuser", "pg_users", "public", "none", "wealist"],
)
def test_a_name_of_postgresql_rds_or_the_master_user_is_reported(field: str, value: str) -> None:
    reason = "is taken by PostgreSQL, RDS or the master user; write one such as wealist_user"
    assert line(**with_user(field, value)) == f"services[user].{field} = {value!r} {reason}"


def test_owners_passwords_and_the_jwt_secret_are_generated() -> None:
    found = build(services=(USER, BOARD)).generated_secrets
    assert found == {"db/user_db_password": 1, "db/board_db_password": 1, "jwt/jwt_secret": 1}


def test_secrets_can_be_rotated_one_by_one_and_all_at_once() -> None:
    rotated = {"db/user_db_password": 2}
    one = build(rotated_secrets=rotated).generated_secrets
    assert one == {"db/user_db_password": 3, "db/board_db_password": 1, "jwt/jwt_secret": 1}
    both = build(rotated_secrets=rotated, generated_secrets_version=4).generated_secrets
    assert both == {"db/user_db_password": 6, "db/board_db_password": 4, "jwt/jwt_secret": 4}


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        ("db/users_db_password", "did you mean 'db/user_db_password'?"),
        ("zzz", "known are: db/user_db_password, db/board_db_password, jwt/jwt_secret"),
    ],
)
def test_a_rotation_of_an_unknown_secret_is_reported(path: str, remedy: str) -> None:
    expected = f"rotated_secrets[{path}] = 1 is not a secret that Terraform generates; {remedy}"
    assert line(rotated_secrets={path: 1}) == expected


@pytest.mark.parametrize("times", [0, -1])
def test_a_rotation_below_one_is_reported(times: int) -> None:
    expected = f"rotated_secrets[jwt/jwt_secret] = {times} is below 1; write 1 or more, or leave it out"
    assert line(rotated_secrets={"jwt/jwt_secret": times}) == expected
