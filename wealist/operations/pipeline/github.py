"""GitHub's REST API for one repository, with the token of a job or of an operator.

https://docs.github.com/en/rest
"""

import io
import os
import zipfile
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wealist.errors import BAD_INPUT, OperatorError
from wealist.operations.web import session

if TYPE_CHECKING:
    import requests

BOT: Final = "github-actions[bot]"
"""Who writes with a job's token. What anybody else wrote is never taken for ours."""
API: Final = "https://api.github.com"
_VERSION: Final = "2022-11-28"
_TOKENS: Final = ("GH_TOKEN", "GITHUB_TOKEN")


class GitHubError(OperatorError):
    """GitHub refused a request, or could not be reached.

    Attributes:
        status: The HTTP status; 0 where there was no answer.
        reason: What GitHub says.
    """

    def __init__(self, request: str, status: int, reason: str) -> None:
        super().__init__(
            f"GitHub refuses {request}: {f'{status} ' if status else ''}{reason}",
            remedy="see that the token has the permission, and that GitHub is up; then run it again",
        )
        self.status = status
        self.reason = reason


class GitHub:
    """One repository.

    Attributes:
        repository: OWNER/NAME.
    """

    def __init__(self, repository: str, environ: Mapping[str, str] = os.environ) -> None:
        """Take the token.

        Args:
            repository: OWNER/NAME.
            environ: The process environment: a token in GH_TOKEN or GITHUB_TOKEN; GITHUB_API_URL is another address of
                the API, as GitHub's own runners set it.
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
        """What is at a path below the repository's; the repository itself at the empty one."""
        return self._ask("GET", f"{self._root}/{path}".rstrip("/"), query).json()

    def of_organisation(self, name: str) -> dict[str, Any]:
        """What an organisation is, as far as the token may see it."""
        found: dict[str, Any] = self._ask("GET", f"{self._api}/orgs/{name}", {}).json()
        return found

    def find(self, path: str, **query: str | int) -> Any:  # noqa: ANN401  JSON
        """What is at a path; None where GitHub has nothing there, or hides it."""
        try:
            return self.get(path, **query)
        except GitHubError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def pages(self, path: str, **query: str) -> list[dict[str, Any]]:
        """Every item of a list, page after page."""
        found: list[dict[str, Any]] = []
        url, wanted = f"{self._root}/{path}", {**query, "per_page": "100"}
        while url:
            page = self._ask("GET", url, wanted)
            found += page.json()
            # The address of the next page holds the query.
            url, wanted = page.links.get("next", {}).get("url", ""), {}
        return found

    def send(self, method: str, path: str, body: Mapping[str, object]) -> None:
        """Write: POST or PATCH."""
        self._ask(method, f"{self._root}/{path}", {}, body)

    def download(self, run: int, artifact: str, into: Path) -> Path:
        """Unpack the newest artifact of a name of a workflow run into a folder of that name."""
        newest = max((each["id"] for each in self._artifacts(run) if each["name"] == artifact), default=None)
        if newest is None:
            raise GitHubError(f"the artifact {artifact} of run {run}", 0, "there is none that has not expired")
        # Where it lies, the token is not sent to: that is another host.
        packed = self._ask("GET", f"{self._root}/actions/artifacts/{newest}/zip", {}).content
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            archive.extractall(into / artifact)
        return into / artifact

    def artifacts(self, run: int) -> list[str]:
        """The names of a run's artifacts."""
        return sorted({str(artifact["name"]) for artifact in self._artifacts(run)})

    def _artifacts(self, run: int) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.get(f"actions/runs/{run}/artifacts", per_page=100)["artifacts"]
        return [artifact for artifact in listed if not artifact["expired"]]

    def _ask(
        self,
        method: str,
        url: str,
        query: Mapping[str, str | int],
        body: Any = None,  # noqa: ANN401  JSON
    ) -> "requests.Response":
        import requests  # noqa: PLC0415  comes with moto; commands that ask GitHub nothing start in milliseconds

        named = f"{method} {url.removeprefix(self._root).lstrip('/')}"
        try:
            answer = self._session.request(method, url, params=query, json=body)
        except requests.RequestException as error:
            raise GitHubError(named, 0, f"no answer ({type(error).__name__})") from None
        if not answer.ok:
            raise GitHubError(named, answer.status_code, _message(answer))
        return answer


def _message(answer: "requests.Response") -> str:
    """What GitHub says of a refusal: JSON with a message, or what stands for the status."""
    try:
        return str(answer.json()["message"])
    except (ValueError, LookupError, TypeError):
        return str(answer.reason)


def written_by_us(items: Iterable[Mapping[str, Any]], marker: str) -> list[Mapping[str, Any]]:
    """The comments or issues that a job wrote and whose text begins with a marker, oldest first."""
    return [item for item in items if item["user"]["login"] == BOT and (item["body"] or "").startswith(marker)]
