"""GitHub's REST API through its own command line `gh`, which every runner has and which finds the job's token itself.

https://cli.github.com/manual/gh_api
"""

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from wealist.errors import BAD_INPUT, OperatorError

BOT: Final = "github-actions[bot]"
"""Who writes with a job's token. What anybody else wrote is never taken for ours."""


class GitHub:
    """One repository.

    Attributes:
        repository: OWNER/NAME.
    """

    def __init__(self, repository: str) -> None:
        """Find `gh`."""
        self.repository = repository
        found = shutil.which("gh")
        if not found:
            raise OperatorError(
                "there is no gh on PATH, GitHub's command line",
                remedy="install it from https://cli.github.com and log in; GitHub's own runners have it",
                exit_code=BAD_INPUT,
            )
        self._gh = found

    def get(self, path: str, **query: str | int) -> Any:  # noqa: ANN401  JSON
        """What is at a path below the repository's."""
        return json.loads(self._run("api", "--method", "GET", self._at(path), *_fields(query)))

    def pages(self, path: str, **query: str) -> list[dict[str, Any]]:
        """Every item of a list, page after page."""
        fields = _fields({**query, "per_page": 100})
        shown = self._run("api", "--method", "GET", "--paginate", "--slurp", self._at(path), *fields)
        return [item for page in json.loads(shown) for item in page]

    def send(self, method: str, path: str, body: Mapping[str, object]) -> None:
        """Write: POST or PATCH."""
        self._run("api", "--method", method, self._at(path), "--input", "-", given=json.dumps(body))

    def download(self, run: int, artifact: str, into: Path) -> Path:
        """Unpack an artifact of a workflow run into a folder of its name."""
        folder = into / artifact
        self._run("run", "download", str(run), "--repo", self.repository, "--name", artifact, "--dir", str(folder))
        return folder

    def artifacts(self, run: int) -> list[str]:
        """The names of a run's artifacts."""
        listed: list[dict[str, Any]] = self.get(f"actions/runs/{run}/artifacts", per_page=100)["artifacts"]
        return sorted({str(artifact["name"]) for artifact in listed if not artifact["expired"]})

    def _at(self, path: str) -> str:
        return f"repos/{self.repository}/{path}"

    def _run(self, *arguments: str, given: str | None = None) -> str:
        done = subprocess.run([self._gh, *arguments], input=given, capture_output=True, text=True, check=False)
        if done.returncode:
            raise OperatorError(
                f"gh {' '.join(arguments[:4])}: {(done.stderr or done.stdout).strip()}",
                remedy="see that the job has the permission and GH_TOKEN, and that GitHub is up; then run it again",
            )
        return done.stdout


def _fields(query: Mapping[str, str | int]) -> list[str]:
    return [part for name, value in query.items() for part in ("-f", f"{name}={value}")]


def written_by_us(items: Iterable[Mapping[str, Any]], marker: str) -> list[Mapping[str, Any]]:
    """The comments or issues that a job wrote and whose text begins with a marker, oldest first."""
    return [item for item in items if item["user"]["login"] == BOT and (item["body"] or "").startswith(marker)]
