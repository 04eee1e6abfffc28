"""The client of GitHub's REST API: pages, errors, retries and artifacts."""

import threading
from pathlib import Path

import pytest

from tests.github_server import REPOSITORY, GitHubServer
from tests.loopback import Answer, Request, serving
from tests.unit.operations.pipeline.conftest import plan_record
from wealist.errors import OperatorError
from wealist.operations import web
from wealist.operations.pipeline.github import GitHub, GitHubError
from wealist.operations.pipeline.plans import REVIEW_FILE, read_record

pytestmark = pytest.mark.usefixtures("immediate_retries")


def client(address: str) -> GitHub:
    return GitHub(REPOSITORY, {"GITHUB_TOKEN": "x", "GITHUB_API_URL": address})


def test_every_page_of_a_list_is_read(hub: GitHubServer, github: GitHub) -> None:
    hub.holds({"issues": [{"number": number} for number in range(3)]})
    assert [item["number"] for item in github.pages("issues")] == [0, 1, 2]


def test_a_refused_request_is_reported_with_its_path_and_githubs_message(github: GitHub) -> None:
    with pytest.raises(GitHubError, match="GitHub refuses GET nothing: 404 Not Found") as error:
        github.get("nothing")
    assert (error.value.status, error.value.reason) == (404, "Not Found")
    assert "permission" in error.value.remedy


@pytest.mark.parametrize("environ", [{}, {"GH_TOKEN": ""}, {"TOKEN": "x"}])
def test_a_missing_token_is_reported_with_where_to_get_one(environ: dict[str, str]) -> None:
    with pytest.raises(OperatorError, match="neither GH_TOKEN nor GITHUB_TOKEN is set") as error:
        GitHub(REPOSITORY, environ)
    assert "gh auth token" in error.value.remedy
    assert error.value.exit_code == 2


def test_an_unreachable_github_is_an_error_with_status_0() -> None:
    with pytest.raises(GitHubError, match=r"POST issues: no answer \(ConnectionError\)") as error:
        client("http://127.0.0.1:9").send("POST", "issues", {})
    assert error.value.status == 0


def test_requests_to_a_busy_github_are_repeated_twice() -> None:
    answers = iter([Answer(b"", 503), Answer(b"", 429, {"Retry-After": "0"}), Answer(b'{"id": 1}')])
    with serving(lambda _: next(answers)) as address:
        assert client(address).get("actions") == {"id": 1}
    with serving(lambda _: Answer(b"", 503)) as address, pytest.raises(GitHubError, match="503 Service Unavailable"):
        client(address).get("actions")


def test_a_request_without_an_answer_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "ANSWER_WITHIN", 0.02)
    over = threading.Event()

    def silent(_: Request) -> Answer:
        over.wait(10)
        return Answer(status=0)

    with serving(silent) as address:
        try:
            with pytest.raises(GitHubError, match=r"no answer \((ReadTimeout|ConnectionError)\)"):
                client(address).get("actions")
        finally:
            over.set()


def test_of_several_artifacts_with_one_name_the_newest_is_unpacked(
    hub: GitHubServer, github: GitHub, tmp_path: Path
) -> None:
    hub.plan(9, plan_record("prod", plan=None))
    hub.plan(9, plan_record("prod"), "a review")
    folder = github.download(9, "plan-prod", tmp_path)
    assert folder == tmp_path / "plan-prod"
    assert read_record(folder) == plan_record("prod")
    assert (folder / REVIEW_FILE).read_text() == "a review"


def test_a_missing_or_expired_artifact_is_an_error(hub: GitHubServer, github: GitHub, tmp_path: Path) -> None:
    hub.holds({"actions/runs/9/artifacts": {"artifacts": [{"id": 1, "name": "plan-prod", "expired": True}]}})
    with pytest.raises(GitHubError, match="the artifact plan-prod of run 9: it does not exist, or has expired"):
        github.download(9, "plan-prod", tmp_path)
