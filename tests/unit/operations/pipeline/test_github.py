import threading
from pathlib import Path

import pytest

from tests.github_server import REPOSITORY, GitHubServer
from tests.loopback import Answer, Request, serving
from tests.unit.operations.pipeline.conftest import made
from wealist.errors import OperatorError
from wealist.operations import web
from wealist.operations.pipeline import record
from wealist.operations.pipeline.github import GitHub, GitHubError

pytestmark = pytest.mark.usefixtures("immediate_retries")


def test_lists_are_read_to_their_last_page(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({"issues": [{"number": number} for number in range(3)]})
    assert [item["number"] for item in github.pages("issues")] == [0, 1, 2]


def test_what_github_refuses_is_said_with_what_was_asked(github: GitHub) -> None:
    with pytest.raises(GitHubError, match="GitHub refuses GET nothing: 404 Not Found") as error:
        github.get("nothing")
    assert (error.value.status, error.value.reason) == (404, "Not Found")
    assert "permission" in error.value.remedy


@pytest.mark.parametrize("environ", [{}, {"GH_TOKEN": ""}, {"TOKEN": "x"}])
def test_without_a_token_it_is_said_where_one_comes_from(environ: dict[str, str]) -> None:
    with pytest.raises(OperatorError, match="neither GH_TOKEN nor GITHUB_TOKEN is set") as error:
        GitHub(REPOSITORY, environ)
    assert "gh auth token" in error.value.remedy
    assert error.value.exit_code == 2


def test_a_github_that_cannot_be_reached_is_no_traceback(hub: GitHubServer) -> None:
    nobody = GitHub(REPOSITORY, hub.environ | {"GITHUB_API_URL": "http://127.0.0.1:9"})
    with pytest.raises(GitHubError, match=r"POST issues: no answer \(ConnectionError\)") as error:
        nobody.send("POST", "issues", {})
    assert error.value.status == 0


def test_a_busy_github_is_asked_again_a_few_times() -> None:
    answers = iter([Answer(b"", 503), Answer(b"", 429, {"Retry-After": "0"}), Answer(b'{"id": 1}')])
    with serving(lambda _: next(answers)) as address:
        environ = {"GITHUB_TOKEN": "x", "GITHUB_API_URL": address}
        assert GitHub(REPOSITORY, environ).get("actions") == {"id": 1}
    with serving(lambda _: Answer(b"", 503)) as address, pytest.raises(GitHubError, match="503 Service Unavailable"):
        GitHub(REPOSITORY, {"GITHUB_TOKEN": "x", "GITHUB_API_URL": address}).get("actions")


def test_a_github_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "ANSWER_WITHIN", 0.02)
    gone = threading.Event()

    def silent(_: Request) -> Answer:
        gone.wait(10)
        return Answer(status=0)

    with serving(silent) as address:
        try:
            with pytest.raises(GitHubError, match=r"no answer \((ReadTimeout|ConnectionError)\)"):
                GitHub(REPOSITORY, {"GITHUB_TOKEN": "x", "GITHUB_API_URL": address}).get("actions")
        finally:
            gone.set()


def test_of_artifacts_of_one_name_the_newest_counts(hub: GitHubServer, github: GitHub, tmp_path: Path) -> None:
    hub.plan(9, made("prod", plan=None))
    hub.plan(9, made("prod"))
    assert record.read(github.download(9, "plan-prod", tmp_path)) == made("prod")


def test_an_artifact_that_is_not_there_is_named(hub: GitHubServer, github: GitHub, tmp_path: Path) -> None:
    hub.holds({"actions/runs/9/artifacts": {"artifacts": [{"id": 1, "name": "plan-prod", "expired": True}]}})
    with pytest.raises(GitHubError, match="the artifact plan-prod of run 9: there is none that has not expired"):
        github.download(9, "plan-prod", tmp_path)


def test_an_artifact_is_unpacked_under_its_name(hub: GitHubServer, github: GitHub, tmp_path: Path) -> None:
    hub.plan(9, made("prod"), "a review")
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
