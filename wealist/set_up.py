"""Install the locked packages into `.venv`, with the standard library only: `python3 -m wealist.set_up DIGEST`.

`python3 -m wealist.set_up FOLDER REQUIREMENT` installs one package into a separate virtualenv.

Pipfile.lock ─ two concurrent pips ─► .venv ─ caches ─► .venv/bin/wealist ─► .venv/.installed-DIGEST

Pipfile.lock contains every version and its hashes, so that pip resolves no dependencies. Two concurrent pips unpack the
packages faster than one.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final

from wealist.errors import from_os_error

ROOT: Final = Path(__file__).resolve().parents[1]
PIPS: Final = 2
SHOWN_EVERY: Final = 4.0
"""Seconds between two lines without a terminal."""
FETCHED: Final = ("Collecting ", "Processing ", "Requirement already satisfied")
"""Beginnings of the line that pip prints once for each package."""

COMMAND: Final = """\
#!{python}
# Runs the checkout of the current folder; else the one that contains this .venv; else the one that created it.
import sys
from contextlib import suppress
from pathlib import Path

places = [Path(sys.argv[0]).parent.parent.parent, Path({root!r})]
with suppress(OSError):  # the current folder is gone
    places = [Path.cwd(), *Path.cwd().parents, *places]
checkouts = [str(place) for place in places if (place / "wealist" / "cli.py").is_file()]
if not checkouts:
    sys.exit("error: the checkout {root} is gone\\nremedy: run this in another one, or `make setup` there")
sys.path.insert(0, checkouts[0])

from wealist.cli import main

main()
"""


class SetUpError(Exception):
    """A step failed. Its output has been printed."""


def main(digest: str) -> int:
    """Install into `.venv`. Return the exit code.

    Args:
        digest: The digest of all inputs of the installation. `.installed-DIGEST` marks the virtualenv as up to date.
    """
    folder = (ROOT / ".venv").resolve()  # .venv may be a link

    def steps() -> None:
        install(folder)
        for old in folder.glob(".installed-*"):
            old.unlink()
        (folder / f".installed-{digest}").touch()

    report(f"setting up {folder} (once)")
    return _exit_code(steps)


def install_alone(folder: Path, requirement: str) -> int:
    """Install one package into a new virtualenv. Return the exit code.

    Args:
        folder: The virtualenv. The file `.installed` in it marks it as complete.
        requirement: The package and its version: `checkov==3.3.30`.
    """

    def steps() -> None:
        run("create a virtualenv", [[sys.executable, "-m", "venv", "--clear", str(folder)]])
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", requirement]
        run(f"install {requirement}", [pip])
        (folder / ".installed").touch()

    report(f"setting up {folder} (once)")
    return _exit_code(steps)


def _exit_code(steps: Callable[[], None]) -> int:
    """Run steps. Print a failure, and return its exit code."""
    try:
        steps()
    except SetUpError as failure:
        report(f"error: {failure}\nremedy: remove the cause that is named above, and run make again")
        return 1
    except OSError as error:
        refused = from_os_error(error)
        report(f"error: {refused.message}\nremedy: {refused.remedy}")
        return refused.exit_code
    return 0


def install(folder: Path) -> None:
    """Bring a virtualenv up to date. Installed packages stay."""
    python = folder / "bin" / "python"
    has_pip = python.exists() and not subprocess.run([python, "-c", "import pip"], check=False).returncode
    if not has_pip:
        run("create the virtualenv", [[sys.executable, "-m", "venv", str(folder)]])
    lines = requirements(json.loads((ROOT / "Pipfile.lock").read_text(encoding="utf-8")))
    with tempfile.TemporaryDirectory() as lists:
        pips = []
        for number in range(PIPS):
            file = Path(lists, f"{number}.txt")
            file.write_text("\n".join(lines[number::PIPS]) + "\n", encoding="utf-8")
            # The lock contains all dependencies, and Python compiles modules when they are imported.
            settings = ["--require-hashes", "--no-deps", "--no-compile", "--disable-pip-version-check"]
            pips.append([str(python), "-m", "pip", "install", *settings, "--requirement", str(file)])
        run("install the packages", pips, total=len(lines))
    write_command(folder)
    run("fill the caches of Python and jsii", [[str(python), "-m", "wealist.toolkit.warm_up"]])


def requirements(lock: Mapping[str, Any]) -> list[str]:
    """Return every package of a `Pipfile.lock` with its hashes, as lines of a requirements file."""
    packages = {**lock["default"], **lock["develop"]}
    return [_requirement(name, packages[name]) for name in sorted(packages)]


def _requirement(name: str, package: Mapping[str, Any]) -> str:
    marker = f" ; {package['markers']}" if "markers" in package else ""
    return " ".join([f"{name}{package['version']}{marker}", *(f"--hash={each}" for each in package["hashes"])])


def write_command(folder: Path) -> None:
    """Write the command `wealist` into a virtualenv."""
    command = folder / "bin" / "wealist"
    command.write_text(COMMAND.format(python=folder / "bin" / "python", root=str(ROOT)), encoding="utf-8")
    command.chmod(0o755)


def run(title: str, programs: Sequence[Sequence[str]], *, total: int = 0) -> None:
    """Run programs concurrently, and show the elapsed time.

    Args:
        title: What they do.
        programs: The argument list of each.
        total: The number of packages that pip installs; 0 if the programs are not pip.

    Raises:
        SetUpError: A program failed. Its output has been printed.
    """
    line = Line(f"  {title}")
    with ExitStack() as opened:
        outputs = [opened.enter_context(tempfile.TemporaryFile("w+", errors="replace")) for _ in programs]
        running = [
            subprocess.Popen(program, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
            for program, output in zip(programs, outputs, strict=True)
        ]
        while any(process.poll() is None for process in running):
            line.show(f": {_fetched(outputs)} of {total} packages" if total else "")
            time.sleep(0.2)
        line.end()
        for process, output in zip(running, outputs, strict=True):
            if process.returncode:
                output.seek(0)
                report(output.read())
                raise SetUpError(f"{title}: exit code {process.returncode}")


class Line:
    """The current step and its elapsed time: one changing line on a terminal, else a line every few seconds."""

    def __init__(self, title: str) -> None:
        """Start the clock."""
        self._title = title
        self._began = time.monotonic()
        self._next = 0.0
        self._is_terminal = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"

    def show(self, count: str) -> None:
        """Show the elapsed time, after the count."""
        seconds = time.monotonic() - self._began
        if self._is_terminal:
            report(f"\r{self._title}{count}, {seconds:.0f} s", end="")
        elif seconds >= self._next:
            self._next = seconds + SHOWN_EVERY
            report(f"{self._title}{count}, {seconds:.0f} s")

    def end(self) -> None:
        """Show the total time."""
        begin, rest = ("\r", "\033[K") if self._is_terminal else ("", "")
        report(f"{begin}{self._title}: {time.monotonic() - self._began:.0f} s{rest}")


def _fetched(outputs: Sequence[IO[str]]) -> int:
    """Return the number of packages that pip has fetched. `pread` does not move the offset at which pip writes."""
    files = [output.fileno() for output in outputs]
    texts = [os.pread(file, os.fstat(file).st_size, 0).decode(errors="replace") for file in files]
    return sum(line.startswith(FETCHED) for text in texts for line in text.splitlines())


def report(text: str, *, end: str = "\n") -> None:
    """Print on stderr, unbuffered."""
    sys.stderr.write(text + end)
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(install_alone(Path(sys.argv[1]), sys.argv[2]) if sys.argv[2:] else main(sys.argv[1]))
