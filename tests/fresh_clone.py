"""Measure a fresh clone, `make plan` in it, and a second `make plan`. Part of `make bench`."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from rich.console import Console

from wealist.project import ROOT

MOST_SECONDS = {"from a fresh clone to the plan": 60, "the second `make plan`": 12}
"""Target durations on two cores, with packages in pip's cache."""


def measure_fresh_clone(console: Console) -> None:
    """Measure and print both durations.

    Raises:
        SystemExit: A plan failed; its own message stands above.
    """
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder, "wealist")
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)  # noqa: S607
        for title, most in MOST_SECONDS.items():
            busy = os.getloadavg()[0]
            seconds = _seconds_of_plan(clone)
            console.print(f"{title}: {seconds:.1f} s (target: at most {most}; load average before: {busy:.1f})")


def _seconds_of_plan(clone: Path) -> float:
    # The clone must use its own virtualenv, not that of the benchmark.
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("WEALIST_", "CDKTF_", "MAKE"))}
    python = f"{sys.base_prefix}/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    start = perf_counter()
    done = subprocess.run(
        ["make", "plan", f"PYTHON={python}"],  # noqa: S607
        cwd=clone,
        env=environ,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise SystemExit("`make plan` failed in a fresh clone")
    return perf_counter() - start


if __name__ == "__main__":
    measure_fresh_clone(Console())
