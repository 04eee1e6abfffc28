"""Where things lie in this project, and how the stacks are synthesized."""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from wealist.errors import OperatorError, ToolFailedError, unknown, writing
from wealist.spec.account import SHARED_STACKS
from wealist.spec.environments import names

ROOT: Final = Path(__file__).resolve().parents[1]
WORK: Final = Path(os.environ.get("WEALIST_WORK", ROOT / ".wealist")).absolute()
"""Everything the operations write: never committed, safe to delete. A setting moves it, as for tests."""


def synthesized() -> Path:
    """The folder that `main.py` writes. `CDKTF_OUTDIR` moves it, as it does for the cdktf CLI."""
    return ROOT / os.environ.get("CDKTF_OUTDIR", "cdktf.out")


def shown(path: Path) -> Path:
    """A path as an operator reads it: from the current folder, where it lies below it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def synthesize(into: Path | None = None) -> None:
    """Run `main.py`.

    Its warnings and errors go to stderr, and the paths that it prints nowhere. A failure keeps its exit code.

    Args:
        into: The folder to write, where it is not to be `synthesized()`.
    """
    _run(["main.py"], {"CDKTF_OUTDIR": str(into)} if into else {})


def synthesize_unproven(into: Path) -> None:
    """Run `main.py` for a look at what it writes, proven or not (`WEALIST_UNPROVEN`). Its warnings are not shown."""
    _run(["main.py"], {"CDKTF_OUTDIR": str(into), "WEALIST_UNPROVEN": "1"}, warnings=False)


def synthesize_variant(values: str, into: Path) -> None:
    """Synthesize one environment as it might be.

    Args:
        values: An `Environment` as JSON.
        into: The folder to write.
    """
    synthesize_variants([values], [into])


def synthesize_variants(values: Sequence[str], into: Sequence[Path]) -> None:
    """Synthesize environments as they might be, in one process.

    Args:
        values: Each an `Environment` as JSON.
        into: The folder to write of each.
    """
    _run(["-m", "wealist.stacks.variant", *map(str, into)], {}, stdin="".join(f"{each}\n" for each in values))


def _run(program: list[str], settings: Mapping[str, str], *, stdin: str = "", warnings: bool = True) -> None:
    """Run a program that synthesizes. What it prints on stderr comes at its end: a step may be on the terminal."""
    run = subprocess.run(
        [sys.executable, *program],
        cwd=ROOT,
        env=os.environ | settings,
        input=stdin,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if run.returncode or warnings:
        from wealist.progress import pass_on  # noqa: PLC0415 -- `main.py`, which only asks where things lie, draws nothing

        pass_on(run.stderr)
    if run.returncode:
        raise ToolFailedError(run.returncode)


def stack_names(root: Path | None = None) -> list[str]:
    """Every stack of a synthesis, by cdktf's manifest: the folder may hold older ones."""
    manifest = json.loads(((root or synthesized()) / "manifest.json").read_text())
    return sorted(manifest["stacks"])


def refuse_unknown(stack: str) -> None:
    """Refuse the name of no stack before anything is synthesized for it, with the nearest known one."""
    known = [*SHARED_STACKS, *names()]
    if stack not in known:
        raise unknown("stack", stack, known)


def stack_folder(name: str, root: Path | None = None) -> Path:
    """The synthesized folder of one stack; an unknown name is refused with the nearest known one.

    Args:
        name: The stack's.
        root: What was synthesized, where it is not `synthesized()`.
    """
    root = root or synthesized()
    known = stack_names(root)
    if name not in known:
        raise unknown("stack", name, known)
    return root / "stacks" / name


@contextmanager
def exclusive(name: str, *, wait: bool = False) -> Iterator[None]:
    """Hold a lock that no second command can take; the kernel frees it, however the holder ends.

    Args:
        name: What is locked, as the operator would call it.
        wait: Wait for the other command: right where it takes seconds.
    """
    path = WORK / "locks" / f"{quote(name, safe='')}.lock"  # the name may be anything that an operator typed
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            lock.seek(0)
            raise OperatorError(
                f"another command is working on {name} (process {lock.read().strip() or 'unknown'})",
                remedy="wait until it has ended, or stop it",
            ) from None
        with writing(path):
            lock.truncate(0)
            os.write(lock.fileno(), str(os.getpid()).encode())  # past the buffer: closing would write it once more
        yield
