"""The folder for what can be made again: unpacked packages, parsed files."""

import os
import tempfile
from pathlib import Path


def user_cache() -> Path:
    """Return this project's folder among the user's caches. Its content may be deleted at any time."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wealist"


def refuse_unwritable(folder: str | os.PathLike[str]) -> None:
    """Raise the `OSError` with which the operating system refuses to write in a folder.

    A full disk takes files, and nothing into them; what permissions say does not count for root.
    """
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        file.write(b"\n")
