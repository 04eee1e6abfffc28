"""Every answer and error of AWS and GitHub becomes a row with a remedy."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from botocore.config import Config
from botocore.exceptions import (
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from tests.loopback import Answer as Reply
from tests.loopback import Request, serving
from tests.recorded_aws import DENIED, RecordedAws, Recording, refusal
from wealist.emulator.server import clean_environment
from wealist.errors import OperatorError
from wealist.operations.aws import clients
from wealist.operations.pipeline.github import GitHubError
from wealist.operations.preflight.check import Check, Outcome, Row, right, run, wrong

ACTIONS = ("ec2:DescribeVpcs", "ec2:DescribeAddresses")


def raising(error: Exception) -> Row:
    def look() -> Any:
        raise error

    return run(Check("the VPCs", "one", "delete one", look), ACTIONS)


def asking(answer: Recording) -> Row:
    client = RecordedAws({"ec2.describe_vpcs": answer})("ec2")
    return run(Check("the VPCs", "one", "delete one", lambda: right(str(client.describe_vpcs()))), ACTIONS)


def test_a_right_answer_has_no_remedy() -> None:
    assert run(Check("x", "one", "delete one", lambda: right("1"))) == Row(Outcome.RIGHT, "x", "one", "1", "")


def test_a_wrong_answer_has_the_remedy_of_its_check() -> None:
    assert run(Check("x", "one", "delete one", lambda: wrong("2"))) == Row(Outcome.WRONG, "x", "one", "2", "delete one")


@pytest.mark.parametrize(
    "denied",
    [
        DENIED,
        refusal("UnauthorizedOperation", 403),
        refusal("AccessDeniedException"),
        refusal("ExpiredTokenException"),
        refusal("ExpiredToken"),
        refusal("UnrecognizedClientException"),
        refusal("InvalidClientTokenId", 403),
        refusal("403", 403),
        refusal("AuthFailure", 401),
    ],
    ids=lambda each: each.code,
)
def test_a_denied_request_names_the_missing_rights(denied: Recording) -> None:
    row = asking(denied)
    assert row.outcome == Outcome.DENIED
    assert (row.what, row.expected) == ("the VPCs", "one")
    assert row.found.startswith("DescribeVpcs: ")
    assert row.remedy == "allow ec2:DescribeVpcs, ec2:DescribeAddresses: docs/preflight.md has the policy"


def test_missing_credentials_are_denied() -> None:
    row = raising(NoCredentialsError())
    assert (row.outcome, row.remedy) == (Outcome.DENIED, "export credentials of the account, or log in again")


@pytest.mark.parametrize(
    "error",
    [
        ConnectTimeoutError(endpoint_url="https://ec2"),
        ReadTimeoutError(endpoint_url="https://ec2"),
        EndpointConnectionError(endpoint_url="https://ec2"),
        requests.ConnectTimeout(),
        requests.ConnectionError(),
        GitHubError("GET x", 0, "no answer"),
        GitHubError("GET x", 502, "Bad Gateway"),
        GitHubError("GET x", 403, "API rate limit exceeded for user ID 1."),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_missing_answer_is_unreachable(error: Exception) -> None:
    row = raising(error)
    assert (row.outcome, row.what) == (Outcome.UNREACHABLE, "the VPCs")
    assert "run this again" in row.remedy


@pytest.mark.parametrize("code", ["Throttling", "RequestLimitExceeded", "InternalError", "InvalidParameterValue"])
def test_another_error_of_aws_is_unreachable_with_awss_message(code: str) -> None:
    row = asking(refusal(code, 400, "as AWS says it"))
    assert (row.outcome, row.found) == (Outcome.UNREACHABLE, "DescribeVpcs: as AWS says it")


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_of_github_is_denied(status: int) -> None:
    row = raising(GitHubError("GET actions/permissions", status, "Not Found"))
    assert (row.outcome, row.remedy) == (Outcome.DENIED, "give the token the permissions that docs/preflight.md lists")


def test_a_missing_token_is_denied_with_its_own_remedy() -> None:
    row = raising(OperatorError("there is no token", remedy="export GH_TOKEN"))
    assert (row.outcome, row.found, row.remedy) == (Outcome.DENIED, "there is no token", "export GH_TOKEN")


def test_a_bug_of_a_check_is_raised() -> None:
    for error in (KeyError("Vpcs"), ParamValidationError(report="VpcIds is no list")):
        with pytest.raises(type(error)):
            raising(error)


# --- a slow, busy or wrong server, as boto3 reports it ----------------------------------------------------------------

VPCS = b'<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><vpcSet/></DescribeVpcsResponse>'
BUSY = b"<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>busy</Message></Error></Errors></Response>"


def vpcs_of(address: str) -> Row:
    environ = clean_environment({}) | {"AWS_ENDPOINT_URL": address}
    limits = Config(connect_timeout=1, read_timeout=0.03, retries={"mode": "standard", "total_max_attempts": 3})
    ec2 = clients(environ, limits)("ec2")
    return run(Check("the VPCs", "none", "delete one", lambda: right(f"{ec2.describe_vpcs()['Vpcs']}")), ACTIONS)


@pytest.mark.usefixtures("immediate_retries")
def test_requests_to_a_busy_aws_are_repeated_up_to_the_limit() -> None:
    replies = iter([Reply(BUSY, 503), Reply(BUSY, 503), Reply(VPCS)])
    with serving(lambda _: next(replies)) as address:
        assert vpcs_of(address) == Row(Outcome.RIGHT, "the VPCs", "none", "[]")
    asked: list[Request] = []

    def busy(request: Request) -> Reply:
        asked.append(request)
        return Reply(BUSY, 503)

    with serving(busy) as address:
        row = vpcs_of(address)
    assert (row.outcome, row.found, len(asked)) == (Outcome.UNREACHABLE, "DescribeVpcs: busy", 3)


@pytest.fixture
def silence() -> Iterator[str]:
    """A server that never answers."""
    over = threading.Event()
    with serving(lambda _: Reply(status=0) if over.wait(10) else Reply()) as address:
        yield address
        over.set()


@pytest.mark.usefixtures("immediate_retries")
def test_a_request_without_an_answer_times_out(silence: str) -> None:
    assert vpcs_of(silence).found == "no answer (ReadTimeoutError)"


@pytest.mark.usefixtures("immediate_retries")
def test_a_closed_port_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert vpcs_of(f"http://127.0.0.1:{port}").found == "no answer (EndpointConnectionError)"


def test_an_html_page_instead_of_an_answer_is_unreachable() -> None:
    with serving(lambda _: Reply(b"<!doctype html>\n<title>Log in</title>", 511)) as address:
        row = vpcs_of(address)
    assert (row.outcome, row.found) == (Outcome.UNREACHABLE, "no answer (ResponseParserError)")
