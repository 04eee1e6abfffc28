"""The user's cache folder, and files that are written completely or not at all."""

import os
import shutil
import tempfile
import threading
from contextlib import suppress
from pathlib import Path


def user_cache() -> Path:
    """Return this project's folder in the user's cache. Its content can be recreated: it is safe to delete."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wealist"


def refuse_unwritable(folder: str | os.PathLike[str]) -> None:
    """Raise the `OSError` of the operating system if a folder is not writable.

    Writes one byte. Creating a file is not enough on a full disk, and permission bits do not apply to root.
    """
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        file.write(b"\n")


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file in an existing folder. Concurrent readers see the old content or the new content, never a part.

    The file keeps its mode. The name of the temporary file begins with a dot, so that Terraform does not load it.

    Raises:
        OSError: The file cannot be written; its old content stays. `filename` is `path`, not the temporary file.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        draft.write_bytes(content.encode() if isinstance(content, str) else content)
        if path.exists():
            shutil.copymode(path, draft)
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        error.filename, error.filename2 = str(path), None
        raise
