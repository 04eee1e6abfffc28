"""Install everything into `.venv`: `python3 -m wealist.set_up DIGEST`, by a Python that has no packages yet.

`python3 -m wealist.set_up FOLDER REQUIREMENT` installs one package into a virtualenv of its own.

Pipfile.lock ─ two pips at once ─► .venv ─ caches ─► .venv/bin/wealist ─► .venv/.installed-DIGEST

pip alone resolves nothing here: the lock names every version with its hashes. Two at once share the work of unpacking.
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

from wealist.errors import of_system

ROOT: Final = Path(__file__).resolve().parents[1]
PIPS: Final = 2
SHOWN_EVERY: Final = 4.0
"""Seconds between two lines where there is no terminal."""
FETCHED: Final = ("Collecting ", "Processing ", "Requirement already satisfied")
"""What pip prints of each package, once."""

COMMAND: Final = """\
#!{python}
# The command of the checkout that one stands in, else of the one whose .venv this is, or that made this virtualenv.
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
    """A step failed; what it printed has been shown."""


def main(digest: str) -> int:
    """Set up. Returns the exit code.

    Args:
        digest: Of all that decides what is installed. The virtualenv is up to date when it bears it.
    """
    folder = (ROOT / ".venv").resolve()  # it may be a link

    def steps() -> None:
        install(folder)
        for old in folder.glob(".installed-*"):
            old.unlink()
        (folder / f".installed-{digest}").touch()

    report(f"setting up {folder} (once)")
    return _exit_code(steps)


def install_alone(folder: Path, requirement: str) -> int:
    """Install one package into a new virtualenv of its own. Returns the exit code.

    Args:
        folder: The virtualenv; `.installed` in it says that it is whole.
        requirement: The package, with its version.
    """

    def steps() -> None:
        run("create a virtualenv", [[sys.executable, "-m", "venv", "--clear", str(folder)]])
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", requirement]
        run(f"install {requirement}", [pip])
        (folder / ".installed").touch()

    report(f"setting up {folder} (once)")
    return _exit_code(steps)


def _exit_code(steps: Callable[[], None]) -> int:
    """Take steps, and show why they could not be taken."""
    try:
        steps()
    except SetUpError as failure:
        report(f"error: {failure}\nremedy: remove the cause that is named above, and run make again")
        return 1
    except OSError as error:
        refused = of_system(error)
        report(f"error: {refused.message}\nremedy: {refused.remedy}")
        return refused.exit_code
    return 0


def install(folder: Path) -> None:
    """Bring a virtualenv up to date; what is there already is left alone."""
    python = folder / "bin" / "python"
    pip_is_there = python.exists() and not subprocess.run([python, "-c", "import pip"], check=False).returncode
    if not pip_is_there:
        run("create the virtualenv", [[sys.executable, "-m", "venv", str(folder)]])
    lines = requirements(json.loads((ROOT / "Pipfile.lock").read_text(encoding="utf-8")))
    with tempfile.TemporaryDirectory() as lists:
        pips = []
        for number in range(PIPS):
            file = Path(lists, f"{number}.txt")
            file.write_text("\n".join(lines[number::PIPS]) + "\n", encoding="utf-8")
            # What pip does not do: dependencies are in the lock, and Python compiles what it imports.
            settings = ["--require-hashes", "--no-deps", "--no-compile", "--disable-pip-version-check"]
            pips.append([str(python), "-m", "pip", "install", *settings, "--requirement", str(file)])
        run("install the packages", pips, total=len(lines))
    write_command(folder)
    run("fill the caches of Python and jsii", [[str(python), "-m", "wealist.toolkit.warm_up"]])


def requirements(lock: Mapping[str, Any]) -> list[str]:
    """Every package of a `Pipfile.lock` with its hashes, as lines of a requirements file."""
    packages = {**lock["default"], **lock["develop"]}
    return [_requirement(name, packages[name]) for name in sorted(packages)]


def _requirement(name: str, package: Mapping[str, Any]) -> str:
    marker = f" ; {package['markers']}" if "markers" in package else ""
    return " ".join([f"{name}{package['version']}{marker}", *(f"--hash={each}" for each in package["hashes"])])


def write_command(folder: Path) -> None:
    """Write the command `wealist` of a virtualenv."""
    command = folder / "bin" / "wealist"
    command.write_text(COMMAND.format(python=folder / "bin" / "python", root=str(ROOT)), encoding="utf-8")
    command.chmod(0o755)


def run(title: str, programs: Sequence[Sequence[str]], *, total: int = 0) -> None:
    """Run programs at once, and show how long they take.

    Args:
        title: What they do.
        programs: Their arguments.
        total: How many packages pip is to fetch.

    Raises:
        SetUpError: one of them failed; all that it printed is shown.
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
    """What is being done and for how long: a line that changes on a terminal, else one every few seconds."""

    def __init__(self, title: str) -> None:
        """Begin to count."""
        self._title = title
        self._began = time.monotonic()
        self._next = 0.0
        self._is_terminal = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"

    def show(self, count: str) -> None:
        """Show it once more."""
        seconds = time.monotonic() - self._began
        if self._is_terminal:
            report(f"\r{self._title}{count}, {seconds:.0f} s", end="")
        elif seconds >= self._next:
            self._next = seconds + SHOWN_EVERY
            report(f"{self._title}{count}, {seconds:.0f} s")

    def end(self) -> None:
        """Show how long it took."""
        begin, rest = ("\r", "\033[K") if self._is_terminal else ("", "")
        report(f"{begin}{self._title}: {time.monotonic() - self._began:.0f} s{rest}")


def _fetched(outputs: Sequence[IO[str]]) -> int:
    """How many packages the pips have fetched. Reads without moving where they write."""
    files = [output.fileno() for output in outputs]
    texts = [os.pread(file, os.fstat(file).st_size, 0).decode(errors="replace") for file in files]
    return sum(line.startswith(FETCHED) for text in texts for line in text.splitlines())


def report(text: str, *, end: str = "\n") -> None:
    """Print on stderr, at once."""
    sys.stderr.write(text + end)
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(install_alone(Path(sys.argv[1]), sys.argv[2]) if sys.argv[2:] else main(sys.argv[1]))
