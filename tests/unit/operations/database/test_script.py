import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests.synthesized import environment
from wealist.cli import app
from wealist.errors import OperatorError
from wealist.operations import aws
from wealist.operations.database import script as module
from wealist.operations.database.script import read_passwords, scram_verifier, script
from wealist.spec.services import USER_SERVICE, Service

PROD = environment("prod")
PASSWORDS = {"user_service": "u" * 40, "board_service": "b" * 40}
PARAMETERS = {
    "user_service": "/wealist/prod/db/user_db_password",
    "board_service": "/wealist/prod/db/board_db_password",
}
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
ROW = re.compile(r"\('(?P<database>(?:[^']|'')*)'::text, '(?P<owner>(?:[^']|'')*)'::text, (?P<verifier>.*)::text\)")
runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})


def rows(sql: str) -> list[tuple[str, ...]]:
    """Database, owner and verifier, as written."""
    return [match.groups() for match in ROW.finditer(sql)]


def verifiers(name: str, passwords: dict[str, str]) -> list[str]:
    return [row[2] for row in rows(script(environment(name), passwords))]


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_sql_creates_the_documented_databases_and_owners(name: str) -> None:
    assert rows(script(environment(name))) == [
        ("wealist_user_db", "user_service", "NULL"),
        ("wealist_board_db", "board_service", "NULL"),
    ]


def test_a_third_service_adds_a_row_and_a_section(chat: Service) -> None:
    sql = script(environment("prod", services=(*PROD.services, chat)))
    assert rows(sql)[2] == ("wealist_chat_db", "chat_service", "NULL")
    assert re.findall(r"SELECT '(\w+)' AS database \\gset\n\\connect :\"database\"", sql) == [
        "wealist_user_db",
        "wealist_board_db",
        "wealist_chat_db",
    ]


def test_psql_stops_at_the_first_error() -> None:
    read = [line for line in script(PROD).splitlines() if not line.startswith("--")]
    assert read[0] == "\\set ON_ERROR_STOP on"


def test_the_sql_has_verifiers_instead_of_passwords() -> None:
    sql = script(PROD, PASSWORDS)
    assert not [password for password in PASSWORDS.values() if password in sql]
    assert all(row[2].startswith("'SCRAM-SHA-256$4096:") for row in rows(sql))


def test_the_same_passwords_give_the_same_sql() -> None:
    assert script(PROD, PASSWORDS) == script(PROD, PASSWORDS)


def test_equal_passwords_have_different_verifiers_for_each_owner_and_environment() -> None:
    equal = dict.fromkeys(PASSWORDS, "the same everywhere")
    assert len({*verifiers("prod", equal), *verifiers("dev", equal)}) == 4


def test_an_invalid_password_is_reported_without_its_value() -> None:
    with pytest.raises(OperatorError) as refused:
        script(PROD, PASSWORDS | {"board_service": "비밀"})
    assert refused.value.message == (
        "the password of board_service is empty, or has characters other than printable ASCII"
    )
    assert "rotated_secrets" in refused.value.remedy


