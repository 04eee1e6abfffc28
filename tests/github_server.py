"""A GitHub of a few answers on loopback, in the shapes that its REST API documents.

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
from wealist.operations.pipeline import record
from wealist.operations.pipeline.record import Record
from wealist.review.markdown import marker

REPOSITORY = "OrangesCloud/wealist-infrastructure"
TOKEN = "token-of-a-test"
_ROOT = f"/repos/{REPOSITORY}/"
_STORAGE = "/storage/"
"""Where artifacts lie. GitHub redirects to another host, which must not be sent the token."""


class GitHubServer:
    """What GitHub holds, and what was sent to it.

    Attributes:
        address: The server's.
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
        """What is at which path of the repository, with or without a query: `pulls?state=all&per_page=100`.

        The repository itself is at the empty path. A path that begins with a slash is none of the repository's.
        """
        self._answers |= answers
        self._refused = {path: each for path, each in self._refused.items() if path not in answers}

    def refuses(
        self, path: str, status: int = 403, message: str = "Resource not accessible by personal access token"
    ) -> None:
        """What is refused, and how GitHub says so."""
        self._refused[path] = (status, message)

    def plan(self, run: int, made: Record, review: str | None = None) -> None:
        """What the planning job of a stack left."""
        files = {record.RECORD_FILE: made.model_dump_json()}
        if made.plan or review:
            files[record.REVIEW_FILE] = review or f"{marker(made.stack)}\nreview of {made.stack}"
        self.artifact(run, f"plan-{made.stack}", files)

    def artifact(self, run: int, name: str, files: Mapping[str, str]) -> None:
        """What a job of a run uploaded."""
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
        """What a job of a run uploaded, by the names of the files."""
        listed = self._answers[f"actions/runs/{run}/artifacts"]["artifacts"]
        (number,) = [each["id"] for each in listed if each["name"] == name]
        with zipfile.ZipFile(io.BytesIO(self._artifacts[number - 1])) as archive:
            return {file: archive.read(file).decode() for file in archive.namelist()}

    def sent(self) -> list[tuple[str, str, dict[str, Any]]]:
        """What was written, in order."""
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
        """What is at a path. Of a list, the first page has one item, and the second the rest."""
        if path.startswith("actions/artifacts/") and path.endswith("/zip"):
            # Another name of the same machine: what a client takes for another host.
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
    """Start a GitHub."""
    with serving(server.answer) as server.address:
        yield server


def _refusal(status: int, message: str) -> Answer:
    body = {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
    return Answer(json.dumps(body).encode(), status, {"Content-Type": "application/json; charset=utf-8"})


def _json(value: object, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(
        json.dumps(value).encode(), 200, {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
    )
