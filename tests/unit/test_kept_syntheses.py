"""What tests synthesize is made once, whoever asks for it, and never while test modules are imported."""

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
    """Where it is kept."""
    folder = tmp_path / "synthesized"
    monkeypatch.setattr(kept, "_KEPT", folder)
    return folder


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was synthesized; each synthesis takes a moment."""
    names: list[str] = []

    def fresh(build: Callable[[Any], None]) -> dict[str, Any]:
        time.sleep(SECONDS_APART)
        names.append(build.__name__)
        return {"prod": {}}

    monkeypatch.setattr(kept, "fresh", fresh)
    return names


def build(_: Any) -> None: ...


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What several threads get that begin together; a lock of a file holds between them as between processes."""
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


def test_workers_that_ask_at_the_same_time_share_one_synthesis(made: list[str]) -> None:
    assert at_once(*[lambda: kept.once("same", build)] * 4) == [{"prod": {}}] * 4
    assert len(made) == 1


def test_different_values_are_synthesized_apart(made: list[str]) -> None:
    kept.once("one", build)
    kept.once("other", build)
    kept.once("one", build)
    assert len(made) == 2


@pytest.mark.usefixtures("made")
def test_what_another_worker_forgets_meanwhile_is_no_error(place: Path) -> None:
    place.mkdir()
    (place / "listed and gone").symlink_to(place / "nowhere")
    assert kept.once("values", build) == {"prod": {}}


def test_a_failed_synthesis_is_tried_again_by_the_next_who_asks(
    monkeypatch: pytest.MonkeyPatch, made: list[str]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(kept, "fresh", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            kept.once("values", build)
    assert kept.once("values", build) == {"prod": {}}
    assert made == ["build"]


def test_bytecode_written_meanwhile_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "ROOT", tmp_path)
    (tmp_path / "Pipfile.lock").touch()
    for name in ("wealist/main.py", "wealist/__pycache__/main.cpython-311.pyc.140212"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("one")
    before = kept._sources.__wrapped__()  # noqa: SLF001  the answer of this project is kept
    (tmp_path / "wealist/__pycache__/main.cpython-311.pyc.140212").unlink()
    assert kept._sources.__wrapped__() == before  # noqa: SLF001  the same
    (tmp_path / "wealist/main.py").write_text("two")
    assert kept._sources.__wrapped__() != before  # noqa: SLF001  the same


@pytest.mark.usefixtures("made")
def test_a_test_module_that_synthesizes_at_its_import_is_refused() -> None:
    with kept.collecting(), pytest.raises(RuntimeError, match="not while a test module is imported"):
        kept.once("values", build)
    assert kept.once("values", build) == {"prod": {}}
