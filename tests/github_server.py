"""A GitHub on loopback, whose answers have the documented format of its REST API.

https://docs.github.com/en/rest
"""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from tests.loopback import Answer, Request, serving
from wealist.operations.pipeline.plans import RECORD_FILE, REVIEW_FILE, Record
from wealist.review.markdown import marker

REPOSITORY = "OrangesCloud/wealist-infrastructure"
TOKEN = "token-of-a-test"
_ROOT = f"/repos/{REPOSITORY}/"
_STORAGE = "/storage/"
"""The path of artifacts. GitHub redirects to another host, which must not receive the token."""


class GitHubServer:
    """The content of a repository on GitHub, and the requests that were received.

    Attributes:
        address: The URL of the server.
        environ: The process environment that leads a client here.
        asked: The path of every request, in order.
    """

    repository = REPOSITORY

    def __init__(self) -> None:
        self.address = ""
        self.clear()

    def clear(self) -> None:
        """Forget all content, and everything that was sent."""
        self.asked: list[str] = []
        self._answers: dict[str, Any] = {}
        self._refused: dict[str, tuple[int, str]] = {}
        self._artifacts: list[bytes] = []
        self._sent: list[tuple[str, str, dict[str, Any]]] = []

    @property
    def environ(self) -> dict[str, str]:
        return {"GH_TOKEN": TOKEN, "GITHUB_API_URL": self.address}

    def holds(self, answers: Mapping[str, Any]) -> None:
        """Set the answers by path below the repository, with or without a query: `pulls?state=all&per_page=100`.

        The empty path is the repository itself. A path that begins with a slash is outside of the repository.
        """
        self._answers |= answers
        self._refused = {path: each for path, each in self._refused.items() if path not in answers}

    def refuses(
        self, path: str, status: int = 403, message: str = "Resource not accessible by personal access token"
    ) -> None:
        """Refuse requests for a path."""
        self._refused[path] = (status, message)

    def plan(self, run: int, record: Record, review: str | None = None) -> None:
        """Add the artifact of a stack's planning job."""
        files = {RECORD_FILE: record.model_dump_json()}
        if record.plan or review:
            files[REVIEW_FILE] = review or f"{marker(record.stack)}\nreview of {record.stack}"
        self.artifact(run, f"plan-{record.stack}", files)

    def artifact(self, run: int, name: str, files: Mapping[str, str]) -> None:
        """Add an artifact of a run."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for file, text in files.items():
                archive.writestr(file, text)
        self._artifacts.append(packed.getvalue())
        path = f"actions/runs/{run}/artifacts"
        listed = self._answers.get(path, {"artifacts": []})["artifacts"]
        number = len(self._artifacts)
        self.holds({path: {"artifacts": [*listed, {"id": number, "name": name, "expired": False}]}})

    def files(self, run: int, name: str) -> dict[str, str]:
        """Return the files of an artifact, by name."""
        listed = self._answers[f"actions/runs/{run}/artifacts"]["artifacts"]
        (number,) = [each["id"] for each in listed if each["name"] == name]
        with zipfile.ZipFile(io.BytesIO(self._artifacts[number - 1])) as archive:
            return {file: archive.read(file).decode() for file in archive.namelist()}

    def sent(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return the POST and PATCH requests, in order."""
        return list(self._sent)

    def answer(self, request: Request) -> Answer:
        authorization = request.headers.get("Authorization")
        if request.path.startswith(_STORAGE):
            assert authorization is None
            return Answer(self._artifacts[int(request.path.removeprefix(_STORAGE)) - 1])
        if authorization != f"Bearer {TOKEN}":
            return _refusal(401, "Bad credentials")
        path = f"{request.path}/".removeprefix(_ROOT).rstrip("/")
        self.asked.append(path)
        if path in self._refused:
            return _refusal(*self._refused[path])
        return self._page(path, request.query) if request.method == "GET" else self._written(request, path)

    def _written(self, request: Request, path: str) -> Answer:
        self._sent.append((request.method, path, json.loads(request.body)))
        return Answer(b"{}", 201)

    def _page(self, path: str, query: Mapping[str, str]) -> Answer:
        """Answer a GET. The first page of a list has one item, the second the others."""
        if path.startswith("actions/artifacts/") and path.endswith("/zip"):
            # Another name of this machine, which clients treat as another host.
            elsewhere = self.address.replace("127.0.0.1", "localhost")
            return Answer(status=302, headers={"Location": f"{elsewhere}{_STORAGE}{path.split('/')[2]}"})
        wanted = {name: value for name, value in query.items() if name != "page"}
        named = f"{path}?{'&'.join(f'{name}={value}' for name, value in wanted.items())}"
        found = self._answers.get(named, self._answers.get(path))
        if found is None:
            return _refusal(404, "Not Found")
        if not isinstance(found, list) or "per_page" not in query:
            return _json(found)
        if query.get("page") == "2":
            return _json(found[1:])
        following = "&".join(f"{name}={quote(value)}" for name, value in {**wanted, "page": "2"}.items())
        link = {"Link": f'<{self.address}{_ROOT}{path}?{following}>; rel="next"'} if len(found) > 1 else {}
        return _json(found[:1], link)


@contextmanager
def github_server(server: GitHubServer) -> Iterator[GitHubServer]:
    """Run a GitHub."""
    with serving(server.answer) as server.address:
        yield server


def _refusal(status: int, message: str) -> Answer:
    body = {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
    return Answer(json.dumps(body).encode(), status, {"Content-Type": "application/json; charset=utf-8"})


def _json(value: object, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(
        json.dumps(value).encode(), 200, {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
    )
