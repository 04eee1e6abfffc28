"""Programs that Python's packages do not bring: from PATH, else out of Debian's package, else the test fails.

    tool("promtool", package="prometheus") → /usr/bin/promtool
                                             or .wealist/debian/prometheus/usr/bin/promtool

A package is fetched once with `apt-get download` and unpacked, not installed: that needs no root, and what the program
links to must be there. A machine without Debian's tools gets a failure that says what to install, never a skip.
"""

import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

import pytest

from wealist.project import exclusive_lock

_KEPT: Final = Path(__file__).parents[1] / ".wealist" / "debian"
_SEARCHED: Final = ("usr/bin", "bin", "usr/sbin", "sbin")
_DOWNLOAD_SECONDS: Final = 300


@functools.cache
def tool(name: str, *, package: str) -> str:
    """The path of a program.

    Args:
        name: of the program.
        package: Debian's, which holds it.

    Raises:
        pytest.fail.Exception: it is not on PATH, and Debian's package cannot be had.
    """
    if found := shutil.which(name) or _unpacked(name, package):
        return found
    with exclusive_lock("debian", wait=True):  # apt-get updates its lists for one at a time
        return _unpacked(name, package) or _fetched(name, package)


def _unpacked(name: str, package: str) -> str | None:
    """The program in the package as it was unpacked before."""
    return shutil.which(name, path=os.pathsep.join(str(_KEPT / package / folder) for folder in _SEARCHED))


def _fetched(name: str, package: str) -> str:
    _KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_KEPT) as folder:
        fetching = ["apt-get", "download", package]
        # The lists of packages may be empty or old, as in a new container.
        said = _run(fetching, folder) and (_run(["apt-get", "update"], folder) or _run(fetching, folder))
        archive = next(Path(folder).glob("*.deb"), None)
        if archive is not None:
            said = _run(["dpkg", "-x", str(archive), "root"], folder)
        if said or archive is None:
            pytest.fail(f"{name} is not on PATH; install it: apt-get install {package}\n{said}", pytrace=False)
        Path(folder, "root").rename(_KEPT / package)
    found = _unpacked(name, package)
    if found is None:
        pytest.fail(f"Debian's package {package} holds no {name}", pytrace=False)
    return found


def _run(argv: list[str], folder: str) -> str:
    """Runs a command. Returns what it said where it failed, else nothing."""
    try:
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=_DOWNLOAD_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{' '.join(argv)}: {error}"
    return "" if done.returncode == 0 else f"{' '.join(argv)}: {done.stderr.strip() or f'exit code {done.returncode}'}"
