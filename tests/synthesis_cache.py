"""A cache of stacks that tests synthesize, valid until one of the project's sources changes.

build ─ synthesize ─► .wealist/synthesized/<digest of the sources>/<digest of the values>.json
"""

import contextlib
import fcntl
import functools
import hashlib
import json
import shutil
import sys
import tempfile
import time
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wealist import library
from wealist.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cdktf import App

_FOLDER = ROOT / ".wealist" / "synthesized"
_DISABLED = ContextVar("_DISABLED", default=False)
_STALE_AFTER = 3600
"""Age in seconds after which no running tests can still use the cache of other sources."""


def uncached(build: "Callable[[App], None]") -> dict[str, Any]:
    """Synthesize stacks. Returns stack name → JSON."""
    from wealist.toolkit.synthesis import synthesize  # noqa: PLC0415  loads cdktf, which a cached result does not need

    with tempfile.TemporaryDirectory() as folder:
        paths = synthesize(build, Path(folder) / "out")
        return {path.parent.name: json.loads(path.read_text()) for path in paths}


def cached(values: str, build: "Callable[[App], None]") -> dict[str, Any]:
    """Return the result of `uncached` for some values from the cache, or compute and cache it.

    Concurrent processes wait for the first one.

    Raises:
        RuntimeError: Test modules are being imported; see `disabled`.
    """
    if _DISABLED.get():
        raise RuntimeError("synthesize in a test or a fixture, not while a test module is imported")
    file = _FOLDER / _sources_digest() / f"{_digest(values.encode())}.json"
    if not file.exists():
        _remove_stale(file.parent)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not file.exists():
                _write(file, uncached(build))
    documents: dict[str, Any] = json.loads(file.read_text())
    return documents


@contextlib.contextmanager
def disabled() -> "Iterator[None]":
    """Reject every synthesis within the context.

    Each worker imports all test modules, and all workers must collect the same tests. A synthesis at import would slow
    down every worker, and its failure in one of them would end the whole run.
    """
    before = _DISABLED.set(True)
    try:
        yield
    finally:
        _DISABLED.reset(before)


def _write(file: Path, documents: dict[str, Any]) -> None:
    with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False) as temporary:
        json.dump(documents, temporary)
    Path(temporary.name).replace(file)


@functools.cache
def _sources_digest() -> str:
    """Return a digest of all inputs of a synthesis: code, modules, environments, packages and Python."""
    folders = (ROOT / "wealist", ROOT / "modules", ROOT / "tests" / "environments")
    inside = [
        path
        for folder in folders
        for path in folder.rglob("*")
        if "__pycache__" not in path.parts and path.is_file()  # other processes write and delete bytecode
    ]
    paths = sorted([ROOT / "Pipfile.lock", *inside])
    parts = (f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode() + path.read_bytes() for path in paths)
    installed = [
        f"{package} {library.package_version(package)}" for package in library.selected_library().tested_versions
    ]
    return _digest(sys.version.encode(), " ".join(installed).encode(), *parts)


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:20]


def _remove_stale(current: Path) -> None:
    for folder in _FOLDER.glob("*"):
        with contextlib.suppress(FileNotFoundError):  # another worker may have removed it
            if folder != current and time.time() - folder.stat().st_mtime > _STALE_AFTER:
                shutil.rmtree(folder, ignore_errors=True)
