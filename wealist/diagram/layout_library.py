"""The layout library, elkjs: installed from npm when it is first used, below `.wealist`, and run by Node.

package.json, package-lock.json ─ npm ci ─► .wealist/diagram-DIGEST/node_modules ─ node layout.cjs ─► places
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from wealist.errors import OperatorError, writing
from wealist.project import WORK

HERE: Final = Path(__file__).parent
_PINNED: Final = ("package.json", "package-lock.json")
_SECONDS: Final = 120
_PASSED: Final = re.compile(
    r"PATH|HOME|TMPDIR|(?:https?|no)_proxy|npm_config_.*|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+", re.IGNORECASE
)
"""What the programs of others see of the process environment: no credentials."""


def placed(graphs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Graphs with the places of their nodes and edges, in the form of ELK's JSON.

    Raises:
        OperatorError: Node or the library is missing and cannot be installed, or the layout failed.
    """
    if not graphs:
        return []
    library = installed() / "node_modules" / "elkjs" / "lib" / "elk.bundled.js"
    output = _run([program("node"), str(HERE / "layout.cjs"), str(library)], HERE, stdin=json.dumps(graphs))
    found: list[dict[str, Any]] = json.loads(output)
    return found


def installed() -> Path:
    """The folder with the library, which is installed where it is missing; raises as `placed` does."""
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in _PINNED)).hexdigest()[:12]
    folder = WORK / f"diagram-{digest}"
    if not (folder / "node_modules").is_dir():
        with writing(folder), tempfile.TemporaryDirectory(dir=_made(WORK)) as scratch:
            for name in _PINNED:
                shutil.copy(HERE / name, scratch)
            _run([program("npm"), "ci", "--no-audit", "--no-fund", "--ignore-scripts"], Path(scratch))
            shutil.rmtree(folder, ignore_errors=True)
            _made(folder)
            Path(scratch, "node_modules").rename(folder / "node_modules")
    return folder


def program(name: str) -> str:
    """The path of `node` or `npm`: that of the virtualenv, else that of PATH."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        raise _missing(f"there is no {name}")
    return found


def _run(command: Sequence[str], folder: Path, *, stdin: str = "") -> str:
    try:
        run = subprocess.run(
            command,
            cwd=folder,
            env={name: value for name, value in os.environ.items() if _PASSED.fullmatch(name)},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _missing(f"{Path(command[0]).name} {type(error).__name__}") from None
    if run.returncode:
        lines = run.stderr.strip().splitlines() or ["no message"]
        raise _missing(f"{Path(command[0]).name}: {lines[0]}")
    return run.stdout


def _missing(reason: str) -> OperatorError:
    return OperatorError(
        f"drawings need the layout library elkjs, which cannot be installed or run: {reason}",
        remedy="run `make setup`, which installs Node, and reach an npm registry once; elkjs is then kept in .wealist",
    )


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
