"""Files that are written whole or not at all."""

import os
import shutil
import threading
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file in a folder that is there. Whoever reads meanwhile reads what was there before, or all of it.

    The file keeps its mode. The draft beside it is hidden, so that Terraform does not load it.

    Raises:
        OSError: it cannot be written; what was there stays. It names this file.
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
        error.filename, error.filename2 = str(path), None  # nobody knows the draft, and a full disk names nothing
        raise
