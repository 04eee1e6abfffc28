"""A client of GitHub's REST API for one repository, with the token of a job or of an operator.

https://docs.github.com/en/rest
"""

import io
import os
import zipfile
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wealist.errors import BAD_INPUT, OperatorError
from wealist.operations.web import session

if TYPE_CHECKING:
    import requests

BOT: Final = "github-actions[bot]"
"""The author of what is written with a job's token."""
API: Final = "https://api.github.com"
_VERSION: Final = "2022-11-28"
_TOKENS: Final = ("GH_TOKEN", "GITHUB_TOKEN")


class GitHubError(OperatorError):
    """GitHub refused a request, or did not answer.

    Attributes:
        status: The HTTP status; 0 if there was no response.
        reason: GitHub's message.
    """

    def __init__(self, request: str, status: int, reason: str) -> None:
        super().__init__(
            f"GitHub refuses {request}: {f'{status} ' if status else ''}{reason}",
            remedy="check that the token has the permission and that GitHub is available; then run it again",
        )
        self.status = status
        self.reason = reason


class GitHub:
    """A client for one repository.

    Attributes:
        repository: OWNER/NAME.
    """

    def __init__(self, repository: str, environ: Mapping[str, str] = os.environ) -> None:
        """Read the token.

        Args:
            repository: OWNER/NAME.
            environ: The process environment: GH_TOKEN or GITHUB_TOKEN holds the token, GITHUB_API_URL the URL of the
                API, by default https://api.github.com.

        Raises:
            OperatorError: There is no token; exit code 2.
        """
        self.repository = repository
        token = next((environ[name] for name in _TOKENS if environ.get(name)), None)
        if not token:
            raise OperatorError(
                "there is no token for GitHub: neither GH_TOKEN nor GITHUB_TOKEN is set",
                remedy="export GH_TOKEN=$(gh auth token); in a workflow, give the step GH_TOKEN: ${{ github.token }}",
                exit_code=BAD_INPUT,
            )
        self._api = environ.get("GITHUB_API_URL", API)
        self._root = f"{self._api}/repos/{repository}"
        self._session = session()
        self._session.headers.update(
            {
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {token}",
                "X-GitHub-Api-Version": _VERSION,
            }
        )

    def get(self, path: str, **query: str | int) -> Any:  # noqa: ANN401  JSON
        """Return the JSON at a path of the repository; the empty path is the repository itself."""
        return self._request("GET", f"{self._root}/{path}".rstrip("/"), query).json()

    def organisation(self, name: str) -> dict[str, Any]:
        """Return an organisation, with the fields that the token may read."""
        organisation: dict[str, Any] = self._request("GET", f"{self._api}/orgs/{name}", {}).json()
        return organisation

    def find(self, path: str, **query: str | int) -> Any:  # noqa: ANN401  JSON
        """Return the JSON at a path, or None if GitHub answers 404: missing, or hidden from the token."""
        try:
            return self.get(path, **query)
        except GitHubError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def pages(self, path: str, **query: str) -> list[dict[str, Any]]:
        """Return the items of every page of a list."""
        items: list[dict[str, Any]] = []
        url, parameters = f"{self._root}/{path}", {**query, "per_page": "100"}
        while url:
            page = self._request("GET", url, parameters)
            items += page.json()
            # The URL of the next page includes the query.
            url, parameters = page.links.get("next", {}).get("url", ""), {}
        return items

    def send(self, method: str, path: str, body: Mapping[str, object]) -> None:
        """Send a POST or PATCH request."""
        self._request(method, f"{self._root}/{path}", {}, body)

    def download(self, run: int, artifact: str, into: Path) -> Path:
        """Unpack the newest artifact of that name of a workflow run into `into/NAME`, and return this folder."""
        newest = max((each["id"] for each in self._artifacts(run) if each["name"] == artifact), default=None)
        if newest is None:
            raise GitHubError(f"the artifact {artifact} of run {run}", 0, "it does not exist, or has expired")
        # GitHub redirects to another host, which requests does not send the token to.
        packed = self._request("GET", f"{self._root}/actions/artifacts/{newest}/zip", {}).content
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            archive.extractall(into / artifact)
        return into / artifact

    def artifacts(self, run: int) -> list[str]:
        """Return the names of a run's artifacts that have not expired."""
        return sorted({str(artifact["name"]) for artifact in self._artifacts(run)})

    def _artifacts(self, run: int) -> list[dict[str, Any]]:
        artifacts: list[dict[str, Any]] = self.get(f"actions/runs/{run}/artifacts", per_page=100)["artifacts"]
        return [artifact for artifact in artifacts if not artifact["expired"]]

    def _request(
        self,
        method: str,
        url: str,
        query: Mapping[str, str | int],
        body: Any = None,  # noqa: ANN401  JSON
    ) -> "requests.Response":
        import requests  # noqa: PLC0415  slow to import; most commands do not need it

        request = f"{method} {url.removeprefix(self._root).lstrip('/')}"
        try:
            answer = self._session.request(method, url, params=query, json=body)
        except requests.RequestException as error:
            raise GitHubError(request, 0, f"no answer ({type(error).__name__})") from None
        if not answer.ok:
            raise GitHubError(request, answer.status_code, _message(answer))
        return answer


def _message(answer: "requests.Response") -> str:
    """Return the message of a refusal, or the reason phrase of its status."""
    try:
        return str(answer.json()["message"])
    except (ValueError, LookupError, TypeError):
        return str(answer.reason)
