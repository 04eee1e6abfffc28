import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.synthesized import environment
from wealist.errors import OperatorError
from wealist.operations.database.script import script
from wealist.spec.services import USER_SERVICE, Service

PASSWORDS = {"user_service": "u" * 40, "board_service": "b" * 40}
ROW = re.compile(r"\('(?P<database>(?:[^']|'')*)'::text, '(?P<owner>(?:[^']|'')*)'::text, (?P<verifier>.*)::text\)")


def rows(sql: str) -> list[tuple[str, ...]]:
    """Database, owner and verifier, as written."""
    return [match.groups() for match in ROW.finditer(sql)]


def verifiers(prefix: str, passwords: dict[str, str]) -> list[str]:
    return [row[2] for row in rows(script(environment(prefix), passwords))]


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_both_kinds_of_environment_get_the_documented_databases_and_owners(name: str) -> None:
    assert rows(script(environment(name))) == [
        ("wealist_user_db", "user_service", "NULL"),
        ("wealist_board_db", "board_service", "NULL"),
    ]


def test_a_third_service_brings_a_row_and_a_section_of_its_own(chat: Service) -> None:
    sql = script(environment("prod", services=(*environment("prod").services, chat)))
    assert rows(sql)[2] == ("wealist_chat_db", "chat_service", "NULL")
    assert re.findall(r"SELECT '(\w+)' AS database \\gset\n\\connect :\"database\"", sql) == [
        "wealist_user_db",
        "wealist_board_db",
        "wealist_chat_db",
    ]


def test_the_first_thing_that_psql_reads_is_to_stop_at_errors() -> None:
    read = [line for line in script(environment("prod")).splitlines() if not line.startswith("--")]
    assert read[0] == "\\set ON_ERROR_STOP on"


def test_no_password_is_printed() -> None:
    sql = script(environment("prod"), PASSWORDS)
    assert not [password for password in PASSWORDS.values() if password in sql]
    assert all(row[2].startswith("'SCRAM-SHA-256$4096:") for row in rows(sql))


def test_the_same_passwords_print_the_same_sql() -> None:
    assert script(environment("prod"), PASSWORDS) == script(environment("prod"), PASSWORDS)


def test_equal_passwords_look_different_for_each_owner_and_environment() -> None:
    equal = dict.fromkeys(PASSWORDS, "the same everywhere")
    assert len({*verifiers("prod", equal), *verifiers("dev", equal)}) == 4


def test_a_password_that_cannot_be_a_verifier_is_told_without_it() -> None:
    with pytest.raises(OperatorError) as refused:
        script(environment("prod"), PASSWORDS | {"board_service": "비밀"})
    assert refused.value.message == (
        "the password of board_service is empty, or not of printable ASCII characters alone"
    )
    assert "rotated_secrets" in refused.value.remedy


@given(name=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
def test_no_name_ends_its_quotes(name: str) -> None:
    odd = USER_SERVICE.model_copy(update={"database_name": name, "database_user": name})
    (found,) = rows(script(environment("prod", services=(odd,))))
    assert [text.replace("''", "'") for text in found[:2]] == [name, name]
