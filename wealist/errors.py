"""Failures that an operator can act on: shown as two lines, never as a traceback."""

import errno
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
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
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_ANOTHER_FOLDER: Final = "WEALIST_WORK and CDKTF_OUTDIR move what the project writes, XDG_CACHE_HOME what it keeps"
_REMEDIES: Final = {
    errno.ENOSPC: "free some space there, and run the command again",
    errno.EDQUOT: "free some space there, and run the command again",
    errno.EROFS: f"use a folder that can be written; {_ANOTHER_FOLDER}",
    errno.EACCES: f"allow this user to read and write there; {_ANOTHER_FOLDER}",
    errno.EPERM: f"allow this user to read and write there; {_ANOTHER_FOLDER}",
    errno.ENOENT: "check that the folder exists, and run the command again",
}
_SOMEWHERE_FULL: Final = (
    "free some space in the checkout, in the folder for temporary files, and where the output goes, and run the "
    f"command again; {_ANOTHER_FOLDER}"
)
_PLACE_OF: Final = r"(?:(/[^\s:]+): )?(?:\bE[A-Z]+: )?{}(?:, \w+ '([^']+)')?"
"""How Go and Node.js report: `write /w/plan: no space left on device`, `EROFS: read-only file system, mkdir '/w'`."""


def of_system(error: OSError) -> OperatorError:
    """What the operating system refuses, as an operator reads it.

    Its exit code is 1 for a full disk, and 2 for a file or folder that cannot be used.

    Args:
        error: Its error. The file that it names is part of the message.
    """
    named = error.filename2 or error.filename
    place = f"{named}: " if isinstance(named, str | os.PathLike) else ""
    remedy = _REMEDIES.get(error.errno or 0, "remove the cause, and run the command again")
    if error.errno in _FULL and not place:
        remedy = _SOMEWHERE_FULL
    code = BAD_INPUT if place and error.errno not in _FULL else FAILURE
    return OperatorError(f"{place}{error.strerror or error}", remedy=remedy, exit_code=code)


def reported_by(program: str) -> OSError | None:
    """The operating system's refusal that another program reports; None where it reports another failure.

    Args:
        program: What it printed.
    """
    text = " ".join(program.split())  # Terraform folds its messages
    for number in _REMEDIES.keys() - {errno.ENOENT}:
        words = os.strerror(number)
        found = re.search(_PLACE_OF.format(re.escape(words)), text, re.IGNORECASE)
        place = found and (found[1] or found[2])
        if place or (found and number in {*_FULL, errno.EROFS}):  # AWS, too, reports denied permissions
            return OSError(number, words, place)
    return None


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Name the file in the operating system's error where it does not: a full disk refuses a write without a name."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


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
