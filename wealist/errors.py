"""Failures that an operator can act on: shown as two lines, never as a traceback."""

import errno
import os
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

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


def unknown(kind: str, name: str, known: Iterable[str]) -> OperatorError:
    """The refusal of a name that is none of those there are, with the nearest of them.

    Args:
        kind: What it should be the name of: `stack`.
        name: What the operator wrote.
        known: The names there are.
    """
    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    guess = f"did you mean {near[0]!r}? " if near else ""
    remedy = f"{guess}Known {kind}s: {', '.join(names)}"
    return OperatorError(f"there is no {kind} {name!r}", remedy=remedy, exit_code=BAD_INPUT)


def invalid(detail: Mapping[str, Any], place: str, known: Iterable[str]) -> str:
    """What pydantic found wrong with a value that somebody wrote.

    Args:
        detail: One entry of `ValidationError.errors()`.
        place: Where the value stands; its path is the last word.
        known: The names that may stand there, for a guess at what was meant.
    """
    if detail["type"] == "missing":
        return f"{place} is missing"
    if detail["type"] in _UNKNOWN_NAME:
        near = get_close_matches(place.rpartition(" ")[2], known, n=1)
        return f"{place} is no column" + (f"; did you mean {near[0]!r}?" if near else "")
    return f"{place} = {detail['input']!r} is not valid: {detail['msg']}"


_UNKNOWN_NAME: Final = frozenset({"extra_forbidden", "unexpected_keyword_argument"})
"""Types of pydantic's errors: of a model, and of a dataclass."""
_REMEDIES: Final = {
    errno.ENOSPC: "free some space there, and run the command again",
    errno.EDQUOT: "free some space there, and run the command again",
    errno.EROFS: "use a folder that can be written; WEALIST_WORK and CDKTF_OUTDIR move what the project writes",
    errno.EACCES: "allow this user to read and write there; WEALIST_WORK and CDKTF_OUTDIR move what the project writes",
    errno.EPERM: "allow this user to read and write there; WEALIST_WORK and CDKTF_OUTDIR move what the project writes",
    errno.ENOENT: "check that the folder exists, and run the command again",
}


def of_system(error: OSError, *, exit_code: int = FAILURE) -> OperatorError:
    """What the operating system refuses, as an operator reads it.

    Args:
        error: Its error. The file that it names is part of the message.
        exit_code: The exit code of the command; `BAD_INPUT` for a file that the operator named.
    """
    named = error.filename2 or error.filename
    place = f"{named}: " if isinstance(named, str | os.PathLike) else ""
    remedy = _REMEDIES.get(error.errno or 0, "remove the cause, and run the command again")
    return OperatorError(f"{place}{error.strerror or error}", remedy=remedy, exit_code=exit_code)


class ToolFailedError(Exception):
    """A program that we ran has already reported to the operator what is wrong.

    Attributes:
        exit_code: Its exit code, which becomes ours.
    """

    def __init__(self, exit_code: int, output: str = "") -> None:
        """Keep what is for whoever catches this, or reads it in a traceback.

        Args:
            exit_code: The program's.
            output: What it wrote to stderr, where that was kept.
        """
        super().__init__(f"exit code {exit_code}: {output}" if output else f"exit code {exit_code}")
        self.exit_code = exit_code
