"""Share a running embedded AWS with other commands, through a file.

.wealist/emulated/aws.json   {"pid": …, "port": …, "is_ready": …}   exists while the command that started it runs
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
from wealist.files import write_atomically
from wealist.progress import step


@contextmanager
def publish(aws: EmulatedAws) -> Iterator[Callable[[], None]]:
    """Let other commands find an embedded AWS while the context lasts. They wait until it is marked as ready.

    Yields:
        The function that marks it as ready.

    Raises:
        OperatorError: another command shares an embedded AWS already.
    """
    refuse_second()
    _write(aws, is_ready=False)
    try:
        yield lambda: _write(aws, is_ready=True)
    finally:
        _path().unlink(missing_ok=True)


def shared_environment() -> dict[str, str] | None:
    """Return the process environment that leads to the shared embedded AWS. None if there is none.

    Waits while the command that started it still applies stacks.
    """
    found = _find()
    if found and not found["is_ready"]:
        with step(f"wait until the embedded AWS of process {found['pid']} is ready"):
            while found and not found["is_ready"]:
                time.sleep(0.5)
                found = _find()
    return environment_at(found["port"]) if found else None


def refuse_second() -> None:
    """Refuse to share a second embedded AWS, because other commands can find only one.

    Raises:
        OperatorError: another command shares one already.
    """
    found = _find()
    if found:
        raise OperatorError(
            f"process {found['pid']} already keeps an embedded AWS running",
            remedy="leave out --keep, or stop that process first",
        )


def _find() -> dict[str, Any] | None:
    """Read the file. Returns None if the file is missing, its process has ended, or nothing listens on the port."""
    try:
        found: dict[str, Any] = json.loads(_path().read_text())
        os.kill(found["pid"], 0)  # raises if there is no such process
        socket.create_connection((HOST, found["port"]), timeout=1).close()
    except (OSError, ValueError, LookupError):
        return None
    return {"is_ready": True, **found}


def _write(aws: EmulatedAws, *, is_ready: bool) -> None:
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps({"pid": os.getpid(), "port": aws.port, "is_ready": is_ready}) + "\n")


def _path() -> Path:
    return project.WORK / "emulated" / "aws.json"
