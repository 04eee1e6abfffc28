"""One line per step on stderr, with the seconds it took; a spinner only where somebody watches."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

stderr = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def step(title: str, *, streams: bool = False) -> Iterator[None]:
    """Show one step of a command.

    Args:
        title: What is being done.
        streams: The step prints output of its own. No spinner then: it would be drawn into that output.
    """
    started = time.monotonic()
    mark = "[red]✗[/]"
    try:
        with _spinner(title) if stderr.is_terminal and not streams else nullcontext():
            yield
        mark = "[green]✓[/]"
    finally:
        stderr.print(f"{mark} {escape(title)} [dim]{time.monotonic() - started:.1f} s[/]")


def note(text: str) -> None:
    """Say something that is not a step."""
    stderr.print(f"[yellow]·[/] {escape(text)}")


def _spinner(title: str) -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    spinner = Progress(*columns, console=stderr, transient=True)
    spinner.add_task(escape(title), total=None)
    return spinner
