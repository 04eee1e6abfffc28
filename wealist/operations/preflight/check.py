"""One check: what is expected, how to look, and the row that comes of it, whatever AWS or GitHub answers.

look ─┬─ an answer ───────────────► right, wrong
      ├─ no right to ask ─────────► not allowed to look
      └─ no answer, or another ───► unreachable
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

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
from wealist.operations.pipeline.github import GitHubError
from wealist.spec.environment import Environment

if TYPE_CHECKING:
    from wealist.operations.pipeline.github import GitHub

POLICY: Final = "docs/preflight.md"
"""Where the rights are listed."""
_NO_CREDENTIALS: Final = (
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
_UNANSWERED: Final = (BotoCoreError, ClientError, ResponseParserError, OperatorError, requests.RequestException)
_REFUSED: Final = frozenset({401, 403})
_DENIED: Final = ("AccessDenied", "ExpiredToken", "Unauthorized", "UnrecognizedClient")
"""What the codes of a refusal begin with where the HTTP status is 400: that of the JSON protocols.

https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
"""
_NOT_FOUND: Final = 404
_LIMITED: Final = "rate limit"
"""GitHub refuses with 403 whoever has asked too often, too."""


class Outcome(StrEnum):
    """How a check came out."""

    RIGHT = "right"
    WRONG = "wrong"
    DENIED = "not allowed to look"
    UNREACHABLE = "unreachable"


class Answer(NamedTuple):
    """What a look found, and whether that is as expected."""

    right: bool
    found: str


def right(found: str) -> Answer:
    """What is as expected."""
    return Answer(right=True, found=found)


def wrong(found: str) -> Answer:
    """What is not."""
    return Answer(right=False, found=found)


@dataclass(frozen=True)
class Check:
    """Something that the stacks expect of the world outside.

    Attributes:
        what: What it is about: `instance type t3.small`.
        expected: What the stacks expect.
        remedy: What to do where it is otherwise.
        look: Asks; it may raise what boto3, requests and `GitHub` raise.
    """

    what: str
    expected: str
    remedy: str
    look: Callable[[], Answer]


@dataclass(frozen=True)
class Row:
    """What a check found.

    Attributes:
        outcome: How it came out.
        what: What it is about.
        expected: What the stacks expect.
        found: What is there, or why that cannot be told.
        remedy: What to do; empty where all is right.
    """

    outcome: Outcome
    what: str
    expected: str
    found: str
    remedy: str = ""


@dataclass(frozen=True)
class Subject:
    """What is looked at.

    Attributes:
        environment: The environment.
        stacks: Its stack and those that it rests on, by name.
        client: Makes boto3 clients.
        github: Gives the repository; raises an OperatorError where there is no token.
        today: The day.
    """

    environment: Environment
    stacks: Mapping[str, StackJson]
    client: Clients
    github: Callable[[], "GitHub"]
    today: dt.date

    @property
    def stack(self) -> StackJson:
        """The environment's own stack."""
        return self.stacks[self.environment.name]


@dataclass(frozen=True)
class Group:
    """Checks about one subject.

    Attributes:
        checks: Lists them.
        actions: The IAM actions that they need.
    """

    checks: Callable[[Subject], Iterable[Check]]
    actions: tuple[str, ...] = ()


def run(check: Check, actions: Iterable[str] = ()) -> Row:
    """Look, and tell how it came out.

    Args:
        check: What to look at.
        actions: The IAM actions that it needs, for the remedy of a refusal.
    """
    try:
        answer = check.look()
    except ParamValidationError:
        raise  # a mistake of the check, not of the world
    except _UNANSWERED as error:
        outcome, found, remedy = _unanswered(error, ", ".join(actions))
        return Row(outcome, check.what, check.expected, found, remedy)
    if answer.right:
        return Row(Outcome.RIGHT, check.what, check.expected, answer.found)
    return Row(Outcome.WRONG, check.what, check.expected, answer.found, check.remedy)


def _unanswered(error: Exception, actions: str) -> tuple[Outcome, str, str]:
    """The outcome of an error, what is found by it, and what to do."""
    again = "see that this machine reaches it, then run this again"
    if isinstance(error, ClientError):
        code = str(error.response["Error"]["Code"])
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if status in _REFUSED or code.startswith(_DENIED):
            return Outcome.DENIED, f"{error.operation_name}: {code}", f"allow {actions}: {POLICY} has the policy"
        return Outcome.UNREACHABLE, f"{error.operation_name}: {error.response['Error'].get('Message') or code}", again
    if isinstance(error, _NO_CREDENTIALS):
        return Outcome.DENIED, str(error), "export credentials of the account, or log in again"
    if isinstance(error, GitHubError):
        limited = _LIMITED in error.reason
        denied = error.status in {*_REFUSED, _NOT_FOUND} and not limited
        # GitHub answers 404 as well where a token may not know that something exists.
        remedy = f"give the token the permissions that {POLICY} lists" if denied else again
        return (Outcome.DENIED if denied else Outcome.UNREACHABLE), error.message, remedy
    if isinstance(error, OperatorError):
        return Outcome.DENIED, error.message, error.remedy
    return Outcome.UNREACHABLE, f"no answer ({type(error).__name__})", again
