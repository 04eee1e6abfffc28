"""External programs for tests: from PATH, from Debian's packages, or from the virtualenv (shellcheck).

    tool("promtool", package="prometheus") → /usr/bin/promtool
                                             or .wealist/debian/prometheus/usr/bin/promtool

A package is downloaded once with `apt-get download` and unpacked without root; the libraries that the program links to
must be installed. If a program is missing, the test fails with the command that installs it, and is never skipped.
"""

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import pytest

from wealist.project import exclusive_lock

_UNPACKED: Final = Path(__file__).parents[1] / ".wealist" / "debian"
_SHELLCHECK: Final = Path(sys.executable).with_name("shellcheck")
_FOLDERS: Final = ("usr/bin", "bin", "usr/sbin", "sbin")
_DOWNLOAD_SECONDS: Final = 300


@functools.cache
def tool(name: str, *, package: str) -> str:
    """Return the path of a program.

    Args:
        name: The program.
        package: The Debian package that contains it.

    Raises:
        pytest.fail.Exception: It is not on PATH, and Debian's package cannot be downloaded.
    """
    if found := shutil.which(name) or _find_unpacked(name, package):
        return found
    with exclusive_lock("debian", wait=True):  # apt-get locks its lists
        return _find_unpacked(name, package) or _download(name, package)


def _find_unpacked(name: str, package: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join(str(_UNPACKED / package / folder) for folder in _FOLDERS))


def _download(name: str, package: str) -> str:
    _UNPACKED.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_UNPACKED) as folder:
        download = ["apt-get", "download", package]
        # The lists of packages may be missing or old, as in a new container.
        error = _run(download, folder) and (_run(["apt-get", "update"], folder) or _run(download, folder))
        archive = next(Path(folder).glob("*.deb"), None)
        if archive is not None:
            error = _run(["dpkg", "-x", str(archive), "root"], folder)
        if error or archive is None:
            pytest.fail(f"{name} is not on PATH; install it: apt-get install {package}\n{error}", pytrace=False)
        Path(folder, "root").rename(_UNPACKED / package)
    found = _find_unpacked(name, package)
    if found is None:
        pytest.fail(f"Debian's package {package} does not contain {name}", pytrace=False)
    return found


def _run(argv: list[str], folder: str) -> str:
    """Run a command. Return its error output if it fails, else nothing."""
    try:
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=_DOWNLOAD_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{' '.join(argv)}: {error}"
    return "" if done.returncode == 0 else f"{' '.join(argv)}: {done.stderr.strip() or f'exit code {done.returncode}'}"


def shellcheck(*files: Path, stdin: str | None = None) -> str:
    """Return shellcheck's findings in files, or in a script; empty without findings."""
    if not _SHELLCHECK.exists():
        pytest.fail("shellcheck is not in the virtualenv: `make setup` installs it", pytrace=False)
    # Sourced scripts are in the same folder.
    argv = [str(_SHELLCHECK), "--shell=bash", "--external-sources", "--source-path=SCRIPTDIR"]
    argv += [str(file) for file in files] or ["-"]
    done = subprocess.run(argv, input=stdin, text=True, capture_output=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout
