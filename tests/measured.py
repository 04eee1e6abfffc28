"""One run of a command, measured: for `make bench`."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

_MIB = 1024


@dataclass(frozen=True)
class Run:
    """One run of a command: seconds of wall time and of the processor, and MiB at the peak."""

    seconds: float
    busy: float
    memory: float


@dataclass(frozen=True)
class Subject:
    """What is timed: a Python with some arguments, under some environment variables, a number of times."""

    name: str
    variables: Mapping[str, str]
    runs: int
    arguments: tuple[str, ...] = ("main.py",)
    python: Path = Path(sys.executable)


def measure(subject: Subject, outdir: str) -> Run:
    """Runs a command once.

    Raises:
        SystemExit: it failed; its own message stands above.
    """
    arguments = [str(subject.python), *subject.arguments]
    variables = {**os.environ, **subject.variables, "CDKTF_OUTDIR": outdir}
    with Path(os.devnull).open("w") as nowhere:
        start = perf_counter()
        process = os.posix_spawn(
            subject.python,
            arguments,
            variables,
            file_actions=[(os.POSIX_SPAWN_DUP2, nowhere.fileno(), descriptor) for descriptor in (1, 2)],
        )
        # wait4 tells the peak of the process and its children: jsii's Node is the largest of them.
        _, status, usage = os.wait4(process, 0)
        seconds = perf_counter() - start
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{subject.name}: failed; run `python {' '.join(subject.arguments)}` by hand to see why")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / _MIB)
