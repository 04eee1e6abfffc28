"""An embedded AWS that stays up for other commands, and how they find it.

.wealist/emulated/aws.json   {"pid": …, "port": …}: written by the command that keeps it, gone with it
"""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wealist import project
from wealist.emulator.server import HOST, EmulatedAws, environment_at
from wealist.errors import OperatorError


@contextmanager
def announced(aws: EmulatedAws) -> Iterator[None]:
    """Let other commands find this embedded AWS.

    Raises:
        OperatorError: another one is kept up by now.
    """
    refuse_another()
    place = _place()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps({"pid": os.getpid(), "port": aws.port}) + "\n")
    try:
        yield
    finally:
        place.unlink(missing_ok=True)


def kept_environment() -> dict[str, str] | None:
    """The environment that leads to the embedded AWS that another command keeps up; None where none is."""
    try:
        found = json.loads(_place().read_text())
        os.kill(found["pid"], 0)  # asks whether it lives
        socket.create_connection((HOST, found["port"]), timeout=1).close()
    except (OSError, ValueError, KeyError):  # no such file, no such process, nobody listens: what was kept is gone
        return None
    return environment_at(found["port"])


def refuse_another() -> None:
    """Refuse to keep a second embedded AWS up: other commands find one only.

    Raises:
        OperatorError: one is kept up already.
    """
    environ = kept_environment()
    if environ:
        raise OperatorError(
            f"an embedded AWS is kept up already, at {environ['AWS_ENDPOINT_URL']}",
            remedy="leave out --keep, or stop that one first",
        )


def _place() -> Path:
    return project.WORK / "emulated" / "aws.json"
