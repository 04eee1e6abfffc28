"""`write` brings docs/architecture up to date, and `outdated` reports each file that is not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.syntheses import environment_only, mutated
from tests.synthesized import environment
from wealist.checks.finding import Synthesis
from wealist.docs import write
from wealist.docs.pages import FOLDER
from wealist.errors import BAD_INPUT, OperatorError

PAGES = {f"{FOLDER}/en/prod.md": "# prod\n", f"{FOLDER}/ko/prod.md": "# prod (ko)\n", f"{FOLDER}/README.md": "# all\n"}
ANY = Synthesis({}, {})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without pages, which should have `PAGES`."""
    monkeypatch.setattr(write, "ROOT", tmp_path)
    monkeypatch.setattr(write, "files", lambda _: dict(PAGES))
    return tmp_path


def test_missing_pages_are_reported_and_written_once(project: Path) -> None:
    assert {finding.address for finding in write.outdated(ANY)} == PAGES.keys()
    assert write.write(ANY) == sorted(PAGES)
    assert {path: (project / path).read_text() for path in PAGES} == PAGES
    assert (list(write.outdated(ANY)), write.write(ANY)) == ([], [])


def edited(project: Path) -> str:
    (project / FOLDER / "en" / "prod.md").write_text("# edited\n")
    return f"{FOLDER}/en/prod.md"


def removed(project: Path) -> str:
    (project / FOLDER / "ko" / "prod.md").unlink()
    return f"{FOLDER}/ko/prod.md"


def left_over(project: Path) -> str:
    (project / FOLDER / "ko" / "stage.md").write_text("# stage\n")
    return f"{FOLDER}/ko/stage.md"


@pytest.mark.parametrize("change", [edited, removed, left_over])
def test_each_outdated_page_is_reported_and_corrected(project: Path, change: Callable[[Path], str]) -> None:
    write.write(ANY)
    path = change(project)
    (finding,) = write.outdated(ANY)
    assert (finding.address, finding.control) == (path, "inventory.documents")
    assert "wealist accept" in finding.remedy
    assert write.write(ANY) == [path]
    assert list(write.outdated(ANY)) == []


def without_vpc(document: dict[str, Any]) -> None:
    del document["resource"]["aws_vpc"]


def invalid_origin(document: dict[str, Any]) -> None:
    document["resource"]["aws_cloudfront_distribution"]["frontend_distribution"]["origin"] = 5


@pytest.mark.parametrize("edit", [without_vpc, invalid_origin])
def test_nothing_is_written_when_a_stack_cannot_be_described(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edit: Callable[[dict[str, Any]], None]
) -> None:
    monkeypatch.setattr(write, "ROOT", tmp_path)
    with pytest.raises(OperatorError) as refused:
        write.write(mutated(environment_only(environment("dev")), "dev", edit))
    assert refused.value.exit_code == BAD_INPUT
    assert "dev" in refused.value.message
    assert "\n" not in refused.value.message
    assert list(tmp_path.iterdir()) == []
