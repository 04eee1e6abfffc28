"""A check: what is expected, how to find what exists, and the row that reports the result.

look ─┬─ an answer ──────────────────► right, wrong
      ├─ access denied ──────────────► not allowed to look
      └─ no answer, or another error ► unreachable
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

import requests
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoAuthTokenError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from wealist.errors import OperatorError
from wealist.model.stack import StackJson
from wealist.operations.aws import Clients
from wealist.operations.pipeline.github import GitHub, GitHubError
from wealist.spec.environment import Environment

POLICY: Final = "docs/preflight.md"
"""The page that lists the rights which checks need."""
_NO_CREDENTIALS: Final = (
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
_EXPECTED_ERRORS: Final = (BotoCoreError, ClientError, ResponseParserError, OperatorError, requests.RequestException)
_ACCESS_DENIED: Final = frozenset({401, 403})
_DENIED_CODES: Final = ("AccessDenied", "ExpiredToken", "Unauthorized", "UnrecognizedClient")
"""Beginnings of the error codes of denied requests. AWS's JSON protocols send them with the HTTP status 400.

https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
"""
_NOT_FOUND: Final = 404
_RATE_LIMIT: Final = "rate limit"
"""GitHub also answers 403 if too many requests were sent."""
_RETRY: Final = "check that this machine can reach it, then run this again"


class Outcome(StrEnum):
    """The result of a check."""

    RIGHT = "right"
    WRONG = "wrong"
    DENIED = "not allowed to look"
    UNREACHABLE = "unreachable"


class Answer(NamedTuple):
    """What exists, and whether that is as expected."""

    right: bool
    found: str


def right(found: str) -> Answer:
    """Return an answer that is as expected."""
    return Answer(right=True, found=found)


def wrong(found: str) -> Answer:
    """Return an answer that is not as expected."""
    return Answer(right=False, found=found)


@dataclass(frozen=True)
class Check:
    """One expectation of the stacks about AWS, GitHub or the internet.

    Attributes:
        what: The subject: `instance type t3.small`.
        expected: What the stacks expect.
        remedy: What to do if the answer is wrong.
        look: Finds what exists. May raise the errors of boto3, requests and `GitHub`.
    """

    what: str
    expected: str
    remedy: str
    look: Callable[[], Answer]


@dataclass(frozen=True)
class Row:
    """The reported result of a check.

    Attributes:
        outcome: The result.
        what: The subject.
        expected: What the stacks expect.
        found: What exists, or why that is unknown.
        remedy: What to do; empty if the outcome is `right`.
    """

    outcome: Outcome
    what: str
    expected: str
    found: str
    remedy: str = ""


@dataclass(frozen=True)
class Subject:
    """The input of all checks.

    Attributes:
        environment: The environment.
        stacks: The environment's stack and the shared stacks, by name.
        client: Returns boto3 clients.
        github: Returns a client of the repository; raises an OperatorError if there is no token.
        today: The day.
    """

    environment: Environment
    stacks: Mapping[str, StackJson]
    client: Clients
    github: Callable[[], GitHub]
    today: dt.date

    @property
    def stack(self) -> StackJson:
        """The environment's own stack."""
        return self.stacks[self.environment.name]


@dataclass(frozen=True)
class Group:
    """Checks that need the same rights.

    Attributes:
        checks: Returns the checks of a subject.
        actions: The IAM actions that they need.
    """

    checks: Callable[[Subject], Iterable[Check]]
    actions: tuple[str, ...] = ()


def run(check: Check, actions: Iterable[str] = ()) -> Row:
    """Run a check and return its row.

    Args:
        check: The check.
        actions: The IAM actions that it needs; the remedy of a denied request lists them.
    """
    try:
        answer = check.look()
    except ParamValidationError:
        raise  # a bug of the check
    except _EXPECTED_ERRORS as error:
        outcome, found, remedy = _describe(error, ", ".join(actions))
        return Row(outcome, check.what, check.expected, found, remedy)
    if answer.right:
        return Row(Outcome.RIGHT, check.what, check.expected, answer.found)
    return Row(Outcome.WRONG, check.what, check.expected, answer.found, check.remedy)


def _describe(error: Exception, actions: str) -> tuple[Outcome, str, str]:
    """Return the outcome, text and remedy of an error."""
    if isinstance(error, ClientError):
        return _describe_aws(error, actions)
    if isinstance(error, _NO_CREDENTIALS):
        return Outcome.DENIED, str(error), "export credentials of the account, or log in again"
    if isinstance(error, GitHubError):
        # GitHub also answers 404 if the token must not learn whether something exists.
        denied = error.status in {*_ACCESS_DENIED, _NOT_FOUND} and _RATE_LIMIT not in error.reason
        if denied:
            return Outcome.DENIED, error.message, f"give the token the permissions that {POLICY} lists"
        return Outcome.UNREACHABLE, error.message, _RETRY
    if isinstance(error, OperatorError):
        return Outcome.DENIED, error.message, error.remedy
    return Outcome.UNREACHABLE, f"no answer ({type(error).__name__})", _RETRY


def _describe_aws(error: ClientError, actions: str) -> tuple[Outcome, str, str]:
    code = str(error.response["Error"]["Code"])
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if status in _ACCESS_DENIED or code.startswith(_DENIED_CODES):
        return Outcome.DENIED, f"{error.operation_name}: {code}", f"allow {actions}: {POLICY} has the policy"
    message = error.response["Error"].get("Message") or code
    return Outcome.UNREACHABLE, f"{error.operation_name}: {message}", _RETRY
