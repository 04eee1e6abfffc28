"""One record chooses the library; what is unknown, missing or untried is refused in a line, with the remedy."""

import dataclasses
from pathlib import Path

import pytest

from wealist import library
from wealist.errors import OperatorError
from wealist.library import DEFAULT, LIBRARIES, SETTING, package_version, refuse_untested_versions, selected_library


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages that Python finds, empty at first."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def install(packages: Path, package: str, npm: str, of: str) -> None:
    archives = packages / package / "_jsii"
    archives.mkdir(parents=True)
    (packages / package / "__init__.py").touch()
    (archives / f"{npm}@{of}.jsii.tgz").touch()


OTHER = dataclasses.replace(
    LIBRARIES[DEFAULT], tested_versions={"other_core": ("1.2.0",), "other_bindings": ("3.0.0", "4.0.1")}
)


def test_the_setting_chooses_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, each in LIBRARIES.items():
        monkeypatch.setenv(SETTING, name)
        assert selected_library() is each


def test_without_the_setting_it_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    assert selected_library() is LIBRARIES[DEFAULT]
    monkeypatch.setenv(SETTING, "")
    assert selected_library() is LIBRARIES[DEFAULT]


@pytest.mark.parametrize("name", ["cdktm", "CDKTF", "cdktf 0.21"])
def test_a_library_that_is_none_is_refused_with_those_there_are(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, name)
    with pytest.raises(OperatorError) as refused:
        selected_library()
    assert refused.value.message == f"WEALIST_LIBRARY={name}: unknown library"
    assert refused.value.remedy == "set it to cdktf or cdktn, or unset it for cdktf"


def test_a_package_that_is_not_installed_is_named_with_the_setting_that_asks_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(SETTING, "cdktn")
    with pytest.raises(OperatorError) as refused:
        refuse_untested_versions(OTHER)
    assert refused.value.message == "the package other_core is not installed; WEALIST_LIBRARY=cdktn requires it"
    assert refused.value.remedy == "unset WEALIST_LIBRARY, or run `make setup`, and use the Python of .venv"


def test_every_version_that_was_tried_is_accepted(packages: Path) -> None:
    install(packages, "other_core", "other", "1.2.0")
    install(packages, "other_bindings", "provider-aws", "4.0.1")
    refuse_untested_versions(OTHER)


def test_bindings_of_a_version_that_nobody_tried_are_refused_with_those_that_were(packages: Path) -> None:
    install(packages, "other_core", "other", "1.2.0")
    install(packages, "other_bindings", "provider-aws", "5.0.0")
    with pytest.raises(OperatorError) as refused:
        refuse_untested_versions(OTHER)
    assert refused.value.message == "other_bindings 5.0.0 is not tested with this project; tested: 3.0.0, 4.0.1"
    assert refused.value.remedy.endswith("or add it to wealist/library.py and run `make matrix`")


def test_the_versions_of_the_installed_packages_are_told_by_their_archives() -> None:
    installed = selected_library()
    assert {
        package: package_version(package) in versions for package, versions in installed.tested_versions.items()
    } == {
        installed.core: True,
        installed.bindings: True,
    }


def test_names_of_the_library_stand_in_its_record_alone() -> None:
    """Imports in the constructs and stacks aside, which a move renames."""
    names = {name for each in LIBRARIES.values() for name in (each.bindings, each.bindings_npm)}
    sources = [path for path in Path(library.__file__).parent.rglob("*") if path.suffix in {".py", ".cjs"}]
    repeated = {
        (path.name, line)
        for path in sources
        if path.name != "library.py"
        for line in path.read_text(encoding="utf-8").splitlines()
        if any(name in line for name in names) and not line.startswith(("from ", "import ", "const BINDINGS"))
    }
    assert repeated == set()
