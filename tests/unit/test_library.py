"""The selection of the library; unknown, missing and untested ones are refused with a remedy."""

import dataclasses
from pathlib import Path

import pytest

from wealist import library
from wealist.errors import OperatorError
from wealist.library import DEFAULT, LIBRARIES, SETTING, package_version, refuse_untested_versions, selected_library


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder on `sys.path`."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def install(packages: Path, package: str, npm: str, version: str) -> None:
    archives = packages / package / "_jsii"
    archives.mkdir(parents=True)
    (packages / package / "__init__.py").touch()
    (archives / f"{npm}@{version}.jsii.tgz").touch()


OTHER = dataclasses.replace(
    LIBRARIES[DEFAULT], tested_versions={"other_core": ("1.2.0",), "other_bindings": ("3.0.0", "4.0.1")}
)


def test_the_setting_selects_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, each in LIBRARIES.items():
        monkeypatch.setenv(SETTING, name)
        assert selected_library() is each


def test_the_default_is_used_without_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    assert selected_library() is LIBRARIES[DEFAULT]
    monkeypatch.setenv(SETTING, "")
    assert selected_library() is LIBRARIES[DEFAULT]


@pytest.mark.parametrize("name", ["cdktm", "CDKTF", "cdktf 0.21"])
def test_an_unknown_library_is_refused_with_the_known_ones(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, name)
    with pytest.raises(OperatorError) as refused:
        selected_library()
    assert refused.value.message == f"WEALIST_LIBRARY={name}: unknown library"
    assert refused.value.remedy == "set it to cdktf or cdktn, or unset it for cdktf"


def test_a_missing_package_is_reported_with_the_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(SETTING, "cdktn")
    with pytest.raises(OperatorError) as refused:
        refuse_untested_versions(OTHER)
    assert refused.value.message == "the package other_core is not installed; WEALIST_LIBRARY=cdktn requires it"
    assert refused.value.remedy == "unset WEALIST_LIBRARY, or run `make setup`, and use the Python of .venv"


def test_tested_versions_are_accepted(packages: Path) -> None:
    install(packages, "other_core", "other", "1.2.0")
    install(packages, "other_bindings", "provider-aws", "4.0.1")
    refuse_untested_versions(OTHER)


def test_untested_versions_are_refused_with_the_tested_ones(packages: Path) -> None:
    install(packages, "other_core", "other", "1.2.0")
    install(packages, "other_bindings", "provider-aws", "5.0.0")
    with pytest.raises(OperatorError) as refused:
        refuse_untested_versions(OTHER)
    assert refused.value.message == "other_bindings 5.0.0 is not tested with this project; tested: 3.0.0, 4.0.1"
    assert refused.value.remedy.endswith("or add it to wealist/library.py and run `make matrix`")


def test_the_versions_of_the_installed_packages_are_tested_ones() -> None:
    installed = selected_library()
    assert {
        package: package_version(package) in versions for package, versions in installed.tested_versions.items()
    } == {
        installed.core: True,
        installed.bindings: True,
    }


def test_the_names_of_bindings_are_only_in_library_py() -> None:
    """Except for imports, which a move to another library rewrites."""
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
