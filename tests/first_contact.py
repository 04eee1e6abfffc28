"""Times what somebody does first: a fresh clone, `make plan`, and `make plan` again. Part of `make bench`."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from rich.console import Console

from wealist.project import ROOT

MOST_SECONDS = {"from a fresh clone to the plan": 60, "the second `make plan`": 12}
"""What is aimed at, on two cores and with pip's cache warm."""


def first_contact(console: Console) -> None:
    """Measures and prints both.

    Raises:
        SystemExit: a plan failed; its own message stands above.
    """
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder, "wealist")
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)  # noqa: S607
        for title, most in MOST_SECONDS.items():
            busy = os.getloadavg()[0]
            seconds = _seconds_of_plan(clone)
            console.print(f"{title}: {seconds:.1f} s (at most {most} are aimed at; load before it {busy:.1f})")


def _seconds_of_plan(clone: Path) -> float:
    # The virtualenv that runs the benchmark must not be found in place of the clone's.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WEALIST_", "CDKTF_", "MAKE"))}
    python = f"{sys.base_prefix}/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    start = perf_counter()
    done = subprocess.run(
        ["make", "plan", f"PYTHON={python}"],  # noqa: S607
        cwd=clone,
        env=kept,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise SystemExit("`make plan` failed in a fresh clone")
    return perf_counter() - start


if __name__ == "__main__":
    first_contact(Console())
