"""The committed provider hashes are copied beside every stack, unless they are of another version."""

import re
from pathlib import Path

import pytest
from cdktf import App, TerraformOutput

from wealist.model import provider
from wealist.toolkit import provider_lock
from wealist.toolkit.stack import ReadableStack
from wealist.toolkit.synthesis import synthesize

PLATFORMS_IN_USE = 4
"""Linux and macOS, each with x86 and ARM."""


def build(app: App) -> None:
    for name in ("one", "two"):
        TerraformOutput(ReadableStack(app, name), "answer", value="1")


def locks(out: Path) -> dict[str, str]:
    return {path.parent.name: path.read_text() for path in out.glob(f"stacks/*/{provider_lock.NAME}")}


@pytest.fixture
def committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Hashes of the version that the installed bindings were made for."""
    file = tmp_path / "provider.lock.hcl"
    file.write_text(f'provider "registry.terraform.io/hashicorp/aws" {{\n  version     = "{provider.version()}"\n}}\n')
    monkeypatch.setattr(provider_lock, "COMMITTED", file)
    return file


def test_the_committed_hashes_are_placed_beside_every_stack(committed: Path, tmp_path: Path) -> None:
    synthesize(build, tmp_path / "out")
    assert locks(tmp_path / "out") == {"one": committed.read_text(), "two": committed.read_text()}
    assert provider_lock.warnings() == []


def test_changes_of_terraform_to_the_hashes_are_replaced(committed: Path, tmp_path: Path) -> None:
    synthesize(build, tmp_path / "out")
    (tmp_path / "out" / "stacks" / "one" / provider_lock.NAME).write_text("of anything")
    synthesize(build, tmp_path / "out")
    assert locks(tmp_path / "out")["one"] == committed.read_text()


@pytest.mark.parametrize("version", ["5.99.1", "6.0.0"])
def test_hashes_of_another_version_are_not_placed_and_a_warning_says_so(
    version: str, committed: Path, tmp_path: Path
) -> None:
    synthesize(build, tmp_path / "out")
    committed.write_text(committed.read_text().replace(provider.version(), version))
    synthesize(build, tmp_path / "out")
    assert locks(tmp_path / "out") == {}
    (warning,) = provider_lock.warnings()
    assert warning.startswith(f"no hash of the AWS provider {provider.version()} is committed, only of {version}")


def test_there_are_hashes_of_every_archive_and_of_an_unpacked_provider() -> None:
    hashes = re.findall(r'^    "(h1|zh):(\S+)",$', provider_lock.COMMITTED.read_text(), re.MULTILINE)
    archives = [digest for scheme, digest in hashes if scheme == "zh"]
    assert len(set(archives)) == len(archives) >= PLATFORMS_IN_USE
    assert all(re.fullmatch("[0-9a-f]{64}", each) for each in archives)
    assert len(archives) < len(hashes)
