from pathlib import Path

import pytest

from tests.unit.operations.pipeline.conftest import REPOSITORY, Hub, made
from wealist.errors import OperatorError
from wealist.operations.pipeline import record
from wealist.operations.pipeline.github import GitHub


def test_lists_are_read_to_their_last_page(hub: Hub, github: GitHub) -> None:
    hub.holds({"issues": [{"number": number} for number in range(3)]})
    assert [item["number"] for item in github.pages("issues")] == [0, 1, 2]


def test_what_github_refuses_is_said_with_what_was_asked(github: GitHub) -> None:
    with pytest.raises(OperatorError, match=r"gh api --method GET .*/nothing: gh: Not Found \(HTTP 404\)") as error:
        github.get("nothing")
    assert "permission" in error.value.remedy


def test_without_gh_it_is_said_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OperatorError, match="there is no gh on PATH") as error:
        GitHub(REPOSITORY)
    assert error.value.exit_code == 2


def test_an_artifact_is_unpacked_under_its_name(hub: Hub, github: GitHub, tmp_path: Path) -> None:
    hub.artifact(9, made("prod"), "a review")
    folder = github.download(9, "plan-prod", tmp_path / "artifacts")
    assert folder == tmp_path / "artifacts" / "plan-prod"
    assert record.read(folder) == made("prod")
    assert (folder / record.REVIEW_FILE).read_text() == "a review"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"stack": "prod"}',
        made().model_dump_json().replace("b" * 64, "B" * 64),
        made().model_dump_json().replace("b" * 64, "../state"),
        made().model_dump_json().replace("prod", "../prod"),
        made().model_dump_json().replace("}", ', "extra": 1}'),
    ],
)
def test_what_is_no_record_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / record.RECORD_FILE).write_text(text)
    with pytest.raises(OperatorError, match=r"record\.json is no record of a plan") as error:
        record.read(tmp_path)
    assert error.value.exit_code == 2


def test_a_missing_record_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="is no record of a plan"):
        record.read(tmp_path)
