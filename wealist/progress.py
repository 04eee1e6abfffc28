"""Steps of a command on stderr: each is shown when it starts, and how long it took when it ends.

on a terminal   one live line for each step at work, with elapsed time and count; it becomes its last line
elsewhere       plain lines: one when a step starts, one every ten seconds where it counts, one when it ends
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

from wealist.errors import OperatorError, ToolFailedError, of_system

stderr = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
COUNTED_EVERY: Final = 10.0
"""Seconds between two lines of one step, where there is no terminal."""
_INTERRUPTED: Final = 130
"""What shells give a program that Ctrl-C ended."""


class Step:
    """A step at work."""

    def __init__(self, title: str, shown: "_Live | None") -> None:
        """Begin it.

        Args:
            title: What is being done.
            shown: The live lines of a terminal; None elsewhere.
        """
        self._title = title
        self._shown = shown
        self._started = self._counted = time.monotonic()
        self._task = shown.add(title) if shown else None
        self._after = ""
        if not shown:
            stderr.print(f"{title} ...", markup=False)

    def count(self, done: int, total: int, what: str) -> None:
        """Show how far it is: `12 of 177 resources`."""
        words = f"{done} of {total} {what}"
        if self._shown and self._task is not None:
            self._shown.describe(self._task, f"{self._title}: {words}")
        elif time.monotonic() - self._counted >= COUNTED_EVERY:
            self._counted = time.monotonic()
            stderr.print(f"{self._title}: {words}, {self._seconds():.0f} s", markup=False)

    def add(self, words: str) -> None:
        """Add words to its last line: where a file lies."""
        self._after += f" {words}"

    def end(self, *, succeeded: bool) -> None:
        """Replace its live line by its last one."""
        if self._shown and self._task is not None:
            self._shown.remove(self._task)
        good, bad = ("✓", "✗") if _prints("✓✗") else ("done:", "failed:")
        mark = f"[green]{good}[/]" if succeeded else f"[red]{bad}[/]"
        stderr.print(f"{mark} {escape(self._title)} [dim]{self._seconds():.1f} s[/]{escape(self._after)}")

    def _seconds(self) -> float:
        return time.monotonic() - self._started


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Show one step of a command; several may be at work at once.

    Args:
        title: What is being done.
    """
    working = Step(title, _live if stderr.is_terminal and not stderr.is_dumb_terminal else None)
    succeeded = False
    try:
        yield working
        succeeded = True
    finally:
        working.end(succeeded=succeeded)


def note(text: str) -> None:
    """Print a line that is not a step."""
    stderr.print(f"[yellow]{'·' if _prints('·') else '-'}[/] {escape(text)}")


def pass_on(text: str) -> None:
    """Print what another program printed on stderr. A terminal gets lines that are folded between words."""
    for line in text.splitlines():
        stderr.print(line, markup=False, soft_wrap=not stderr.is_terminal)


def failure(error: OperatorError) -> None:
    """Print an operator's error: what happened, and what to do."""
    stderr.print(f"[bold red]error:[/] {escape(error.message)}\n[bold]remedy:[/] {escape(error.remedy)}")


def run_program(program: Callable[[], int | None]) -> NoReturn:
    """Run a program and end with its exit code; show what an operator can act on as two lines."""
    try:
        try:
            sys.exit(program())
        except OSError as error:
            raise of_system(error) from None
    except OperatorError as error:
        failure(error)
        sys.exit(error.exit_code)
    except ToolFailedError as failed:
        sys.exit(failed.exit_code)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


def _prints(characters: str) -> bool:
    """Whether stderr's encoding has them."""
    try:
        characters.encode(stderr.encoding)
    except UnicodeEncodeError:
        return False
    return True


class _Live:
    """The lines of all steps at work. rich draws them while there is one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._progress: Progress | None = None

    def add(self, title: str) -> TaskID:
        with self._lock:
            if self._progress is None:
                columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
                # What a step prints on stdout must not be drawn into, where it is a terminal, nor moved, where not.
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
