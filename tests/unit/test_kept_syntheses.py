"""The tests' syntheses are cached, and refused while test modules are imported."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import kept

SECONDS_APART = 0.05


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache folder."""
    folder = tmp_path / "synthesized"
    monkeypatch.setattr(kept, "_KEPT", folder)
    return folder


@pytest.fixture
def syntheses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The syntheses so far. Each takes a moment."""
    names: list[str] = []

    def fresh(build: Callable[[Any], None]) -> dict[str, Any]:
        time.sleep(SECONDS_APART)
        names.append(build.__name__)
        return {"prod": {}}

    monkeypatch.setattr(kept, "fresh", fresh)
    return names


def build(_: Any) -> None: ...


def run_concurrently(*calls: Callable[[], object]) -> list[object]:
    """Return the results of several threads. A lock of a file applies to threads as to processes."""
    results: list[object] = []
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> None:
        start.wait()
        results.append(call())

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_concurrent_workers_share_one_synthesis(syntheses: list[str]) -> None:
    assert run_concurrently(*[lambda: kept.once("same", build)] * 4) == [{"prod": {}}] * 4
    assert len(syntheses) == 1


def test_different_values_are_synthesized_separately(syntheses: list[str]) -> None:
    kept.once("one", build)
    kept.once("other", build)
    kept.once("one", build)
    assert len(syntheses) == 2


@pytest.mark.usefixtures("syntheses")
def test_entries_that_another_worker_deletes_are_ignored(place: Path) -> None:
    place.mkdir()
    (place / "listed and gone").symlink_to(place / "nowhere")
    assert kept.once("values", build) == {"prod": {}}


def test_a_failed_synthesis_is_not_cached(monkeypatch: pytest.MonkeyPatch, syntheses: list[str]) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(kept, "fresh", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            kept.once("values", build)
    assert kept.once("values", build) == {"prod": {}}
    assert syntheses == ["build"]


def test_bytecode_is_not_part_of_the_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "ROOT", tmp_path)
    (tmp_path / "Pipfile.lock").touch()
    for name in ("wealist/main.py", "wealist/__pycache__/main.cpython-311.pyc.140212"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("one")
    before = kept._sources.__wrapped__()  # noqa: SLF001 -- without the cache of this project
    (tmp_path / "wealist/__pycache__/main.cpython-311.pyc.140212").unlink()
    assert kept._sources.__wrapped__() == before  # noqa: SLF001 -- the same
    (tmp_path / "wealist/main.py").write_text("two")
    assert kept._sources.__wrapped__() != before  # noqa: SLF001 -- the same


@pytest.mark.usefixtures("syntheses")
def test_a_synthesis_during_the_import_of_a_test_module_is_refused() -> None:
    with kept.collecting(), pytest.raises(RuntimeError, match="not while a test module is imported"):
        kept.once("values", build)
    assert kept.once("values", build) == {"prod": {}}
