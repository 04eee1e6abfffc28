"""A folder that plays an instance, for scripts that would change the machine they run on.

Every path of a script is moved into the folder, and PATH holds nothing but stand-ins, which write down how they were
called, and a few harmless tools: a run can touch nothing else.
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
    """The path of a tool of this machine."""
    path = shutil.which(tool)
    assert path is not None, f"{tool} is not on PATH"
    return path


class Instance:
    """The folder, and what runs in it.

    Attributes:
        root: the folder.
    """

    def __init__(self, root: Path, *, tools: tuple[str, ...], stand_ins: Mapping[str, str]) -> None:
        """Lays the folder out.

        Args:
            root: an empty folder.
            tools: of this machine that scripts may use as they are.
            stand_ins: name → body in bash, which has `$ROOT` and its arguments.
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
        """Puts a stand-in in the place of a program, or of an earlier stand-in."""
        program = self._bin / name
        program.write_text(
            f'#!{real("bash")}\nset -e\necho "{name} $*" >> "$ROOT/calls"\n'
            f"{body.replace('REAL_INSTALL', real('install'))}\n"
        )
        program.chmod(0o755)

    def moved(self, script: str) -> str:
        """A script with all its paths moved into the folder."""
        return _MOVED.sub(rf"{self.root}/\1", script)

    def run(self, *argv: str, stdin: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs bash with arguments. Its environment is bare, as cloud-init, systemd and CodeDeploy's agent give it."""
        env = {"PATH": str(self._bin), "ROOT": str(self.root), "TMPDIR": str(self.root / "tmp")} | environment
        bash = str(self._bin / "bash")
        return subprocess.run(
            [bash, *argv], input=stdin, env=env, text=True, capture_output=True, check=False, timeout=120
        )

    def calls(self, pattern: str = "") -> list[str]:
        """How the stand-ins were called, in order."""
        log = self.root / "calls"
        lines = log.read_text().splitlines() if log.exists() else []
        return [line for line in lines if re.search(pattern, line)]

    def put(self, path: str, content: str = "") -> Path:
        """Writes a file of the folder."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        return file
