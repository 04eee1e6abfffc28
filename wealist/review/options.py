"""Options and exit codes of `wealist review`, in a module that is fast to import."""

from enum import IntEnum, StrEnum

from wealist.errors import BAD_INPUT, FAILURE, UnreadablePlan


class Format(StrEnum):
    """The output format of a review."""

    MARKDOWN = "markdown"
    TERMINAL = "terminal"
    JSON = "json"
    HTML = "html"


class Gate(StrEnum):
    """Changes that must be acknowledged."""

    DESTROY = "destroy"
    REPLACE = "replace"
    STATEFUL = "stateful"
    NONE = "none"


class ExitCode(IntEnum):
    """The exit code of `wealist review`."""

    REVIEWED = 0
    STOPPED = FAILURE
    """A gate stops a change that is not acknowledged."""
    BAD_USAGE = BAD_INPUT
    NOT_A_PLAN = UnreadablePlan.NOT_A_PLAN
    UNKNOWN_FORMAT = UnreadablePlan.UNKNOWN_FORMAT
    CUT_OFF = UnreadablePlan.CUT_OFF
    ERRORED = UnreadablePlan.ERRORED
    PARTIAL = UnreadablePlan.PARTIAL
    NO_CHANGES = 8
