"""What a program does before anything else, with Python's own library alone: no package may be there yet.

packages missing ─ go on in .venv, or say how to get one
streams          ─ print any character, whatever encoding they have
TMPDIR           ─ must be a folder that can be written
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

from wealist.caches import refuse_unwritable
from wealist.errors import BAD_INPUT, OperatorError

VIRTUALENV = Path(__file__).resolve().parents[1] / ".venv"


def has_packages() -> bool:
    """Return whether this Python has the project's packages."""
    return find_spec("typer") is not None and find_spec("constructs") is not None


def refuse_without_packages() -> None:
    """End a program whose Python lacks the project's packages, with one line that says what to run."""
    if not has_packages():
        sys.exit(
            f"error: {sys.executable} has no packages of this project; run {VIRTUALENV / 'bin' / 'wealist'} instead"
            " (`make setup` installs it)"
        )


def go_on_in_virtualenv() -> None:
    """Replace this program by itself in `.venv`, where this Python lacks the project's packages and `.venv` is there.

    Raises:
        OperatorError: there is no `.venv`, or it lacks the packages, too.
    """
    if has_packages():
        return
    python = VIRTUALENV / "bin" / "python"
    if not python.exists() or Path(sys.prefix).resolve() == VIRTUALENV.resolve():
        raise OperatorError(
            f"{sys.executable} has no packages of this project",
            remedy="run `make setup`, which installs them into .venv",
            exit_code=BAD_INPUT,
        )
    os.execv(python, [str(python), *sys.argv])  # noqa: S606  the same program, and no shell


def print_any_character() -> None:
    """Have both streams replace what their encoding lacks: an ASCII terminal is no reason to fail."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def refuse_bad_temporary_folder() -> None:
    """Refuse a TMPDIR that cannot be written. Python would take another folder; Terraform and Node.js fail.

    Raises:
        OperatorError: TMPDIR names such a folder.
    """
    named = os.environ.get("TMPDIR")
    if not named:
        return
    try:
        refuse_unwritable(named)
    except OSError as error:
        raise OperatorError(
            f"TMPDIR={named} cannot be written: {error.strerror}",
            remedy="let it name a folder with free space that can be written, or unset it",
            exit_code=BAD_INPUT,
        ) from None
