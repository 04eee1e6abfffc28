"""A folder that simulates an instance, for scripts that would change the machine they run on.

The paths in a script are replaced by paths in the folder. PATH contains only stand-ins, which log their calls, and a
few harmless tools, so a script cannot change anything else.
"""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_FOLDERS: Final = (
    "bin",
    "dev",
    "etc/systemd/system",
    "home/root",
    "home/ec2-user",
    "run",
    "tmp",
    "usr/local/sbin",
    "var/log",
)
_MOVED: Final = re.compile(r"(?<![\w.])/(etc|var|usr/local|home|root|run|dev/console|dev/disk)(?=/|\b)")

# Owners cannot be set without being root.
_INSTALL: Final = """
    while [ $# -gt 0 ]; do
      case $1 in -o | -g) shift 2 ;; *) args+=("$1"); shift ;; esac
    done
    exec REAL_INSTALL "${args[@]}" """


def real(tool: str) -> str:
    """Return the path of a tool of this machine."""
    path = shutil.which(tool)
    assert path is not None, f"{tool} is not on PATH"
    return path


class Instance:
    """A simulated instance.

    Attributes:
        root: The folder.
    """

    def __init__(self, root: Path, *, tools: tuple[str, ...], stand_ins: Mapping[str, str]) -> None:
        """Create the folder's content.

        Args:
            root: An empty folder.
            tools: Tools of this machine that scripts may use.
            stand_ins: Name → script in bash. `$ROOT` is the folder.
        """
        self.root = root
        self._bin = root / "bin"
        for folder in _FOLDERS:
            (root / folder).mkdir(parents=True)
        for tool in ("bash", *tools):
            (self._bin / tool).symlink_to(real(tool))
        for name, body in ({"install": _INSTALL} | dict(stand_ins)).items():
            self.stand_in(name, body)

    def stand_in(self, name: str, body: str) -> None:
        """Add a stand-in, or replace one."""
        program = self._bin / name
        program.write_text(
            f'#!{real("bash")}\nset -e\necho "{name} $*" >> "$ROOT/calls"\n'
            f"{body.replace('REAL_INSTALL', real('install'))}\n"
        )
        program.chmod(0o755)

    def moved(self, script: str) -> str:
        """Return a script whose paths are replaced by paths in the folder."""
        return _MOVED.sub(rf"{self.root}/\1", script)

    def run(self, *argv: str, stdin: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run bash with a minimal process environment, like that of cloud-init, systemd and CodeDeploy's agent."""
        env = {"PATH": str(self._bin), "ROOT": str(self.root), "TMPDIR": str(self.root / "tmp")} | environment
        bash = str(self._bin / "bash")
        return subprocess.run(
            [bash, *argv], input=stdin, env=env, text=True, capture_output=True, check=False, timeout=120
        )

    def calls(self, pattern: str = "") -> list[str]:
        """Return the calls of stand-ins that match a pattern, in order."""
        log = self.root / "calls"
        lines = log.read_text().splitlines() if log.exists() else []
        return [line for line in lines if re.search(pattern, line)]

    def put(self, path: str, content: str = "") -> Path:
        """Write a file of the folder."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        return file
