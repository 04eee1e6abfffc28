"""What the command line knows of reviews without loading them."""

from enum import IntEnum, StrEnum

from wealist.errors import BAD_INPUT, FAILURE


class Format(StrEnum):
    """How a review is shown."""

    MARKDOWN = "markdown"
    TERMINAL = "terminal"
    JSON = "json"


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
    NOT_A_PLAN = 3
    UNKNOWN_FORMAT = 4
    CUT_OFF = 5
    ERRORED = 6
    PARTIAL = 7
    NO_CHANGES = 8
