"""Print the steps of a command on stderr, each with its duration.

on a terminal   one live line for each running step, with elapsed time and count; replaced by a line with the result
elsewhere       plain lines: at the start, at most every ten seconds with the count, and at the end with the result
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from wealist.errors import OperatorError, ToolFailedError, from_os_error

stderr = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
COUNTED_EVERY: Final = 10.0
"""Seconds between two lines of one step without a terminal."""
_INTERRUPTED: Final = 130
"""The exit code that shells report for a program ended by Ctrl-C."""


class Step:
    """A running step of a command."""

    def __init__(self, title: str, shown: "_Live | None") -> None:
        """Start the step.

        Args:
            title: What the step does.
            shown: The live lines of the terminal; None without a terminal.
        """
        self._title = title
        self._shown = shown
        self._started = self._counted = time.monotonic()
        self._task = shown.add(title) if shown else None
        self._after = ""
        if not shown:
            stderr.print(f"{title} ...", markup=False)

    def count(self, done: int, total: int, what: str) -> None:
        """Show the progress: `12 of 177 resources`."""
        words = f"{done} of {total} {what}"
        if self._shown and self._task is not None:
            self._shown.describe(self._task, f"{self._title}: {words}")
        elif time.monotonic() - self._counted >= COUNTED_EVERY:
            self._counted = time.monotonic()
            stderr.print(f"{self._title}: {words}, {self._seconds():.0f} s", markup=False)

    def add(self, words: str) -> None:
        """Append text to the line with the result, such as a file's path."""
        self._after += f" {words}"

    def end(self, *, succeeded: bool) -> None:
        """Replace the live line by the line with the result."""
        if self._shown and self._task is not None:
            self._shown.remove(self._task)
        good, bad = ("✓", "✗") if _prints("✓✗") else ("done:", "failed:")
        mark = f"[green]{good}[/]" if succeeded else f"[red]{bad}[/]"
        stderr.print(f"{mark} {escape(self._title)} [dim]{self._seconds():.1f} s[/]{escape(self._after)}")

    def _seconds(self) -> float:
        return time.monotonic() - self._started


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Show one step of a command. Several steps may run concurrently.

    Args:
        title: What the step does.
    """
    working = Step(title, _live if stderr.is_terminal and not stderr.is_dumb_terminal else None)
    succeeded = False
    try:
        yield working
        succeeded = True
    finally:
        working.end(succeeded=succeeded)


def note(text: str) -> None:
    """Print a line that does not belong to a step."""
    stderr.print(f"[yellow]{'·' if _prints('·') else '-'}[/] {escape(text)}")


def print_output(text: str) -> None:
    """Print another program's output on stderr, wrapped between words on a terminal."""
    for line in text.splitlines():
        stderr.print(line, markup=False, soft_wrap=not stderr.is_terminal)


def print_error(error: OperatorError) -> None:
    """Print an error and its remedy."""
    stderr.print(f"[bold red]error:[/] {escape(error.message)}\n[bold]remedy:[/] {escape(error.remedy)}")


def run_program(program: Callable[[], int | None]) -> NoReturn:
    """Run a program, and exit with its exit code. Print an `OperatorError` or `OSError` as two lines."""
    try:
        try:
            sys.exit(program())
        except OSError as error:
            raise from_os_error(error) from None
    except OperatorError as error:
        print_error(error)
        sys.exit(error.exit_code)
    except ToolFailedError as failed:
        sys.exit(failed.exit_code)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


def _prints(characters: str) -> bool:
    """Return whether the encoding of stderr has these characters."""
    try:
        characters.encode(stderr.encoding)
    except UnicodeEncodeError:
        return False
    return True


class _Live:
    """The live lines of all running steps. rich draws them while there is at least one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._progress: Progress | None = None

    def add(self, title: str) -> TaskID:
        with self._lock:
            if self._progress is None:
                columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
                # rich draws around the output on stdout if that is the terminal, and must not redirect it otherwise.
                own = sys.stdout.isatty()
                self._progress = Progress(*columns, console=stderr, transient=True, redirect_stdout=own)
                self._progress.start()
            return self._progress.add_task(title, total=None)

    def describe(self, task: TaskID, text: str) -> None:
        with self._lock:
            if self._progress:
                self._progress.update(task, description=text)

    def remove(self, task: TaskID) -> None:
        with self._lock:
            if self._progress:
                self._progress.remove_task(task)
                if not self._progress.tasks:
                    self._progress.stop()
                    self._progress = None


_live = _Live()
