"""The layout library is installed once, by npm, from a lock with hashes; what fails is one error with a remedy."""

import json
import os
from pathlib import Path

import pytest

from wealist.diagram import layout_library
from wealist.errors import OperatorError

GRAPH = {"id": "drawing", "children": [], "edges": []}


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with programs of the test's own, and nothing installed."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setattr(layout_library, "WORK", tmp_path / "work")
    monkeypatch.setattr(layout_library, "program", lambda name: str(folder / name))
    return folder


def write(folder: Path, name: str, lines: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{lines}\n")
    (folder / name).chmod(0o755)


def refused() -> OperatorError:
    with pytest.raises(OperatorError) as error:
        layout_library.installed()
    return error.value


@pytest.mark.parametrize(
    ("npm", "reason"),
    [
        ("echo 'npm error code ENOTFOUND' >&2; echo more >&2; exit 1", "npm: npm error code ENOTFOUND"),
        ("exit 3", "npm: no message"),
    ],
)
def test_an_install_that_fails_says_why_and_leaves_nothing(npm: str, reason: str, work: Path) -> None:
    write(work, "npm", npm)
    error = refused()
    assert error.message.endswith(reason)
    assert "npm registry" in error.remedy
    assert not list((work.parent / "work").iterdir())


@pytest.mark.usefixtures("work")
def test_a_machine_without_npm_says_so() -> None:
    assert "elkjs" in refused().message


def test_a_program_that_is_nowhere_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(OperatorError, match="there is no node"):
        layout_library.program("node")


def test_what_is_installed_is_kept(work: Path) -> None:
    write(work, "npm", "mkdir node_modules; echo x >> ../../asked")
    first, second = layout_library.installed(), layout_library.installed()
    assert first == second
    assert (work.parent / "asked").read_text() == "x\n"


def test_programs_of_others_see_no_credentials(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "GITHUB_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"):
        monkeypatch.setenv(name, "hunter2")
    write(work, "npm", f"mkdir node_modules; env > {work}/seen")
    layout_library.installed()
    seen = (work / "seen").read_text()
    assert "hunter2" not in seen
    assert f"PATH={os.environ['PATH']}" in seen


def test_the_lock_names_each_package_with_its_hash_and_no_registry() -> None:
    lock = json.loads((layout_library.HERE / "package-lock.json").read_text())
    packages = {name: each for name, each in lock["packages"].items() if name}
    assert packages
    assert all("integrity" in each and "resolved" not in each for each in packages.values())
    wanted = json.loads((layout_library.HERE / "package.json").read_text())["dependencies"]
    assert {f"node_modules/{name}": version for name, version in wanted.items()}.items() <= {
        name: each["version"] for name, each in packages.items()
    }.items()
