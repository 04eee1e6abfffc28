"""An operator's commands, as programs of their own, in the AWS that everything is applied to.

commands.run("plan", "dev", "--emulated")
commands.printed                              what each printed on stdout and stderr
commands.work                                 the folder that holds every file that they wrote
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
    """Runs `python -m wealist …` with a work folder of its own, where it finds the applied AWS as one kept up."""

    def __init__(self, applied: Applied, work: Path) -> None:
        self.work = work
        self.printed: list[str] = []
        out = {"WEALIST_WORK": str(work), "CDKTF_OUTDIR": str(work / "cdktf.out")}
        self._environ = dict(applied.environment()) | out
        self.lead_to(applied.environment())

    def lead_to(self, environ: Mapping[str, str]) -> None:
        """Have the commands find the AWS of an environment as the one that is kept up."""
        announced = self.work / "emulated" / "aws.json"
        announced.parent.mkdir(parents=True, exist_ok=True)
        announced.write_text(json.dumps({"pid": os.getpid(), "port": urlsplit(environ["AWS_ENDPOINT_URL"]).port}))

    def run(self, *args: str) -> None:
        """Run a command, which must succeed."""
        program = [sys.executable, "-m", "wealist", *args]
        done = subprocess.run(program, cwd=project.ROOT, env=self._environ, capture_output=True, text=True, check=False)
        self.printed.append(f"wealist {' '.join(args)}\n{done.stdout}{done.stderr}")
        assert done.returncode == 0, self.printed[-1]
