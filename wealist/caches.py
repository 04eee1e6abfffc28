"""The folder for what can be made again: unpacked packages, parsed files."""

import os
from pathlib import Path


def user_cache() -> Path:
    """Return this project's folder among the user's caches. Its content may be deleted at any time."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wealist"
