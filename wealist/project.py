"""The project's folders, its environments, its synthesis, and locks between its commands."""

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

from wealist.errors import BAD_INPUT, OperatorError, ToolFailedError, naming_file, unknown_name
from wealist.spec.account import SHARED_STACKS
from wealist.spec.environment import Environment
from wealist.spec.environments import load, names
from wealist.spec.problems import SpecError

ROOT: Final = Path(__file__).resolve().parents[1]
WORK: Final = Path(os.environ.get("WEALIST_WORK", ROOT / ".wealist")).absolute()
"""The folder for all files that operations write; never committed, safe to delete. WEALIST_WORK sets it."""


def load_environments() -> list[Environment]:
    """Return every committed environment, validated.

    Raises:
        OperatorError: An environment is not valid; exit code 2.
    """
    try:
        return load()
    except SpecError as error:
        remedy = "correct the files of wealist/spec/environments"
        raise OperatorError(str(error), remedy=remedy, exit_code=BAD_INPUT) from None


def load_environment(name: str) -> Environment:
    """Return one committed environment, validated.

    Raises:
        OperatorError: The environment is unknown or not valid; exit code 2.
    """
    known = names()
    if name not in known:
        raise unknown_name("environment", name, known)
    try:
        (environment,) = load([name])
    except SpecError as error:
        remedy = f"correct wealist/spec/environments/{name}.py"
        raise OperatorError(str(error), remedy=remedy, exit_code=BAD_INPUT) from None
    return environment


def synthesized_folder() -> Path:
    """Return the folder that `main.py` writes: CDKTF_OUTDIR, as for the cdktf CLI, or `cdktf.out`."""
    return ROOT / os.environ.get("CDKTF_OUTDIR", "cdktf.out")


def display_path(path: Path) -> Path:
    """Return a path relative to the current folder if it is below it; else return it unchanged."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def synthesize(into: Path | None = None) -> None:
    """Run `main.py`, and pass its warnings and errors on to stderr.

    Args:
        into: The folder to write. Defaults to `synthesized_folder()`.

    Raises:
        ToolFailedError: The synthesis failed; it has the exit code of `main.py`.
    """
    _run(["main.py"], {"CDKTF_OUTDIR": str(into)} if into else {})


def synthesize_unproven(into: Path) -> None:
    """Run `main.py` without its proofs (WEALIST_UNPROVEN), and show its stderr only if it fails."""
    _run(["main.py"], {"CDKTF_OUTDIR": str(into), "WEALIST_UNPROVEN": "1"}, warnings=False)


def synthesize_variants(values: Sequence[str], into: Sequence[Path]) -> None:
    """Synthesize several environments with other values than the committed ones, in one process.

    Args:
        values: Each an `Environment` as JSON.
        into: The folder to write for each.
    """
    _run(["-m", "wealist.stacks.variant", *map(str, into)], {}, stdin="".join(f"{each}\n" for each in values))


def _run(program: list[str], settings: Mapping[str, str], *, stdin: str = "", warnings: bool = True) -> None:
    """Run a program. Print its stderr when it ends, because a live step may occupy the terminal until then."""
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
        from wealist.progress import print_output  # noqa: PLC0415 -- `main.py` imports this module, and not rich

        print_output(run.stderr)
    if run.returncode:
        raise ToolFailedError(run.returncode)


def stack_names(root: Path | None = None) -> list[str]:
    """Return the stacks in cdktf's manifest. The folder may hold further ones, of earlier syntheses."""
    manifest = json.loads(((root or synthesized_folder()) / "manifest.json").read_text())
    return sorted(manifest["stacks"])


def refuse_unknown_stack(stack: str) -> None:
    """Refuse an unknown stack before anything is synthesized.

    Raises:
        OperatorError: The stack is neither shared nor an environment; exit code 2.
    """
    known = [*SHARED_STACKS, *names()]
    if stack not in known:
        raise unknown_name("stack", stack, known)


def stack_folder(name: str, root: Path | None = None) -> Path:
    """Return the synthesized folder of a stack.

    Args:
        name: The stack.
        root: The output of a synthesis. Defaults to `synthesized_folder()`.

    Raises:
        OperatorError: The synthesis has no such stack; exit code 2.
    """
    root = root or synthesized_folder()
    known = stack_names(root)
    if name not in known:
        raise unknown_name("stack", name, known)
    return root / "stacks" / name


@contextmanager
def exclusive_lock(name: str, *, wait: bool = False) -> Iterator[None]:
    """Hold a lock that no other command can take. The kernel releases it when the process ends.

    Args:
        name: What is locked, as error messages name it.
        wait: Wait for the other command instead of failing. For locks that are held for seconds.

    Raises:
        OperatorError: Another command holds the lock.
    """
    path = WORK / "locks" / f"{quote(name, safe='')}.lock"  # an operator's input may be part of the name
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
        with naming_file(path):
            lock.truncate(0)
            os.write(lock.fileno(), str(os.getpid()).encode())  # unbuffered: closing the file must not write again
        yield
