"""What tests synthesize, kept beside the project until one of its sources changes.

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

_KEPT = ROOT / ".wealist" / "synthesized"
_COLLECTING = ContextVar("_COLLECTING", default=False)
_STALE_AFTER = 3600
"""Seconds after which no other run of the tests can be at work on what other sources made."""


def fresh(build: "Callable[[App], None]") -> dict[str, Any]:
    """What `build` makes: each stack's JSON, by name."""
    from wealist.toolkit.synthesis import synthesize  # noqa: PLC0415  loads cdktf, which what is kept does not need

    with tempfile.TemporaryDirectory() as folder:
        paths = synthesize(build, Path(folder) / "out")
        return {path.parent.name: json.loads(path.read_text()) for path in paths}


def once(values: str, build: "Callable[[App], None]") -> dict[str, Any]:
    """The same, made when nothing is kept for these values and the sources as they are.

    Processes that ask at the same time wait for the first of them.

    Raises:
        RuntimeError: test modules are being imported; see `collecting`.
    """
    if _COLLECTING.get():
        raise RuntimeError("synthesize in a test or a fixture, not while a test module is imported")
    kept = _KEPT / _sources() / f"{_digest(values.encode())}.json"
    if not kept.exists():
        _forget_others(kept.parent)
        kept.parent.mkdir(parents=True, exist_ok=True)
        with kept.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                _write(kept, fresh(build))
    found: dict[str, Any] = json.loads(kept.read_text())
    return found


@contextlib.contextmanager
def collecting() -> "Iterator[None]":
    """Refuse to synthesize meanwhile.

    Every worker imports every test module, and all workers have to find the same tests: what a module synthesizes
    slows each of them, and a synthesis that fails in one of them ends the whole run.
    """
    before = _COLLECTING.set(True)
    try:
        yield
    finally:
        _COLLECTING.reset(before)


def _write(kept: Path, documents: dict[str, Any]) -> None:
    with tempfile.NamedTemporaryFile("w", dir=kept.parent, delete=False) as file:
        json.dump(documents, file)
    Path(file.name).replace(kept)


@functools.cache
def _sources() -> str:
    """A digest of everything that decides what is synthesized: code, modules, environments, packages and Python."""
    folders = (ROOT / "wealist", ROOT / "modules", ROOT / "tests" / "environments")
    inside = [
        path
        for folder in folders
        for path in folder.rglob("*")
        if "__pycache__" not in path.parts and path.is_file()  # bytecode comes and goes while others import
    ]
    paths = sorted([ROOT / "Pipfile.lock", *inside])
    parts = (f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode() + path.read_bytes() for path in paths)
    installed = [
        f"{package} {library.package_version(package)}" for package in library.selected_library().tested_versions
    ]
    return _digest(sys.version.encode(), " ".join(installed).encode(), *parts)


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:20]


def _forget_others(current: Path) -> None:
    for folder in _KEPT.glob("*"):
        with contextlib.suppress(FileNotFoundError):  # another worker may be at it, too
            if folder != current and time.time() - folder.stat().st_mtime > _STALE_AFTER:
                shutil.rmtree(folder, ignore_errors=True)
