"""Operators' commands as subprocesses that use the applied embedded AWS.

commands.run("plan", "dev", "--emulated")
commands.printed                              the stdout and stderr of each command
commands.work                                 the folder with all files that they wrote
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from tests.integration.applied.everything import Applied
from wealist import project


class Commands:
    """Runs `python -m wealist …` with a separate work folder, whose kept embedded AWS is the applied one."""

    def __init__(self, applied: Applied, work: Path) -> None:
        self.work = work
        self.printed: list[str] = []
        out = {"WEALIST_WORK": str(work), "CDKTF_OUTDIR": str(work / "cdktf.out")}
        self._environ = dict(applied.environment()) | out
        self.use(applied.environment())

    def use(self, environ: Mapping[str, str]) -> None:
        """Make the embedded AWS of a process environment the kept one."""
        announced = self.work / "emulated" / "aws.json"
        announced.parent.mkdir(parents=True, exist_ok=True)
        announced.write_text(json.dumps({"pid": os.getpid(), "port": urlsplit(environ["AWS_ENDPOINT_URL"]).port}))

    def run(self, *args: str) -> None:
        """Run a command, and assert that it succeeds."""
        program = [sys.executable, "-m", "wealist", *args]
        done = subprocess.run(program, cwd=project.ROOT, env=self._environ, capture_output=True, text=True, check=False)
        self.printed.append(f"wealist {' '.join(args)}\n{done.stdout}{done.stderr}")
        assert done.returncode == 0, self.printed[-1]