@given(name=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
def test_names_are_quoted(name: str) -> None:
    odd = USER_SERVICE.model_copy(update={"database_name": name, "database_user": name})
    (found,) = rows(script(environment("prod", services=(odd,))))
    assert [text.replace("''", "'") for text in found[:2]] == [name, name]


def test_a_verifier_equals_the_one_that_postgresql_computes() -> None:
    # PostgreSQL 17's verifier for the password `pencil`, with the salt that it chose.
    salt, keys = (
        "03vyI2TfWIl8ZvSkOebj6A==",
        "KkPQ2ocYFldiLa2NIfntBD9kBttC5N8ogVFgSvENhME=:ywnTsDYUJcZmFbyA0xL73UqSZEUOkoMAXb1nh6zkbnM=",
    )
    assert scram_verifier("pencil", salt=b64decode(salt)) == f"SCRAM-SHA-256$4096:{salt}${keys}"


@pytest.mark.parametrize("password", ["", "pässword", "비밀번호", "tab\there", "line\n", "nul\0", "delete\x7f"])
def test_passwords_that_clients_normalize_are_rejected(password: str) -> None:
    with pytest.raises(ValueError, match="is empty, or has characters other than printable ASCII") as refused:
        scram_verifier(password, salt=bytes(16))
    assert not password or password not in str(refused.value)


class Responses:
    """SSM and STS with prepared responses, in the order of the requests."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, account: str = "290008131187") -> None:
        create = aws.clients(CREDENTIALS)
        self.sts, self.ssm = create("sts"), create("ssm")
        sts, self.ssm_stub = Stubber(self.sts), Stubber(self.ssm)
        sts.add_response("get_caller_identity", {"Account": account})
        sts.activate()
        self.ssm_stub.activate()
        monkeypatch.setattr(module, "clients", self._clients)

    def _clients(self, environ: Mapping[str, str]) -> Any:
        assert environ == CREDENTIALS
        return lambda service: getattr(self, service)

    def add(self, name: str, value: str | None) -> None:
        request = {"Name": name, "WithDecryption": True}
        if value is None:
            self.ssm_stub.add_client_error("get_parameter", "ParameterNotFound", expected_params=request)
        else:
            self.ssm_stub.add_response("get_parameter", {"Parameter": {"Value": value}}, request)


def refused_with(message: str) -> OperatorError:
    with pytest.raises(OperatorError) as error:
        read_passwords(PROD, CREDENTIALS)
    assert message in error.value.message
    return error.value


def test_each_owners_password_is_read_decrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    responses = Responses(monkeypatch)
    for owner, name in PARAMETERS.items():
        responses.add(name, f"of {owner}")
    assert read_passwords(PROD, CREDENTIALS) == {owner: f"of {owner}" for owner in PARAMETERS}


def test_credentials_of_another_account_are_refused_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    Responses(monkeypatch, account="123456789012")
    error = refused_with("belong to account 123456789012, and prod is in account 290008131187")
    assert "290008131187" in error.remedy


@pytest.mark.parametrize("missing", [["user_service", "board_service"], ["board_service"]])
def test_only_missing_parameters_are_named(missing: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    responses = Responses(monkeypatch)
    for owner, name in PARAMETERS.items():
        responses.add(name, None if owner in missing else "present")
    error = refused_with("missing parameters: ")
    assert error.message == f"missing parameters: {', '.join(PARAMETERS[owner] for owner in missing)}"
    assert error.remedy == "run `terraform apply` for prod first: it creates the passwords"


@pytest.mark.parametrize(
    "failure",
    [
        NoCredentialsError(),
        EndpointConnectionError(endpoint_url="https://ssm"),
        ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no kms:Decrypt"}}, "GetParameter"),
        ClientError({"Error": {"Code": "ExpiredTokenException", "Message": "expired"}}, "GetCallerIdentity"),
    ],
)
def test_errors_of_aws_are_reported_with_the_required_rights(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    class Failing:
        def get_caller_identity(self) -> None:
            raise failure

    monkeypatch.setattr(module, "clients", lambda _environ: lambda _service: Failing())
    error = refused_with(f"cannot read the passwords of prod from SSM: {failure}")
    for needed in ("290008131187", "/wealist/prod/db/*", "alias/wealist-prod"):
        assert needed in error.remedy


def test_the_command_prints_the_sql_only_and_reads_no_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> dict[str, str]:
        raise AssertionError

    monkeypatch.setattr(module, "read_passwords", refuse)
    done = runner.invoke(app, ["database", "prod"])
    assert (done.exit_code, done.stdout, done.stderr) == (0, script(PROD), "")


def test_the_command_prints_verifiers_with_the_option_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "read_passwords", lambda config, _environ: PASSWORDS if config == PROD else {})
    done = runner.invoke(app, ["database", "prod", "--passwords"])
    assert (done.exit_code, done.stdout) == (0, script(PROD, PASSWORDS))


def test_the_command_prints_no_sql_if_passwords_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> dict[str, str]:
        raise OperatorError("no", remedy="none")

    monkeypatch.setattr(module, "read_passwords", refuse)
    done = runner.invoke(app, ["database", "prod", "--passwords"])
    assert isinstance(done.exception, OperatorError)
    assert done.stdout == ""


@pytest.mark.parametrize("arguments", [["prd"], ["account"], []])
def test_the_command_prints_no_sql_for_an_unknown_environment(arguments: list[str]) -> None:
    done = runner.invoke(app, ["database", *arguments])
    assert done.exit_code != 0
    assert done.stdout == ""
