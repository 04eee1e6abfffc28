"""An embedded AWS that stays up for other commands, and how they find it.

.wealist/emulated/aws.json   {"pid": …, "port": …, "is_ready": …}: written by the command that keeps it, gone with it
"""

import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from wealist import project
from wealist.emulator.server import HOST, EmulatedAws, environment_at
from wealist.errors import OperatorError
from wealist.progress import step
from wealist.whole import write_whole


@contextmanager
def announced(aws: EmulatedAws) -> Iterator[Callable[[], None]]:
    """Let other commands find this embedded AWS. They wait until the function that is yielded says it is ready.

    Raises:
        OperatorError: another one is kept up by now.
    """
    refuse_another()
    _write(aws, is_ready=False)
    try:
        yield lambda: _write(aws, is_ready=True)
    finally:
        _place().unlink(missing_ok=True)


def kept_environment() -> dict[str, str] | None:
    """The environment that leads to the embedded AWS that another command keeps up; None where none is.

    Waits until it is ready: until then, the other command is applying something.
    """
    found = _found()
    if found and not found["is_ready"]:
        with step(f"wait until the embedded AWS of process {found['pid']} is ready"):
            while found and not found["is_ready"]:
                time.sleep(0.5)
                found = _found()
    return environment_at(found["port"]) if found else None


def refuse_another() -> None:
    """Refuse to keep a second embedded AWS up: other commands find one only.

    Raises:
        OperatorError: one is kept up already.
    """
    found = _found()
    if found:
        raise OperatorError(
            f"an embedded AWS is kept up already, by process {found['pid']}",
            remedy="leave out --keep, or stop that one first",
        )


def _found() -> dict[str, Any] | None:
    """What is written of a kept embedded AWS, if its process lives and it listens."""
    try:
        found: dict[str, Any] = json.loads(_place().read_text())
        os.kill(found["pid"], 0)  # asks whether it lives
        socket.create_connection((HOST, found["port"]), timeout=1).close()
    except (OSError, ValueError, LookupError):  # no such file, no such process, nobody listens: what was kept is gone
        return None
    return {"is_ready": True, **found}


def _write(aws: EmulatedAws, *, is_ready: bool) -> None:
    place = _place()
    place.parent.mkdir(parents=True, exist_ok=True)
    write_whole(place, json.dumps({"pid": os.getpid(), "port": aws.port, "is_ready": is_ready}) + "\n")


def _place() -> Path:
    return project.WORK / "emulated" / "aws.json"
