"""docs/architecture is brought up to date by one command, and found where it is not current."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.guarded import mutated, synthesis
from wealist.docs import write
from wealist.docs.pages import FOLDER
from wealist.errors import BAD_INPUT, OperatorError
from wealist.project import ROOT

Edit = Callable[[dict[str, Any]], None]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without pages."""
    monkeypatch.setattr(write, "ROOT", tmp_path)
    return tmp_path / FOLDER


def test_what_was_written_is_current_and_is_not_written_again(folder: Path) -> None:
    found = synthesis()
    assert {finding.address for finding in write.outdated(found)} == set(write.files(found))
    assert write.write(found) == sorted(write.files(found))
    assert (list(write.outdated(found)), write.write(found)) == ([], [])
    assert (folder / "ko" / "prod.md").exists()


def edited(folder: Path) -> str:
    page = folder / "en" / "prod.md"
    page.write_text(page.read_text().replace("10.1.0.0/16", "10.9.0.0/16"))
    return "docs/architecture/en/prod.md"


def removed(folder: Path) -> str:
    (folder / "ko" / "settings.md").unlink()
    return "docs/architecture/ko/settings.md"


def left_over(folder: Path) -> str:
    (folder / "ko" / "stage.md").write_text("# stage\n")
    return "docs/architecture/ko/stage.md"


@pytest.mark.parametrize("change", [edited, removed, left_over])
def test_each_page_that_is_not_what_was_synthesized_is_found_and_put_right(
    folder: Path, change: Callable[[Path], str]
) -> None:
    found = synthesis()
    write.write(found)
    path = change(folder)
    (finding,) = write.outdated(found)
    assert (finding.address, finding.control) == (path, "inventory.documents")
    assert "wealist accept" in finding.remedy
    assert write.write(found) == [path]
    assert list(write.outdated(found)) == []


def scaled(document: dict[str, Any]) -> None:
    document["resource"]["aws_autoscaling_group"]["backend_fleet_asg"]["max_size"] = 9


def widened(document: dict[str, Any]) -> None:
    document["resource"]["aws_subnet"]["network_public_subnet_a"]["cidr_block"] = "10.1.100.0/24"


def renamed(document: dict[str, Any]) -> None:
    document["resource"]["aws_elasticache_replication_group"]["cache_replication_group"]["engine_version"] = "7.1"


@pytest.mark.parametrize("edit", [scaled, widened, renamed])
@pytest.mark.usefixtures("folder")
def test_a_change_of_what_is_built_makes_its_pages_outdated_in_every_language(edit: Edit) -> None:
    before = synthesis()
    write.write(before)
    outdated = {finding.address for finding in write.outdated(mutated(before, "prod", edit))}
    assert {"docs/architecture/ko/prod.md", "docs/architecture/en/prod.md"} <= outdated
    assert not any(path.endswith("/dev.md") for path in outdated)


def without_vpc(document: dict[str, Any]) -> None:
    del document["resource"]["aws_vpc"]


def odd(document: dict[str, Any]) -> None:
    document["resource"]["aws_cloudfront_distribution"]["frontend_distribution"]["origin"] = 5


@pytest.mark.parametrize("edit", [without_vpc, odd])
def test_of_a_stack_that_cannot_be_described_nothing_is_written(folder: Path, edit: Edit) -> None:
    with pytest.raises(OperatorError) as refused:
        write.write(mutated(synthesis(), "prod", edit))
    assert refused.value.exit_code == BAD_INPUT
    assert "prod" in refused.value.message
    assert "\n" not in refused.value.message
    assert not folder.exists()


def test_pages_of_the_project_lie_where_github_shows_them() -> None:
    assert (ROOT / FOLDER / "ko" / "README.md").exists()
