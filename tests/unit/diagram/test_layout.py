"""Zones are columns in the network layout. elkjs is installed once, from a lock file with hashes.

Overlaps in all layouts are tested in tests/integration/test_drawings.py.
"""

import json
import os
from pathlib import Path

import pytest

from tests.unit.diagram.builders import drawn, drawn_otherwise
from wealist.diagram import Drawing, layout
from wealist.diagram.grid import grid
from wealist.diagram.words import Words
from wealist.errors import OperatorError


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for fake programs, on a machine without elkjs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setattr(layout, "WORK", tmp_path / "work")
    monkeypatch.setattr(layout, "find_program", lambda name: str(folder / name))
    return folder


def write(folder: Path, name: str, lines: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{lines}\n")
    (folder / name).chmod(0o755)


def refused() -> OperatorError:
    with pytest.raises(OperatorError) as error:
        layout.install_elk()
    return error.value


@pytest.mark.parametrize(
    ("npm", "reason"),
    [
        ("echo 'npm error code ENOTFOUND' >&2; echo more >&2; exit 1", "npm: npm error code ENOTFOUND"),
        ("exit 3", "npm: no message"),
    ],
)
def test_a_failed_installation_reports_the_reason_and_leaves_no_files(npm: str, reason: str, work: Path) -> None:
    write(work, "npm", npm)
    error = refused()
    assert error.message.endswith(reason)
    assert "npm registry" in error.remedy
    assert not list((work.parent / "work").iterdir())


@pytest.mark.usefixtures("work")
def test_missing_npm_is_reported() -> None:
    assert "elkjs" in refused().message


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(OperatorError, match="node is not installed"):
        layout.find_program("node")


def test_the_library_is_installed_only_once(work: Path) -> None:
    write(work, "npm", "mkdir node_modules; echo x >> ../../asked")
    first, second = layout.install_elk(), layout.install_elk()
    assert first == second
    assert (work.parent / "asked").read_text() == "x\n"


def test_npm_receives_no_credentials(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "GITHUB_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"):
        monkeypatch.setenv(name, "hunter2")
    write(work, "npm", f"mkdir node_modules; env > {work}/seen")
    layout.install_elk()
    seen = (work / "seen").read_text()
    assert "hunter2" not in seen
    assert f"PATH={os.environ['PATH']}" in seen


def test_the_lock_file_has_a_hash_for_each_package_and_no_registry() -> None:
    lock = json.loads((layout.HERE / "package-lock.json").read_text())
    packages = {name: each for name, each in lock["packages"].items() if name}
    assert packages
    assert all("integrity" in each and "resolved" not in each for each in packages.values())
    wanted = json.loads((layout.HERE / "package.json").read_text())["dependencies"]
    assert {f"node_modules/{name}": version for name, version in wanted.items()}.items() <= {
        name: each["version"] for name, each in packages.items()
    }.items()


def networks() -> list[Drawing]:
    return [drawn(each)["network"] for each in ("dev", "prod")] + [
        drawn_otherwise(each)[1]["network"] for each in ("dev", "prod")
    ]


@pytest.mark.parametrize("number", range(4))
def test_zones_are_columns_of_equal_height_with_public_subnets_on_top(number: int) -> None:
    drawing = networks()[number]
    boxes = grid(drawing, Words("en")).boxes
    zones = [boxes[each.id] for each in drawing.nodes if each.kind == "zone"]
    assert len({(each.y, each.height) for each in zones}) == 1
    lowest = max(boxes[each.id].bottom for each in drawing.nodes if each.kind == "public_subnet")
    assert all(boxes[each.id].y >= lowest for each in drawing.nodes if each.kind == "private_subnet")
