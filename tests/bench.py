"""Times whole commands against a named peer: `make bench`.

Each figure is the median of several runs in turn, after one that is not counted; memory is that of the largest single
process. Ratios are what counts: absolute times are one machine's. With cdktf's own loading, everything is off that is
there for speed alone.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.fresh_clone import measure_fresh_clone
from tests.growth import growth
from tests.matrix.columns import columns, set_up
from tests.measured import Run, Subject, measure

_ROOT = Path(__file__).parents[1]
# Not imported from wealist.toolkit.loading, which would prepare this process, and the ones it starts, to load fast.
_SWITCH = "WEALIST_FAST_LOADING"


UNPROVEN_MAIN = """
import sys, types
# In the place of all guards, so that not even their modules are loaded.
sys.modules["wealist.checks.check"] = types.SimpleNamespace(refuse_unproven=lambda *_: [])
import main
sys.exit(main.main())
"""
FAST = Subject("python main.py, every stack", {_SWITCH: "1"}, runs=9)
UNPROVEN = Subject("the same without the guardrails", {_SWITCH: "1"}, runs=9, arguments=("-c", UNPROVEN_MAIN))
STOCK = Subject("the same with cdktf's own loading", {_SWITCH: "0"}, runs=2)


LOADS = "import json, sys; json.loads(open(sys.argv[1]).read())"
"""The least that anything must do that reads a plan."""
REVIEWS = {10_000: 5, 50_000: 2}
"""Changes of a plan → how often its review is measured."""


def main() -> None:
    """Measures both and prints the table."""
    os.chdir(_ROOT)
    console = Console()
    table = Table(title="Synthesis of four stacks, whole process")
    for heading in ("command", "runs", "seconds (median)", "min to max", "MiB (peak)"):
        table.add_column(heading, justify="left" if heading == "command" else "right")
    subjects = (FAST, UNPROVEN, STOCK)
    runs: dict[str, list[Run]] = {subject.name: [] for subject in subjects}
    with tempfile.TemporaryDirectory() as outdir:
        for turn in range(1 + max(subject.runs for subject in subjects)):
            for subject in (each for each in subjects if turn <= each.runs):
                with console.status(f"{subject.name}, run {turn} of {subject.runs} ..."):
                    run = measure(subject, outdir)
                if turn:  # the first one warms up
                    runs[subject.name].append(run)
    medians = {name: statistics.median(run.seconds for run in found) for name, found in runs.items()}
    for name, found in runs.items():
        seconds = [run.seconds for run in found]
        table.add_row(
            name,
            str(len(found)),
            f"{medians[name]:.2f}",
            f"{min(seconds):.2f} to {max(seconds):.2f}",
            f"{max(run.memory for run in found):.0f}",
        )
    console.print(table)
    console.print(f"ratio: {medians[STOCK.name] / medians[FAST.name]:.1f} times as fast as cdktf's own loading")
    share = 1 - medians[UNPROVEN.name] / medians[FAST.name]
    console.print(f"guardrails: {share:.0%} of `python main.py` (at most 15 % are aimed at)")
    with_each_library(console)
    growth(console)
    review(console)
    measure_fresh_clone(console)


def with_each_library(console: Console) -> None:
    """Measures a synthesis with each column of the matrix, which it installs first, and prints them."""
    table = Table(title="Synthesis of four stacks with each library: seconds of processor, MiB (peak)")
    for heading in ("column", "fast loading", "the library's own"):
        table.add_column(heading, justify="left" if heading == "column" else "right")
    with tempfile.TemporaryDirectory() as outdir:
        for column in columns():
            set_up(column)
            cells = []
            for switch, times in (("1", 3), ("0", 1)):
                subject = Subject(column.name, {_SWITCH: switch}, times, python=column.python)
                if switch == "1":
                    measure(subject, outdir)  # warms up; the library's own loading keeps nothing
                runs = [measure(subject, outdir) for _ in range(subject.runs)]
                busy = statistics.median(run.busy for run in runs)
                cells.append(f"{busy:.1f}, {max(run.memory for run in runs):.0f}")
            table.add_row(f"{column.name} (AWS provider {column.provider})", *cells)
    console.print(table)


def review(console: Console) -> None:
    """Measures reviews of large plans, each as a whole process, against reading the same JSON, and prints them."""
    table = Table(title="Review of a plan, whole process")
    for heading in ("changes", "MB", "seconds of processor", "MiB (peak)", "json.loads: seconds, MiB", "ratio"):
        table.add_column(heading, justify="right")
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder, "plan.json")
        for changes, times in REVIEWS.items():
            with plan.open("w") as file:  # made by another process: what this one takes would count as the peak of all
                subprocess.run([sys.executable, "-m", "tests.plans.large", str(changes)], stdout=file, check=True)
            subjects = (
                Subject("review", {}, times, ("-m", "wealist", "review", str(plan), "--format", "markdown")),
                Subject("json.loads", {}, times, ("-c", LOADS, str(plan))),
            )
            runs = [[measure(subject, folder) for _ in range(subject.runs)] for subject in subjects]
            reviewed, loaded = (statistics.median(run.busy for run in each) for each in runs)
            peaks = [max(run.memory for run in each) for each in runs]
            table.add_row(
                f"{changes:,}",
                f"{plan.stat().st_size / 1_000_000:.0f}",
                f"{reviewed:.1f}",
                f"{peaks[0]:.0f}",
                f"{loaded:.2f}, {peaks[1]:.0f}",
                f"{reviewed / loaded:.1f}",
            )
    console.print(table)


if __name__ == "__main__":
    main()
