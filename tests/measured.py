"""Measure a run of a command for `make bench`."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

_MIB = 1024


@dataclass(frozen=True)
class Run:
    """Measurements of one run.

    Attributes:
        seconds: Wall time.
        busy: CPU time, in seconds.
        memory: Peak memory, in MiB.
    """

    seconds: float
    busy: float
    memory: float


@dataclass(frozen=True)
class Subject:
    """A Python command to measure.

    Attributes:
        variables: Additional variables of the process environment.
        runs: Number of runs.
    """

    name: str
    variables: Mapping[str, str]
    runs: int
    arguments: tuple[str, ...] = ("main.py",)
    python: Path = Path(sys.executable)


def measure(subject: Subject, outdir: str) -> Run:
    """Run a command once, with `outdir` as `CDKTF_OUTDIR`, and return the measurements.

    Raises:
        SystemExit: The command failed.
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
        # wait4 returns the peak of the process and its children; the largest one is jsii's Node process.
        _, status, usage = os.wait4(process, 0)
        seconds = perf_counter() - start
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{subject.name}: failed; run `python {' '.join(subject.arguments)}` by hand to see why")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / _MIB)
