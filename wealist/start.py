"""Check a program's preconditions at its start. Imports the standard library only: packages may be missing.

packages ─ if missing, restart in .venv, or report how to install them
streams  ─ replace characters that the encoding lacks
TMPDIR   ─ must be a writable folder
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

from wealist.errors import BAD_INPUT, OperatorError
from wealist.files import refuse_unwritable

VIRTUALENV = Path(__file__).resolve().parents[1] / ".venv"


def has_packages() -> bool:
    """Return whether this Python has the project's packages."""
    return find_spec("typer") is not None and find_spec("constructs") is not None


def refuse_without_packages() -> None:
    """Exit with one line that names the right program if this Python lacks the project's packages."""
    if not has_packages():
        sys.exit(
            f"error: {sys.executable} has no packages of this project; run {VIRTUALENV / 'bin' / 'wealist'} instead"
            " (`make setup` installs it)"
        )


def restart_in_virtualenv() -> None:
    """Restart this program with the Python of `.venv` if this Python lacks the project's packages.

    Raises:
        OperatorError: `.venv` is missing, or lacks the packages, too.
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


def replace_unencodable_characters() -> None:
    """Print `?` for characters that the encoding of stdout or stderr lacks, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def refuse_bad_temporary_folder() -> None:
    """Refuse a TMPDIR that is not writable. Python would use another folder; Terraform and Node.js would fail.

    Raises:
        OperatorError: TMPDIR is set to such a folder.
    """
    named = os.environ.get("TMPDIR")
    if not named:
        return
    try:
        refuse_unwritable(named)
    except OSError as error:
        raise OperatorError(
            f"TMPDIR={named} is not writable: {error.strerror}",
            remedy="set it to a writable folder with free space, or unset it",
            exit_code=BAD_INPUT,
        ) from None
