"""Terraform keeps the committed hashes of the provider, and installs no provider without one of them."""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from wealist.emulator.workspace import prepare
from wealist.errors import OperatorError
from wealist.operations.terraform import INIT_DIGEST, Terraform
from wealist.toolkit import provider_lock

pytestmark = pytest.mark.integration

READ_ONLY = "-lockfile=readonly"
HASH = re.compile(r'"((?:h1|zh):\S+)"')
INVALID_HASH = "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


@pytest.fixture(params=["account", "bootstrap", "prod"])
def folder(request: pytest.FixtureRequest, stacks: Mapping[str, Path], tmp_path: Path) -> Path:
    """A synthesized stack without its backend. `bootstrap` and `prod` call modules."""
    folder = tmp_path / "stacks" / str(request.param)
    shutil.copytree(stacks[folder.name], folder, ignore=shutil.ignore_patterns(".terraform"))
    document = json.loads((folder / "cdk.tf.json").read_text())
    del document["terraform"]["backend"]
    (folder / "cdk.tf.json").write_text(json.dumps(document))
    return folder


def test_init_keeps_the_committed_hashes(folder: Path) -> None:
    Terraform(folder).init()
    assert (folder / provider_lock.NAME).read_bytes() == provider_lock.COMMITTED.read_bytes()
    Terraform(folder).init(READ_ONLY)


def test_the_result_of_init_is_kept_after_the_next_synthesis(folder: Path, tmp_path: Path) -> None:
    made = []
    for _ in range(2):
        work = prepare(folder, base=tmp_path / "work")
        Terraform(work).init_if_changed()
        made.append((work / INIT_DIGEST).stat().st_mtime_ns)
    assert made[0] == made[1]


@pytest.mark.parametrize("folder", ["account"], indirect=True)
def test_the_hash_that_terraform_computes_here_is_committed(folder: Path) -> None:
    (folder / provider_lock.NAME).unlink()
    Terraform(folder).init()
    computed = set(HASH.findall((folder / provider_lock.NAME).read_text()))
    assert computed & set(HASH.findall(provider_lock.COMMITTED.read_text()))


@pytest.mark.parametrize("folder", ["account"], indirect=True)
@pytest.mark.parametrize("option", [(), (READ_ONLY,)], ids=["operator", "pipeline"])
def test_a_provider_with_other_hashes_is_not_installed(option: tuple[str, ...], folder: Path) -> None:
    text = provider_lock.COMMITTED.read_text()
    (folder / provider_lock.NAME).write_text(re.sub(r"hashes = \[.*\]", tampered, text, flags=re.DOTALL))
    with pytest.raises(OperatorError, match="matches none of the committed hashes"):
        Terraform(folder).init(*option)
    assert list(folder.glob(".terraform/providers/**/terraform-provider-aws*")) == []


def tampered(_: re.Match[str]) -> str:
    return f'hashes = [\n    "{INVALID_HASH}",\n    "zh:{"0" * 64}",\n  ]'


@pytest.mark.parametrize("folder", ["account"], indirect=True)
def test_the_pipeline_refuses_a_provider_without_committed_hashes(folder: Path) -> None:
    (folder / provider_lock.NAME).unlink()
    with pytest.raises(OperatorError, match=r"no hashes are committed .* that account requires"):
        Terraform(folder).init(READ_ONLY)


@pytest.mark.parametrize("folder", ["account"], indirect=True)
def test_hashes_of_another_version_are_reported_as_such(folder: Path) -> None:
    file = folder / provider_lock.NAME
    file.write_text(file.read_text().replace(provider_lock.committed_version(), "5.99.0"))
    with pytest.raises(OperatorError, match="locks another version of the AWS provider") as error:
        Terraform(folder).init()
    assert error.value.remedy == "delete it, and synthesize again"
