"""What the command line knows of reviews without loading them."""

from enum import IntEnum, StrEnum

from wealist.errors import BAD_INPUT, FAILURE
from wealist.model.plan_values import Unreadable


class Format(StrEnum):
    """How a review is shown."""

    MARKDOWN = "markdown"
    TERMINAL = "terminal"
    JSON = "json"
    HTML = "html"


class Gate(StrEnum):
    """What may not pass unacknowledged."""

    DESTROY = "destroy"
    REPLACE = "replace"
    STATEFUL = "stateful"
    NONE = "none"


class ExitCode(IntEnum):
    """How `wealist review` ends."""

    REVIEWED = 0
    STOPPED = FAILURE
    """A gate found something that nobody acknowledged."""
    BAD_USAGE = BAD_INPUT
    NOT_A_PLAN = Unreadable.NOT_A_PLAN
    UNKNOWN_FORMAT = Unreadable.UNKNOWN_FORMAT
    CUT_OFF = Unreadable.CUT_OFF
    ERRORED = Unreadable.ERRORED
    PARTIAL = Unreadable.PARTIAL
    NO_CHANGES = 8
