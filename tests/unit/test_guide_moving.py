"""The commands of docs/moving-to-cdktn.md move a copy of the project. `make matrix` synthesizes the result."""

import tomllib
from pathlib import Path

import pytest

from tests.matrix import guide
from tests.matrix.columns import columns
from wealist.library import LIBRARIES

pytestmark = pytest.mark.integration  # runs the guide's commands


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("moved") / "project"
    guide.replay(project)
    return project


def test_pins_equal_those_of_the_tested_column(moved: Path) -> None:
    pins = tomllib.loads((moved / "Pipfile").read_text(encoding="utf-8"))["packages"]
    (column,) = (column for column in columns() if column.library == "cdktn")
    tried = dict(line.partition(" ")[0].split("==") for line in column.packages)
    assert {package: pins.get(package) for package in tried} == {package: f"=={of}" for package, of in tried.items()}
    assert [package for package in column.left_out if package in pins] == []


def test_no_import_of_cdktf_remains(moved: Path) -> None:
    lines = {
        (path.name, line)
        for path in [*moved.glob("wealist/**/*.py"), *moved.glob("tests/**/*.py"), moved / "CONTRIBUTING.md"]
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith(("from cdktf", "import cdktf"))
    }
    assert lines == set()


def test_cdktn_becomes_the_default(moved: Path) -> None:
    text = (moved / "wealist" / "library.py").read_text(encoding="utf-8")
    assert 'DEFAULT: Final = "cdktn"\n' in text
    assert "cdktn" in LIBRARIES
