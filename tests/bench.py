"""Times whole commands against a named peer: `make bench`.

Each figure is the median of several runs in turn, after one that is not counted; memory is that of the largest single
process. Ratios are what counts: absolute times are one machine's.
"""

import os
import statistics
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.table import Table

_ROOT = Path(__file__).parents[1]
_MIB = 1024
# Not imported from wealist.toolkit.loading, which would prepare this process, and the ones it starts, to load fast.
_SWITCH = "WEALIST_FAST_LOADING"


@dataclass(frozen=True)
class Run:
    """One run of a command: seconds of wall time, and MiB at the peak."""

    seconds: float
    memory: float


@dataclass(frozen=True)
class Subject:
    """What is timed: `python main.py` under some environment variables, a number of times."""

    name: str
    variables: Mapping[str, str]
    runs: int


FAST = Subject("python main.py, every stack", {_SWITCH: "1"}, runs=7)
STOCK = Subject("the same with cdktf's own loading", {_SWITCH: "0"}, runs=2)


def measure(subject: Subject, outdir: str) -> Run:
    """Runs the synthesis once.

    Raises:
        SystemExit: it failed; its own message stands above.
    """
    arguments = [sys.executable, "main.py"]
    variables = {**os.environ, **subject.variables, "CDKTF_OUTDIR": outdir}
    with Path(os.devnull).open("w") as nowhere:
        start = perf_counter()
        process = os.posix_spawn(
            sys.executable,
            arguments,
            variables,
            file_actions=[(os.POSIX_SPAWN_DUP2, nowhere.fileno(), descriptor) for descriptor in (1, 2)],
        )
        # wait4 tells the peak of the process and its children: jsii's Node is the largest of them.
        _, status, usage = os.wait4(process, 0)
        seconds = perf_counter() - start
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"`{' '.join(arguments)}` failed; run it by hand to see why")
    return Run(seconds, usage.ru_maxrss / _MIB)


def main() -> None:
    """Measures both and prints the table."""
    os.chdir(_ROOT)
    console = Console()
    table = Table(title="Synthesis of four stacks, whole process")
    for heading in ("command", "runs", "seconds (median)", "min to max", "MiB (peak)"):
        table.add_column(heading, justify="left" if heading == "command" else "right")
    medians = {}
    with tempfile.TemporaryDirectory() as outdir:
        for subject in (FAST, STOCK):
            with console.status(f"{subject.name} ..."):
                measure(subject, outdir)
                runs = [measure(subject, outdir) for _ in range(subject.runs)]
            seconds = [run.seconds for run in runs]
            medians[subject.name] = statistics.median(seconds)
            table.add_row(
                subject.name,
                str(subject.runs),
                f"{medians[subject.name]:.2f}",
                f"{min(seconds):.2f} to {max(seconds):.2f}",
                f"{max(run.memory for run in runs):.0f}",
            )
    console.print(table)
    console.print(f"ratio: {medians[STOCK.name] / medians[FAST.name]:.1f} times as fast as cdktf's own loading")


if __name__ == "__main__":
    main()
