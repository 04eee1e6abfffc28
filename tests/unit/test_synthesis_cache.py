"""Tests synthesize each variant once, in all workers together, and never while test modules are imported."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import synthesis_cache
from tests.synthesis_cache import cached

SYNTHESIS_SECONDS = 0.05


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an empty cache."""
    folder = tmp_path / "synthesized"
    monkeypatch.setattr(synthesis_cache, "_FOLDER", folder)
    return folder


@pytest.fixture
def syntheses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the functions that were synthesized; each synthesis takes a moment."""
    names: list[str] = []

    def uncached(build: Callable[[Any], None]) -> dict[str, Any]:
        time.sleep(SYNTHESIS_SECONDS)
        names.append(build.__name__)
        return {"prod": {}}

    monkeypatch.setattr(synthesis_cache, "uncached", uncached)
    return names


def build(_: Any) -> None: ...


def run_concurrently(*calls: Callable[[], object]) -> list[object]:
    """Run calls in threads that start together. A file lock works between threads as it does between processes."""
    results: list[object] = []
    begin = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> None:
        begin.wait()
        results.append(call())

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_concurrent_workers_share_one_synthesis(syntheses: list[str]) -> None:
    assert run_concurrently(*[lambda: cached("same", build)] * 4) == [{"prod": {}}] * 4
    assert len(syntheses) == 1


def test_different_values_are_synthesized_separately(syntheses: list[str]) -> None:
    for values in ("one", "other", "one"):
        cached(values, build)
    assert len(syntheses) == 2


@pytest.mark.usefixtures("syntheses")
def test_a_folder_that_another_worker_removes_meanwhile_is_no_error(folder: Path) -> None:
    folder.mkdir()
    (folder / "listed and gone").symlink_to(folder / "nowhere")
    assert cached("values", build) == {"prod": {}}


def test_a_failed_synthesis_is_repeated_by_the_next_call(monkeypatch: pytest.MonkeyPatch, syntheses: list[str]) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(synthesis_cache, "uncached", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            cached("values", build)
    assert cached("values", build) == {"prod": {}}
    assert syntheses == ["build"]


def test_the_digest_of_the_sources_ignores_bytecode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthesis_cache, "ROOT", tmp_path)
    digest = synthesis_cache._sources_digest.__wrapped__  # noqa: SLF001  its result for this project is cached
    (tmp_path / "Pipfile.lock").touch()
    for name in ("wealist/main.py", "wealist/__pycache__/main.cpython-311.pyc.140212"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("one")
    before = digest()
    (tmp_path / "wealist/__pycache__/main.cpython-311.pyc.140212").unlink()
    assert digest() == before
    (tmp_path / "wealist/main.py").write_text("two")
    assert digest() != before


@pytest.mark.usefixtures("syntheses")
def test_a_synthesis_at_the_import_of_a_test_module_is_rejected() -> None:
    with synthesis_cache.disabled(), pytest.raises(RuntimeError, match="not while a test module is imported"):
        cached("values", build)
    assert cached("values", build) == {"prod": {}}
