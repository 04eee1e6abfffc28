"""Failures that an operator can act on: shown as two lines, never as a traceback."""

from typing import Final

FAILURE: Final = 1
BAD_INPUT: Final = 2


class OperatorError(Exception):
    """Something the operator can put right.

    Attributes:
        message: What happened, with the value that was received.
        remedy: What to do next, as an instruction.
        exit_code: The exit code of the command.
    """

    def __init__(self, message: str, *, remedy: str, exit_code: int = FAILURE) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.exit_code = exit_code


class ToolFailedError(Exception):
    """A program that we ran has already told the operator what is wrong.

    Attributes:
        exit_code: Its exit code, which becomes ours.
    """

    def __init__(self, exit_code: int) -> None:
        super().__init__(f"exit code {exit_code}")
        self.exit_code = exit_code
