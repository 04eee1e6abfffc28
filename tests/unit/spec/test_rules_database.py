"""What the rules say of databases, owners and the secrets that Terraform makes."""

import pytest

from tests.unit.spec.builders import BOARD, USER, build, problems, the_problem

FIELDS = pytest.mark.parametrize("field", ["database_name", "database_user"])


def with_user(field: str, value: str) -> dict[str, object]:
    return {"services": ({**USER, field: value}, BOARD)}


@FIELDS
@pytest.mark.parametrize("value", ["Users", "wealist-users", "1st", "사용자", "a b", 'a"b', "a'b", "", "x" * 64])
def test_a_name_that_needs_quotes_in_sql_is_reported(field: str, value: str) -> None:
    problem = the_problem(**with_user(field, value))
    assert (problem.field, problem.value) == (f"services[user].{field}", value)
    assert problem.message == "needs quotes in SQL, or is too long"
    assert problem.remedy == "write lower-case letters, digits and _, 63 at most, and no digit first"


@FIELDS
@pytest.mark.parametrize("value", ["_users", "users2", "x" * 63])
def test_any_plain_name_will_do(field: str, value: str) -> None:
    assert problems(**with_user(field, value)) == []


@FIELDS
@pytest.mark.parametrize(
    "value",
    ["postgres", "template0", "template1", "rdsadmin", "rds_superuser", "pg_users", "public", "none", "wealist"],
)
def test_a_name_that_postgresql_rds_or_the_master_user_has_is_reported(field: str, value: str) -> None:
    problem = the_problem(**with_user(field, value))
    assert (problem.field, problem.value) == (f"services[user].{field}", value)
    assert problem.message == "is taken by PostgreSQL, RDS or the master user"
    assert problem.remedy == "write one such as wealist_user"


def test_the_generated_secrets_are_the_owners_passwords_and_the_key_of_the_tokens() -> None:
    found = build(services=(USER, BOARD)).generated_secrets
    assert found == {"db/user_db_password": 1, "db/board_db_password": 1, "jwt/jwt_secret": 1}


def test_one_secret_can_be_rotated_alone_and_all_of_them_together() -> None:
    rotated = {"db/user_db_password": 2}
    assert build(rotated_secrets=rotated).generated_secrets["db/user_db_password"] == 3
    assert build(rotated_secrets=rotated).generated_secrets["db/board_db_password"] == 1
    both = build(rotated_secrets=rotated, generated_secrets_version=4).generated_secrets
    assert both == {"db/user_db_password": 6, "db/board_db_password": 4, "jwt/jwt_secret": 4}


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        ("db/users_db_password", "did you mean 'db/user_db_password'?"),
        ("zzz", "known are: db/user_db_password, db/board_db_password, jwt/jwt_secret"),
    ],
)
def test_a_rotation_of_what_terraform_does_not_generate_is_reported(path: str, remedy: str) -> None:
    problem = the_problem(rotated_secrets={path: 1})
    assert (problem.field, problem.value, problem.remedy) == (f"rotated_secrets[{path}]", 1, remedy)
    assert problem.message == "is not a secret that Terraform generates"


@pytest.mark.parametrize("times", [0, -1])
def test_a_rotation_that_never_was_is_reported(times: int) -> None:
    problem = the_problem(rotated_secrets={"jwt/jwt_secret": times})
    assert (problem.field, problem.value, problem.message) == ("rotated_secrets[jwt/jwt_secret]", times, "is below 1")
