"""The same input gives the same bytes in any folder, with any hash seed."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.unit.copies import ROOT, copy_project, synthesized_in

pytestmark = pytest.mark.integration  # two whole programs


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("determinism")
    return [copy_project(folder / "one"), copy_project(folder / "a second, further" / "folder")]


@pytest.fixture(scope="module")
def outputs(projects: list[Path]) -> list[dict[str, bytes]]:
    with ThreadPoolExecutor() as both:
        return list(
            both.map(lambda project, seed: synthesized_in(project, PYTHONHASHSEED=seed), projects, ["1", "4242"])
        )


def test_the_output_depends_neither_on_the_folder_nor_on_the_hash_seed(outputs: list[dict[str, bytes]]) -> None:
    one, other = outputs
    assert {"manifest.json", "stacks/dev/cdk.tf.json", "stacks/prod/cdk.tf.json"} <= set(one)
    assert set(one) == set(other)
    assert [path for path in one if one[path] != other[path]] == []


def test_the_output_contains_no_path_of_the_machine(projects: list[Path], outputs: list[dict[str, bytes]]) -> None:
    folders = {str(folder).encode() for folder in (*projects, ROOT, sys.prefix, Path.home() / ".cache")}
    named = [path for output in outputs for path, content in output.items() if any(name in content for name in folders)]
    assert named == []
