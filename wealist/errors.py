"""Failures that an operator can act on. Commands print them as two lines, never as a traceback."""

import errno
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

FAILURE: Final = 1
BAD_INPUT: Final = 2


class UnreadablePlan(IntEnum):
    """Exit codes of a command that cannot read a plan."""

    NOT_A_PLAN = 3
    UNKNOWN_FORMAT = 4
    CUT_OFF = 5
    ERRORED = 6
    PARTIAL = 7


class OperatorError(Exception):
    """A failure that the operator can correct.

    Attributes:
        message: What failed, with the received value.
        remedy: What to do next, as an instruction.
        exit_code: The exit code of the command; 1 by default.
    """

    def __init__(self, message: str, *, remedy: str, exit_code: int = FAILURE) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.exit_code = exit_code


def unknown_name(kind: str, name: str, known: Iterable[str]) -> OperatorError:
    """Return the error for an unknown name; it suggests the closest known one.

    Args:
        kind: What the name is for: `stack`.
        name: The operator's input.
        known: The allowed names.
    """
    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    guess = f"did you mean {near[0]!r}? " if near else ""
    remedy = f"{guess}Known {kind}s: {', '.join(names)}"
    return OperatorError(f"there is no {kind} {name!r}", remedy=remedy, exit_code=BAD_INPUT)


def validation_message(detail: Mapping[str, Any], place: str, known: Iterable[str]) -> str:
    """Return one of pydantic's validation errors as a sentence.

    Args:
        detail: One entry of `ValidationError.errors()`.
        place: The location of the value; its path is the last word.
        known: The allowed names, for a suggestion.
    """
    if detail["type"] == "missing":
        return f"{place} is missing"
    if detail["type"] in _UNKNOWN_NAME:
        near = get_close_matches(place.rpartition(" ")[2], known, n=1)
        return f"{place} is not a column" + (f"; did you mean {near[0]!r}?" if near else "")
    return f"{place} = {detail['input']!r} is not valid: {detail['msg']}"


_UNKNOWN_NAME: Final = frozenset({"extra_forbidden", "unexpected_keyword_argument"})
"""pydantic's error types for an unknown name: in a model, and in a dataclass."""
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_ANOTHER_FOLDER: Final = "to write elsewhere, set WEALIST_WORK, CDKTF_OUTDIR (output) or XDG_CACHE_HOME (caches)"
_REMEDIES: Final = {
    errno.ENOSPC: "free some space there, and run the command again",
    errno.EDQUOT: "free some space there, and run the command again",
    errno.EROFS: f"use a writable folder; {_ANOTHER_FOLDER}",
    errno.EACCES: f"allow this user to read and write there; {_ANOTHER_FOLDER}",
    errno.EPERM: f"allow this user to read and write there; {_ANOTHER_FOLDER}",
    errno.ENOENT: "check that the folder exists, and run the command again",
}
_SOMEWHERE_FULL: Final = (
    "free some space in the checkout, the folder for temporary files, and the output folder, and run the command "
    f"again; {_ANOTHER_FOLDER}"
)
_REPORTED: Final = r"(?:(/[^\s:]+): )?(?:\bE[A-Z]+: )?{}(?:, \w+ '([^']+)')?"
"""As Go and Node.js report it: `write /w/plan: no space left on device`, `EROFS: read-only file system, mkdir '/w'`."""


def from_os_error(error: OSError) -> OperatorError:
    """Return an operating system's error as an `OperatorError`.

    The exit code is 1 for a full disk, and 2 for a file or folder that cannot be used.

    Args:
        error: The error. If it names a file, the message does, too.
    """
    named = error.filename2 or error.filename
    place = f"{named}: " if isinstance(named, str | os.PathLike) else ""
    remedy = _REMEDIES.get(error.errno or 0, "remove the cause, and run the command again")
    if error.errno in _FULL and not place:
        remedy = _SOMEWHERE_FULL
    code = BAD_INPUT if place and error.errno not in _FULL else FAILURE
    return OperatorError(f"{place}{error.strerror or error}", remedy=remedy, exit_code=code)


def os_error_in(output: str) -> OSError | None:
    """Return the operating system's error that a program reports; None if it reports another failure.

    Args:
        output: What the program printed.
    """
    text = " ".join(output.split())  # Terraform wraps its messages
    for number in _REMEDIES.keys() - {errno.ENOENT}:
        words = os.strerror(number)
        found = re.search(_REPORTED.format(re.escape(words)), text, re.IGNORECASE)
        place = found and (found[1] or found[2])
        if place or (found and number in {*_FULL, errno.EROFS}):  # "permission denied" without a file may come from AWS
            return OSError(number, words, place)
    return None


@contextmanager
def naming_file(path: Path) -> Iterator[None]:
    """Set `filename` on an `OSError` that has none. On a full disk, a write fails without naming the file."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


class ToolFailedError(Exception):
    """A program that a command ran has failed, and has printed the reason.

    Attributes:
        exit_code: The program's exit code, with which the command ends, too.
    """

    def __init__(self, exit_code: int, output: str = "") -> None:
        """Describe the failure.

        Args:
            exit_code: The program's exit code.
            output: The program's stderr, if it was captured. It is part of the exception's text only.
        """
        super().__init__(f"exit code {exit_code}: {output}" if output else f"exit code {exit_code}")
        self.exit_code = exit_code
