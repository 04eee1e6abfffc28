"""Which packages may import which, and which may import cdktf."""

import ast
import functools
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.unit.copies import ROOT, run_python
from wealist.library import LIBRARIES

pytestmark = pytest.mark.exhaustive

LIBRARY_PACKAGES = {package for each in LIBRARIES.values() for package in each.tested_versions}
CDKTF_PACKAGES = ("jsii", "constructs", *sorted(LIBRARY_PACKAGES))
IMPORTING_CDKTF = ("constructs", "stacks", "toolkit")
IMPORT_EACH_ALONE = """
import importlib, json, sys
forbidden, *names = sys.argv[1:]
found = {}
for name in names:
    for loaded in [each for each in sys.modules if each.split(".")[0] in ("wealist", *forbidden.split())]:
        del sys.modules[loaded]
    importlib.import_module(name)
    found[name] = [each for each in forbidden.split() if each in sys.modules]
print(json.dumps(found))
"""


def files() -> Iterator[tuple[str, Path]]:
    """Yield every module of the project with its dotted name."""
    for path in sorted((ROOT / "wealist").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


@functools.cache
def imports(path: Path) -> set[str]:
    """Return the modules that a file imports, including imports for types."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def package_of(name: str) -> str:
    """Return the package of a module: `wealist.spec.naming` → `spec`."""
    return [*name.split("."), ""][1]


MODULES = dict(files())
OUTSIDE = [name for name in MODULES if package_of(name) not in IMPORTING_CDKTF]
IMPORTABLE = [name for name in OUTSIDE if not name.endswith("__main__")]  # importing that one would run it


@pytest.fixture(scope="module")
def loaded_with() -> dict[str, list[str]]:
    done = run_python("-c", IMPORT_EACH_ALONE, " ".join(CDKTF_PACKAGES), *IMPORTABLE)
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def test_modules_of_every_package_are_found() -> None:
    assert {package_of(name) for name in IMPORTABLE} >= {"spec", "operations", "cli"}
    assert {"wealist.spec.rules.network", "wealist.emulator.server"} <= set(IMPORTABLE)


@pytest.mark.integration  # loads all that the embedded AWS consists of
def test_modules_outside_constructs_stacks_and_toolkit_load_without_cdktf(loaded_with: dict[str, list[str]]) -> None:
    assert loaded_with == {module: [] for module in IMPORTABLE}


def edges(modules: Iterable[str]) -> set[tuple[str, str]]:
    """Return (module, imported module) for some modules."""
    return {(module, name) for module in modules for name in imports(MODULES[module])}


def test_modules_outside_constructs_stacks_and_toolkit_never_import_cdktf() -> None:
    assert {
        (module, name)
        for module, name in edges(OUTSIDE)
        if name.split(".")[0] in CDKTF_PACKAGES or (name.startswith("wealist.") and package_of(name) in IMPORTING_CDKTF)
    } == set()


def test_spec_imports_no_other_package_of_the_project() -> None:
    of_spec = edges(name for name in MODULES if package_of(name) == "spec")
    ours = {(module, name) for module, name in of_spec if name.split(".")[0] == "wealist"}
    assert ours
    assert {(module, name) for module, name in ours if package_of(name) != "spec"} == set()


def test_constructs_import_neither_stacks_nor_environments() -> None:
    of_constructs = edges(name for name in MODULES if package_of(name) == "constructs")
    upwards = ("wealist.stacks", "wealist.spec.environments")
    assert of_constructs
    assert {(module, name) for module, name in of_constructs if name.startswith(upwards)} == set()


def test_only_constructs_stacks_and_toolkit_import_cdktf() -> None:
    knowing = {
        package_of(name)
        for name, path in MODULES.items()
        if any(each.split(".")[0] in LIBRARY_PACKAGES for each in imports(path))
    }
    assert knowing == set(IMPORTING_CDKTF)


LAYERS = ("spec", "model", "checks", "costs", "diagram", "review", "operations", "docs", "cli")
"""Each may import those before it: `spec ← model ← checks ← costs ← diagram ← review ← operations ← docs ← cli`."""


def test_imports_go_one_way() -> None:
    layered = edges(name for name in MODULES if package_of(name) in LAYERS)
    ours = {(module, name) for module, name in layered if name.startswith("wealist.") and package_of(name) in LAYERS}
    assert {package_of(module) for module, _ in ours} == set(LAYERS)
    upwards = {
        (module, name) for module, name in ours if LAYERS.index(package_of(name)) > LAYERS.index(package_of(module))
    }
    assert upwards == set()
