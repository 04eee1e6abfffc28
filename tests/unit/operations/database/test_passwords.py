from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from botocore.stub import Stubber

from tests.synthesized import environment
from wealist.errors import OperatorError
from wealist.operations import aws
from wealist.operations.database import passwords as module
from wealist.operations.database.passwords import read_passwords

PROD = environment("prod")
NAMES = {"user_service": "/wealist/prod/db/user_db_password", "board_service": "/wealist/prod/db/board_db_password"}
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}


class Answers:
    """AWS with prepared answers, in the order of the questions."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, account: str = "290008131187") -> None:
        made = aws.clients(CREDENTIALS)
        self.regions: list[str] = []
        self.sts, self.ssm = made("sts"), made("ssm")
        self.sts_stub, self.ssm_stub = Stubber(self.sts), Stubber(self.ssm)
        self.sts_stub.add_response("get_caller_identity", {"Account": account})
        self.sts_stub.activate()
        self.ssm_stub.activate()
        monkeypatch.setattr(module, "clients", self._clients)

    def _clients(self, environ: Mapping[str, str]) -> Any:
        assert environ == CREDENTIALS
        return lambda service: getattr(self, service)

    def parameter(self, name: str, value: str | None) -> None:
        asked = {"Name": name, "WithDecryption": True}
        if value is None:
            self.ssm_stub.add_client_error("get_parameter", "ParameterNotFound", expected_params=asked)
        else:
            self.ssm_stub.add_response("get_parameter", {"Parameter": {"Value": value}}, asked)


def refused(message: str) -> OperatorError:
    with pytest.raises(OperatorError) as error:
        read_passwords(PROD, CREDENTIALS)
    assert message in error.value.message
    return error.value


def test_each_owners_password_is_read_decrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Answers(monkeypatch)
    for owner, name in NAMES.items():
        answers.parameter(name, f"of {owner}")
    assert read_passwords(PROD, CREDENTIALS) == {owner: f"of {owner}" for owner in NAMES}


def test_another_account_is_refused_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    Answers(monkeypatch, account="123456789012")
    error = refused("the credentials are of account 123456789012, and prod is in 290008131187")
    assert "290008131187" in error.remedy


def test_every_missing_parameter_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Answers(monkeypatch)
    for name in NAMES.values():
        answers.parameter(name, None)
    error = refused(f"there is no parameter {NAMES['user_service']}, nor {NAMES['board_service']}")
    assert error.remedy == "run `terraform apply` for prod first: it makes the passwords"


def test_one_missing_parameter_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Answers(monkeypatch)
    answers.parameter(NAMES["user_service"], "here")
    answers.parameter(NAMES["board_service"], None)
    assert "user" not in refused(f"there is no parameter {NAMES['board_service']}").message


@pytest.mark.parametrize(
    "failure",
    [
        NoCredentialsError(),
        EndpointConnectionError(endpoint_url="https://ssm"),
        ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no kms:Decrypt"}}, "GetParameter"),
        ClientError({"Error": {"Code": "ExpiredTokenException", "Message": "expired"}}, "GetCallerIdentity"),
    ],
)
def test_what_aws_refuses_is_told_with_what_is_needed(monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    class Failing:
        def get_caller_identity(self) -> None:
            raise failure

    monkeypatch.setattr(module, "clients", lambda _environ: lambda _service: Failing())
    error = refused(f"AWS does not give the passwords of prod: {failure}")
    for needed in ("290008131187", "/wealist/prod/db/*", "alias/wealist-prod"):
        assert needed in error.remedy
